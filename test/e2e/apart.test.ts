import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { LocalPair } from '../../localstack/local-pair.ts'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { eventually } from '../support/eventually.ts'
import type { Ended, Running } from '../support/hailstream.ts'
import { hailstream, start } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 400_000

const test = suite('the processes apart', { timeoutMillis: 180_000 })
const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']

interface Bench {
  cwd: string
  run(...args: string[]): Promise<Ended>
  begin(...args: string[]): Running
}

/** A local pair, a folder with trips, and every process ended afterwards. */
async function withBench(trips: number, work: (bench: Bench) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    const pair: LocalPair = await startLocalPair()
    const begun: Running[] = []
    const options = { cwd, environment: pair.environment }
    try {
      await writeSampleTrips(join(cwd, 'trips.csv'), { trips })
      await work({
        cwd,
        run: (...args) => hailstream(args, options),
        begin: (...args) => {
          const running = start(args, options)
          begun.push(running)
          return running
        },
      })
    } finally {
      for (const running of begun) running.process.kill('SIGKILL')
      await Promise.all(begun.map((running) => running.ended))
      await pair.stop()
    }
  })
}

async function untilSent(bench: Bench, least: number): Promise<void> {
  await eventually(
    `${least} trips counted`,
    async () => {
      const { code, stdout } = await bench.run('status', '--json')
      return code === 0 && Number(/"trips":(\d+),"tripsSent"/.exec(stdout)?.[1] ?? 0) >= least
    },
    60_000,
  )
}

test('count every trip once though the replay and a worker are killed and the replay is stopped', async () => {
  await withBench(4_000, async (bench) => {
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
  await withBench(300, async (bench) => {
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
  })
})

test('refuse a run whose files changed, and a stream that was made again', async () => {
  await withBench(200, async (bench) => {
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
