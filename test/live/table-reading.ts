/** What a counts table says, read item by item as docs/table.md describes it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Counts } from './known-trips.ts'

type Item = Record<string, unknown>

const MEASURES = ['pickups', 'dropoffs', 'passengers', 'distance', 'fare', 'tip', 'total']

export class TableReading {
  readonly #client: DynamoDBDocumentClient
  readonly #name: string

  constructor(client: DynamoDBClient, name: string) {
    this.#client = DynamoDBDocumentClient.from(client)
    this.#name = name
  }

  /** The only generation there is; undefined until a worker has begun it. */
  async generation(): Promise<string | undefined> {
    const [item] = await this.#query('generation')
    return item === undefined ? undefined : String(item.sk)
  }

  async run(): Promise<Item> {
    return (await this.#query('run'))[0] ?? {}
  }

  async status(generation: string, run: string): Promise<Item> {
    return (await this.#query(`status#${generation}#${run}`))[0] ?? {}
  }

  /** Trips that workers took from the stream: counted, and skipped because they were before. */
  async consumed(generation: string): Promise<{ counted: number; skipped: number }> {
    const consumed = { counted: 0, skipped: 0 }
    for (const progress of await this.#query(`progress#${generation}`)) {
      consumed.counted += Number(progress.tripsCounted)
      consumed.skipped += Number(progress.duplicates)
    }
    return consumed
  }

  /** All hours of a run, pane by pane. */
  async counts(generation: string, run: string): Promise<Counts> {
    const counts: Counts = new Map()
    for (const hour of await this.#query(`hour#${generation}#${run}`)) {
      const day = String(hour.sk).slice(0, 11)
      for (const [time, pane] of Object.entries(hour.panes as Record<string, Item>)) {
        addPane(counts, day + time, pane)
      }
    }
    return counts
  }

  async #query(pk: string): Promise<Item[]> {
    const items: Item[] = []
    let start: Item | undefined
    do {
      const query = new QueryCommand({
        TableName: this.#name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      })
      const page = await this.#client.send(query)
      items.push(...(page.Items ?? []))
      start = page.LastEvaluatedKey
    } while (start !== undefined)
    return items
  }
}

function addPane(counts: Counts, start: string, pane: Item): void {
  const ids = pane.ids as string[]
  for (const measure of MEASURES) {
    for (const [i, value] of (pane[measure] as number[]).entries()) {
      if (value !== 0) counts.set(`${start} ${ids[i]} ${measure}`, value)
    }
  }
  const ends = pane.unclassified as Record<string, Record<string, number>>
  for (const [end, reasons] of Object.entries(ends)) {
    for (const [reason, value] of Object.entries(reasons)) {
      counts.set(`${start} ${end} ${reason}`, value)
    }
  }
}
