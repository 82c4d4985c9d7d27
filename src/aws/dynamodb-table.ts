/** The counts table over the AWS SDK. */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient, PutItemCommandInput } from '@aws-sdk/client-dynamodb'
import type { Condition, Item, ItemKey, TablePort } from '../counts/table-port.ts'
import { HailstreamError } from '../errors.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { systemRandom } from '../time/random.ts'
import type { AttributeMap } from './attribute-values.ts'
import { attributesFrom, attributesJson, itemFrom } from './attribute-values.ts'
import type { ConditionExpression } from './condition-expression.ts'
import { conditionExpression } from './condition-expression.ts'
import { Resource } from './resource.ts'
import { ShortWay, WATCHED } from './short-way.ts'

/** Keys in one BatchGetItem; docs.aws.amazon.com/amazondynamodb, API_BatchGetItem, 2026-11. */
const BATCH_GET_KEYS = 100
const BATCH_GETS_AT_ONCE = 4

/** As the answer says that the condition of a put did not hold. */
const REFUSED = /"__type":"[^"]*ConditionalCheckFailedException"/

/** What is waited by, and by chance how long, before a read is asked for the rest of its keys. */
export interface Pauses {
  clock: Clock
  random: Random
}

const SYSTEM_PAUSES: Pauses = { clock: systemClock, random: systemRandom }

export class DynamodbTable implements TablePort {
  readonly #client: DynamoDBClient
  readonly #name: string
  readonly #table: Resource
  readonly #pauses: Pauses
  readonly #shortPut: ShortWay

  constructor(client: DynamoDBClient, name: string, pauses: Pauses = SYSTEM_PAUSES) {
    this.#client = client
    this.#name = name
    this.#table = new Resource(`DynamoDB table ${name}`, {
      code: 'TABLE',
      fix: 'Run `hailstream init`, or name another table with --table.',
    })
    this.#pauses = pauses
    this.#shortPut = new ShortWay(client)
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    const reply = await this.#table.call(() =>
      this.#client.send(
        new GetItemCommand({ TableName: this.#name, Key: keyOf(key), ConsistentRead: true }),
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

  /**
   * Keys come back unprocessed when the reply is full, or when the table is throttled: then to ask
   * again at once would make it worse.
   */
  async #getChunk(keys: readonly ItemKey[]): Promise<Item[]> {
    const { clock, random } = this.#pauses
    const items: Item[] = []
    let wanted: AttributeMap[] = keys.map(keyOf)
    for (let attempt = 0; wanted.length > 0; attempt++) {
      if (attempt > 0) await clock.sleep(backoffMillis(attempt, random))
      const reply = await this.#table.call(() =>
        this.#client.send(
          new BatchGetItemCommand({
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
    let start: AttributeMap | undefined
    do {
      const page = await this.#table.call(() =>
        this.#client.send(
          new QueryCommand({
            TableName: this.#name,
            KeyConditionExpression: `pk = :pk${bounds}`,
            ExpressionAttributeValues: attributesFrom({ ':pk': pk, ':from': from, ':to': to }),
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
    let start: AttributeMap | undefined
    do {
      const page = await this.#table.call(() =>
        this.#client.send(
          new ScanCommand({
            TableName: this.#name,
            FilterExpression: 'begins_with(pk, :prefix)',
            ExpressionAttributeValues: attributesFrom({ ':prefix': prefix }),
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
    const expression = condition === undefined ? undefined : conditionExpression(condition)
    const answer = await this.#shortPut.call(putJson(this.#name, item, expression))
    if (answer?.status === 200) return 'ok'
    if (answer?.status === 400 && REFUSED.test(answer.text)) return 'refused'
    const put = new PutItemCommand({
      TableName: this.#name,
      Item: attributesFrom(item),
      ...(expression !== undefined && inputOf(expression)),
    })
    try {
      return (await this.#table.holds(() => this.#putBySdk(put))) ? 'ok' : 'refused'
    } catch (error) {
      throw namingItem(error, item)
    }
  }

  async #putBySdk(put: PutItemCommand): Promise<unknown> {
    if (this.#shortPut.isKnown) return this.#client.send(put)
    put.middlewareStack.add(
      (next) => async (args) => {
        const reply = await next(args)
        this.#shortPut.learn(args.request)
        return reply
      },
      WATCHED,
    )
    // With options: otherwise the SDK keeps the steps of this command for all those to come.
    return this.#client.send(put, {})
  }

  async delete(key: ItemKey): Promise<void> {
    await this.#table.call(() =>
      this.#client.send(new DeleteItemCommand({ TableName: this.#name, Key: keyOf(key) })),
    )
  }
}

/** Of an item that is too large people have to know which it is. */
function namingItem(error: unknown, { pk, sk }: ItemKey): unknown {
  if (!(error instanceof HailstreamError) || error.code !== 'ITEM_SIZE') return error
  const { subject, ...parts } = error.parts
  return new HailstreamError(
    error.code,
    { subject: `${subject}, item ${pk} ${sk}`, ...parts },
    { cause: error.cause },
  )
}

function keyOf({ pk, sk }: ItemKey): AttributeMap {
  return attributesFrom({ pk, sk })
}

function inputOf({
  ExpressionAttributeValues: values,
  ...expression
}: ConditionExpression): Omit<PutItemCommandInput, 'TableName' | 'Item'> {
  return {
    ...expression,
    ...(values !== undefined && { ExpressionAttributeValues: attributesFrom(values) }),
  }
}

/** The same as JSON. */
function putJson(table: string, item: Item, expression: ConditionExpression | undefined): string {
  const json = `{"TableName":${JSON.stringify(table)},"Item":${attributesJson(item)}`
  if (expression === undefined) return `${json}}`
  const { ExpressionAttributeValues: values, ...rest } = expression
  const typed = values === undefined ? '' : `,"ExpressionAttributeValues":${attributesJson(values)}`
  return `${json},${JSON.stringify(rest).slice(1, -1)}${typed}}`
}
