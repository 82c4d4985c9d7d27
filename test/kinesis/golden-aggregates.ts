import { readFileSync } from 'node:fs'

/** One case of test/golden/kpl-aggregates: a Kinesis record, and what KCL reads in it. */
export interface GoldenAggregate {
  name: string
  startingHashKey: string
  endingHashKey: string
  data: Uint8Array
  kcl: {
    partitionKey: string
    explicitHashKey: string | null
    subSequenceNumber: number
    aggregated: boolean
    data: Uint8Array
  }[]
}

const file = new URL('../../../test/golden/kpl-aggregates/aggregates.json', import.meta.url)

export const goldenAggregates = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
  key === 'data' && typeof value === 'string'
    ? new Uint8Array(Buffer.from(value, 'base64'))
    : value,
) as GoldenAggregate[]

export function goldenAggregate(name: string): GoldenAggregate {
  const found = goldenAggregates.find((golden) => golden.name === name)
  if (found === undefined) throw new Error(`got no golden aggregate "${name}"`)
  return found
}
