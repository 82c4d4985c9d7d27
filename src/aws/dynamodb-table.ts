/** The counts table over the AWS SDK. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/lib-dynamodb'
import type { HailstreamError } from '../errors.ts'
import type { Condition, Item, ItemKey, TablePort, Value } from '../counts/table-port.ts'
import { conditionExpression } from './condition-expression.ts'
import { errorName, serviceError } from './service-error.ts'

/** Keys in one BatchGetItem; docs.aws.amazon.com/amazondynamodb, API_BatchGetItem, 2026-11. */
const BATCH_GET_KEYS = 100
const BATCH_GETS_AT_ONCE = 4

export class DynamodbTable implements TablePort {
  readonly #client: DynamoDBDocumentClient
  readonly #name: string

  constructor(client: DynamoDBClient, name: string) {
    this.#client = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    })
    this.#name = name
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    const reply = await this.#call(() =>
      this.#client.send(
        new GetCommand({ TableName: this.#name, Key: { ...key }, ConsistentRead: true }),
      ),
    )
    return reply.Item === undefined ? undefined : itemFrom(reply.Item)
  }

  async getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    const items: Item[] = []
    const chunks: ItemKey[][] = []
    for (let i = 0; i < keys.length; i += BATCH_GET_KEYS) {
      chunks.push(keys.slice(i, i + BATCH_GET_KEYS))
    }
    const fetch = async (): Promise<void> => {
      for (let chunk = chunks.pop(); chunk !== undefined; chunk = chunks.pop()) {
        items.push(...(await this.#getChunk(chunk)))
      }
    }
    await Promise.all(Array.from({ length: BATCH_GETS_AT_ONCE }, fetch))
    return items
  }

  async #getChunk(keys: readonly ItemKey[]): Promise<Item[]> {
    const items: Item[] = []
    let wanted: Record<string, unknown>[] = keys.map(({ pk, sk }) => ({ pk, sk }))
    while (wanted.length > 0) {
      const reply = await this.#call(() =>
        this.#client.send(
          new BatchGetCommand({
            RequestItems: { [this.#name]: { Keys: wanted, ConsistentRead: true } },
          }),
        ),
      )
      for (const item of reply.Responses?.[this.#name] ?? []) items.push(itemFrom(item))
      wanted = reply.UnprocessedKeys?.[this.#name]?.Keys ?? []
    }
    return items
  }

  async query(pk: string, range: { from?: string; to?: string } = {}): Promise<Item[]> {
    const { from, to } = range
    const bounds =
      from !== undefined && to !== undefined
        ? ' AND sk BETWEEN :from AND :to'
        : from !== undefined
          ? ' AND sk >= :from'
          : to !== undefined
            ? ' AND sk <= :to'
            : ''
    const items: Item[] = []
    let start: Record<string, unknown> | undefined
    do {
      const page = await this.#call(() =>
        this.#client.send(
          new QueryCommand({
            TableName: this.#name,
            KeyConditionExpression: `pk = :pk${bounds}`,
            ExpressionAttributeValues: {
              ':pk': pk,
              ...(from !== undefined && { ':from': from }),
              ...(to !== undefined && { ':to': to }),
            },
            ConsistentRead: true,
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        ),
      )
      for (const item of page.Items ?? []) items.push(itemFrom(item))
      start = page.LastEvaluatedKey
    } while (start !== undefined)
    return items
  }

  async *scan(prefix: string, attributes?: readonly string[]): AsyncIterable<Item[]> {
    const names = Object.fromEntries((attributes ?? []).map((name, i) => [`#a${i}`, name]))
    let start: Record<string, unknown> | undefined
    do {
      const page = await this.#call(() =>
        this.#client.send(
          new ScanCommand({
            TableName: this.#name,
            FilterExpression: 'begins_with(pk, :prefix)',
            ExpressionAttributeValues: { ':prefix': prefix },
            ConsistentRead: true,
            ...(attributes !== undefined && {
              ProjectionExpression: ['pk', 'sk', ...Object.keys(names)].join(', '),
              ...(attributes.length > 0 && { ExpressionAttributeNames: names }),
            }),
            ...(start !== undefined && { ExclusiveStartKey: start }),
          }),
        ),
      )
      yield (page.Items ?? []).map(itemFrom)
      start = page.LastEvaluatedKey
    } while (start !== undefined)
  }

  async put(item: Item, condition?: Condition): Promise<'ok' | 'refused'> {
    try {
      await this.#client.send(
        new PutCommand({
          TableName: this.#name,
          Item: item,
          ...(condition !== undefined && conditionExpression(condition)),
        }),
      )
      return 'ok'
    } catch (error) {
      if (errorName(error) === 'ConditionalCheckFailedException') return 'refused'
      throw this.#error(error)
    }
  }

  async delete(key: ItemKey): Promise<void> {
    await this.#call(() =>
      this.#client.send(new DeleteCommand({ TableName: this.#name, Key: { ...key } })),
    )
  }

  async #call<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      throw this.#error(error)
    }
  }

  #error(error: unknown): HailstreamError {
    return serviceError(error, `DynamoDB table ${this.#name}`, {
      code: 'TABLE',
      fix: 'Run `hailstream init`, or name another table with --table.',
    })
  }
}

/** The SDK types attributes loosely; what we wrote is what we read. */
function itemFrom(attributes: Record<string, unknown>): Item {
  return attributes as Record<string, Value> & ItemKey
}
