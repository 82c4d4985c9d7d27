/** Items of one partition page by page, with what reading them cost. */
import { QueryCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Item } from '../counts/table-port.ts'
import type { AttributeMap } from './attribute-values.ts'
import { attributesFrom, itemFrom } from './attribute-values.ts'
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
  const table = new Resource(`DynamoDB table ${tableName}`, {
    code: 'TABLE',
    fix: 'Run `hailstream init`, or name another table with --table.',
  })
  let start: AttributeMap | undefined =
    after === null ? undefined : attributesFrom({ pk, sk: after })
  do {
    const page = await table.call(() =>
      client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: attributesFrom({ ':pk': pk, ':from': from, ':to': to }),
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
