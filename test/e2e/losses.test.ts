import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { createClients } from '../../src/aws/clients.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { frontierKey } from '../../src/counts/keys.ts'
import { listOf } from '../../src/counts/item-values.ts'
import type { Bench } from '../support/bench.ts'
import { runStatus, untilStatus, withBench } from '../support/bench.ts'
import { suite } from '../support/suite.ts'

export const fileTimeoutMillis = 120_000

const test = suite('trips that a stream has lost', { timeoutMillis: 90_000 })
const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']

/** What a lane skips, as if someone had taken it out of the stream. */
async function skipTrips(bench: Bench, lane: number, trips: number): Promise<number> {
  const clients = createClients(bench.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, 'hailstream-counts')
    const item = await table.get(frontierKey('mine'))
    assert.ok(item)
    const acknowledged = listOf(item.acknowledged).map(Number)
    const from = acknowledged[lane]
    acknowledged[lane] += trips
    await table.put({ ...item, acknowledged })
    return from
  } finally {
    clients.destroy()
  }
}

test('are told by status and by verify, with their lane and range', async () => {
  await withBench(async (bench) => {
    await writeSampleTrips(join(bench.cwd, 'trips.csv'), { trips: 1_000 })
    assert.is((await bench.run('init', '--shards', '2')).code, 0)
    bench.begin('count', ...CITY)
    const replay = ['replay', 'trips.csv', '--run-id', 'mine']
    const stopped = bench.begin(...replay, '--duration', '40s')
    await untilStatus(bench, 'some trips', ({ trips }) => Number(trips) >= 20)
    stopped.process.kill('SIGINT')
    await stopped.ended
    const from = await skipTrips(bench, 2, 20)
    assert.is((await bench.run(...replay, '--speed', 'max')).code, 0)

    await untilStatus(bench, 'the end', ({ complete }) => complete === true)
    const status = await runStatus(bench)
    assert.equal(
      [status?.lostTrips, status?.lost, status?.trips],
      [20, [{ lane: 2, first: from, last: from + 19 }], 980],
    )
    const { code, stdout } = await bench.run('verify', 'trips.csv', ...CITY)
    assert.is(code, 1)
    assert.match(stdout, /^LOST: 20 trips are known to be missing from the stream$/m)
    assert.match(stdout, new RegExp(`^ {2}lane 2: trips ${from} to ${from + 19} \\(20\\)$`, 'm'))
    assert.match(stdout, /^NOT EQUAL: /m)
  })
})

test.run()
