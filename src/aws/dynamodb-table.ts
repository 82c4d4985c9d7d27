/** The counts table over the AWS SDK. */
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Condition, Item, ItemKey, TablePort } from '../counts/table-port.ts'
import { HailstreamError } from '../errors.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { systemRandom } from '../time/random.ts'
import type { Slices } from '../time/slices.ts'
import { slicesOf } from '../time/slices.ts'
import type { AttributeMap } from './attribute-values.ts'
import { attributesFrom, itemFrom } from './attribute-values.ts'
import { putInput, putJson } from './put-item.ts'
import { Resource } from './resource.ts'
import { ShortWay } from './short-way.ts'

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
  readonly #short: Record<'get' | 'batchGet' | 'query' | 'put', ShortWay>
  readonly #slices: Slices

  constructor(client: DynamoDBClient, name: string, pauses: Pauses = SYSTEM_PAUSES) {
    this.#client = client
    this.#name = name
    this.#table = new Resource(`DynamoDB table ${name}`, {
      code: 'TABLE',
      fix: 'Run `hailstream init`, or name another table with --table.',
    })
    this.#pauses = pauses
    this.#short = {
      get: new ShortWay(client, 'DynamoDB_20120810.GetItem', pauses.clock),
      batchGet: new ShortWay(client, 'DynamoDB_20120810.BatchGetItem', pauses.clock),
      query: new ShortWay(client, 'DynamoDB_20120810.Query', pauses.clock),
      put: new ShortWay(client, 'DynamoDB_20120810.PutItem', pauses.clock),
    }
    this.#slices = slicesOf(pauses.clock)
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    const get = new GetItemCommand({
      TableName: this.#name,
      Key: keyOf(key),
      ConsistentRead: true,
    })
    const reply = await this.#ask(this.#short.get, get.input, () => this.#client.send(get))
    return reply.Item === undefined || reply.Item === null ? undefined : itemFrom(reply.Item)
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
      const get = new BatchGetItemCommand({
        RequestItems: { [this.#name]: { Keys: wanted, ConsistentRead: true } },
      })
      const reply = await this.#ask(this.#short.batchGet, get.input, () => this.#client.send(get))
      await this.#addItems(reply.Responses?.[this.#name], items)
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
      const query = new QueryCommand({
        TableName: this.#name,
        KeyConditionExpression: `pk = :pk${bounds}`,
        ExpressionAttributeValues: attributesFrom({ ':pk': pk, ':from': from, ':to': to }),
        ConsistentRead: true,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      })
      const page = await this.#ask(this.#short.query, query.input, () => this.#client.send(query))
      await this.#addItems(page.Items, items)
      start = page.LastEvaluatedKey ?? undefined
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
    while (this.#slices.over) await this.#slices.pause()
    const answer = await this.#short.put.call(putJson(this.#name, item, condition))
    if (answer?.status === 200) return 'ok'
    if (answer?.status === 400 && REFUSED.test(answer.text)) return 'refused'
    const put = new PutItemCommand(putInput(this.#name, item, condition))
    try {
      return (await this.#table.holds(() => this.#client.send(put))) ? 'ok' : 'refused'
    } catch (error) {
      throw namingItem(error, item)
    }
  }

  async delete(key: ItemKey): Promise<void> {
    await this.#table.call(() =>
      this.#client.send(new DeleteItemCommand({ TableName: this.#name, Key: keyOf(key) })),
    )
  }

  /** `input` has texts alone, or its JSON would be another. */
  async #ask(short: ShortWay, input: object, bySdk: () => Promise<Read>): Promise<Read> {
    const answer = await short.call(JSON.stringify(input))
    if (answer?.status !== 200) return this.#table.call(bySdk)
    while (this.#slices.over) await this.#slices.pause()
    const reply: unknown = await this.#table.call(async () => JSON.parse(answer.text) as unknown)
    return isRead(reply) ? reply : {}
  }

  /** A page may have a megabyte of small numbers. */
  async #addItems(found: readonly unknown[] | null | undefined, to: Item[]): Promise<void> {
    for (const item of found ?? []) {
      while (this.#slices.over) await this.#slices.pause()
      to.push(itemFrom(item))
    }
  }
}

/** What reads reply, as the SDK has it or as it was sent: then null stands for nothing. */
interface Read {
  Item?: unknown
  Items?: readonly unknown[] | null | undefined
  Responses?: Record<string, readonly unknown[]> | null | undefined
  UnprocessedKeys?: Record<string, { Keys?: AttributeMap[] | undefined }> | null | undefined
  LastEvaluatedKey?: AttributeMap | null | undefined
}

function isRead(reply: unknown): reply is Read {
  return typeof reply === 'object' && reply !== null
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
