import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import type { Bench } from '../support/bench.ts'
import { untilStatus, withBench } from '../support/bench.ts'
import { suite } from '../support/suite.ts'

export const fileTimeoutMillis = 400_000

const test = suite('the processes apart', { timeoutMillis: 180_000 })
const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']

/** A bench with a file of trips in its folder. */
function withTrips(trips: number, work: (bench: Bench) => Promise<void>): Promise<void> {
  return withBench(async (bench) => {
    await writeSampleTrips(join(bench.cwd, 'trips.csv'), { trips })
    await work(bench)
  })
}

function untilSent(bench: Bench, least: number): Promise<void> {
  return untilStatus(bench, `${least} trips counted`, ({ trips }) => Number(trips ?? 0) >= least)
}

test('count every trip once though the replay and a worker are killed and the replay is stopped', async () => {
  await withTrips(4_000, async (bench) => {
    assert.is((await bench.run('init', '--shards', '2')).code, 0)
    const first = bench.begin('count', ...CITY, '--failover', '2s', '--worker', 'first')
    bench.begin('count', ...CITY, '--failover', '2s', '--worker', 'second')

    const killed = bench.begin('replay', 'trips.csv', '--duration', '40s')
    await untilSent(bench, 300)
    killed.process.kill('SIGKILL')
    await killed.ended
    first.process.kill('SIGKILL')

    const drained = bench.begin('replay', 'trips.csv', '--duration', '40s')
    await untilSent(bench, 900)
    drained.process.kill('SIGINT')
    const { code, stderr } = await drained.ended
    assert.is(code, 130, stderr)
    assert.match(stderr, /^Stopped: .* The same command goes on with run trips-/m)

    const last = await bench.run('replay', 'trips.csv', '--speed', 'max')
    assert.is(last.code, 0, last.stderr)
    assert.match(last.stderr, /rows read 4,000 = trips sent 4,000 \+ rows rejected 0/)

    const verified = await bench.run('verify', 'trips.csv', ...CITY)
    assert.is(verified.code, 0, verified.stdout + verified.stderr)
    assert.match(verified.stdout, /^equal: /m)

    const again = await bench.run('replay', 'trips.csv', '--speed', 'max')
    assert.is(again.code, 0)
    assert.match(again.stderr, /already complete: 4,000 trips/)
  })
})

test('notice when a count in the table is not the truth', async () => {
  await withTrips(300, async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    bench.begin('count', ...CITY)
    assert.is((await bench.run('replay', 'trips.csv', '--speed', 'max')).code, 0)
    assert.is((await bench.run('verify', 'trips.csv', ...CITY)).code, 0)
    // Other trips than those that were sent: the same run, compared with a file that lost some.
    await writeSampleTrips(join(bench.cwd, 'other.csv'), { trips: 290 })
    const { stdout } = await bench.run('runs', 'list')
    const run = /"run":"([^"]+)"/.exec(stdout)?.[1] ?? ''
    const wrong = await bench.run('verify', 'other.csv', ...CITY, '--run-id', run)
    assert.is(wrong.code, 1)
    assert.match(wrong.stdout, /^NOT EQUAL: \d+ differences/m)
    assert.match(wrong.stdout, /pickups: files \d+, table \d+/)
    // `verify … | head` says so too, where nobody reads to the end.
    const unread = bench.begin('verify', 'other.csv', ...CITY, '--run-id', run)
    unread.process.stdout?.destroy()
    assert.is((await unread.ended).code, 1)
  })
})

test('refuse a run whose files changed, and a stream that was made again', async () => {
  await withTrips(200, async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    const sent = await bench.run('replay', 'trips.csv', '--speed', 'max', '--run-id', 'mine')
    assert.is(sent.code, 0, sent.stderr)
    await writeSampleTrips(join(bench.cwd, 'trips.csv'), { trips: 201 })
    const changed = await bench.run('replay', 'trips.csv', '--speed', 'max', '--run-id', 'mine')
    assert.is(changed.code, 1)
    assert.match(changed.stderr, /^hailstream: Run mine: got other trips/m)
    const counted = bench.begin('count', ...CITY)
    await untilSent(bench, 200)
    counted.process.kill('SIGTERM')
    assert.is((await counted.ended).code, 0)
    // The stream alone is removed and made again, under the old table.
    const other = ['--table', 'other-counts', '--application', 'other']
    assert.is((await bench.run('destroy', '--yes', ...other)).code, 0)
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    const refused = await bench.run('count', ...CITY)
    assert.is(refused.code, 1)
    assert.match(refused.stderr, /^hailstream: Kinesis stream hailstream: got one made at/m)
  })
})

test.run()
