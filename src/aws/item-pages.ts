/** Items of one partition page by page, with what reading them cost. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import type { Item, Value } from '../counts/table-port.ts'
import { Resource } from './resource.ts'

export interface ItemPage {
  items: Item[]
  /** Read units. */
  units: number
}

export interface PageRange {
  pk: string
  /** Bounds of the sort key, inclusive. */
  from?: string
  to?: string
  /** Begins after this sort key. */
  after?: string | null
  /** Items on a page, at most; a page never has more than 1 MB. */
  limit: number
}

/** By ascending sort key, strongly consistent within a page. */
export async function* itemPages(
  client: DynamoDBClient,
  tableName: string,
  { pk, from = ' ', to = '\u{10ffff}', after = null, limit }: PageRange,
): AsyncGenerator<ItemPage> {
  const documents = DynamoDBDocumentClient.from(client)
  const table = new Resource(`DynamoDB table ${tableName}`, {
    code: 'TABLE',
    fix: 'Run `hailstream init`, or name another table with --table.',
  })
  let start: Record<string, unknown> | undefined = after === null ? undefined : { pk, sk: after }
  do {
    const page = await table.call(() =>
      documents.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
          ConsistentRead: true,
          Limit: limit,
          ReturnConsumedCapacity: 'TOTAL',
          ...(start !== undefined && { ExclusiveStartKey: start }),
        }),
      ),
    )
    const items = (page.Items ?? []).map(itemFrom)
    yield { items, units: page.ConsumedCapacity?.CapacityUnits ?? items.length }
    start = page.LastEvaluatedKey
  } while (start !== undefined)
}

/** The SDK types attributes loosely; what we wrote is what we read. */
function itemFrom(attributes: Record<string, unknown>): Item {
  const { pk, sk } = attributes
  return { ...(attributes as Record<string, Value>), pk: String(pk), sk: String(sk) }
}
