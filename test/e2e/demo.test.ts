import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, sharedPath } from '../geo/shared-data.ts'
import { accepts } from '../support/emulated.ts'
import { hailstream } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 400_000

const test = suite('the demo', { timeoutMillis: 150_000 })
const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']
const FAST = ['--speed', 'max', '--no-dashboard', '--exit', '--csv']
const HEADER = 'vendor_id,pickup_datetime,dropoff_datetime,pickup_location_id,dropoff_location_id\n'

test('counts sample trips to the trip, and prints nothing but the totals', async () => {
  await withTempDir(async (cwd) => {
    await writeSampleTrips(join(cwd, 'trips.csv'), { trips: 2_000 })
    const withPage = [...FAST.filter((option) => option !== '--no-dashboard'), '--port', '0']
    const { code, stdout, stderr } = await hailstream(['demo', 'trips.csv', ...CITY, ...withPage], {
      cwd,
    })
    assert.is(code, 0, stderr)
    const rows = stdout.split('\n')
    assert.is(rows[0], 'id,pickups,dropoffs')
    assert.is(rows.at(-1), '')
    assert.match(rows.at(-2) ?? '', /^NONE,\d+,\d+$/)
    const sum = (column: number): number =>
      rows.slice(1, -1).reduce((total, row) => total + Number(row.split(',')[column]), 0)
    assert.is(sum(1), 2_000)
    assert.is(sum(2), 2_000)
    assert.match(stderr, /^rows read 2,000 = trips sent 2,000 \+ rows rejected 0$/m)
    assert.match(stderr, /is the batch truth, to the trip/)
    const address = /^Dashboard (http:\/\/127\.0\.0\.1:\d+)$/m.exec(stderr)?.[1]
    assert.is(await accepts(String(address)), false)
    assert.equal(await readdir(cwd), ['trips.csv'])
  })
})

test('counts zone ids as given, keeps rejected rows, and reads a file without a final newline', async () => {
  await withTempDir(async (cwd) => {
    const rows = [
      '1,2019-03-01 00:10:00,2019-03-01 00:20:00,7,264',
      '1,not a time,2019-03-01 00:20:00,7,7',
      '1,2019-03-01 00:12:00,2019-03-01 00:40:00,999,7',
      '1,2019-03-01 00:14:00,,,7',
    ]
    await writeFile(join(cwd, 'zones.csv'), HEADER + rows.join('\n'))
    const { code, stdout, stderr } = await hailstream(['demo', 'zones.csv', ...FAST], { cwd })
    assert.is(code, 0, stderr)
    assert.is(stdout, 'id,pickups,dropoffs\n7,1,1\n264,0,1\n999,1,0\nNONE,1,1\n')
    assert.match(stderr, /rows read 4 = trips sent 3 \+ rows rejected 1/)
    const [quarantine] = (await readdir(cwd)).filter((name) => name.startsWith('rejected-'))
    const rejected: unknown = JSON.parse(await readFile(join(cwd, quarantine), 'utf8'))
    assert.equal(rejected, {
      file: 'zones.csv',
      line: 3,
      reason: 'unreadable-pickup-time',
      raw: rows[1],
    })
  })
})

test('takes an empty file for what it is', async () => {
  await withTempDir(async (cwd) => {
    await writeFile(join(cwd, 'empty.csv'), '')
    const { code, stdout, stderr } = await hailstream(['demo', 'empty.csv', ...FAST], { cwd })
    assert.is(code, 0, stderr)
    assert.is(stdout, 'id,pickups,dropoffs\nNONE,0,0\n')
    // Nothing would ever come of it to be looked at.
    const looking = await hailstream(['demo', 'empty.csv', '--no-dashboard'], { cwd })
    assert.is(looking.code, 1)
    assert.match(looking.stderr, /^hailstream: empty\.csv: got no row, expected at least one trip/m)
  })
})

test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)(
  'prints the independent truth for real trips and official districts',
  async () => {
    await withTempDir(async (cwd) => {
      const trips = sharedPath('trips/trips_2016-01_20k_sorted.csv.gz')
      const districts = sharedPath('districts/community_districts.geojson')
      const args = ['demo', trips, '--districts', districts, '--district-id', 'BoroCD', ...FAST]
      const { code, stdout, stderr } = await hailstream(args, { cwd })
      assert.is(code, 0, stderr)
      const truth = sharedPath('truth/trips_2016-01_20k_sorted-cd.csv')
      assert.is(stdout, await readFile(truth, 'utf8'))
    })
  },
)

test('says what is wrong with its input before anything is started', async () => {
  await withTempDir(async (cwd) => {
    const { code, stdout, stderr } = await hailstream(['demo', 'nowhere.csv', '--exit'], { cwd })
    assert.is(code, 1)
    assert.is(stdout, '')
    assert.match(stderr, /^hailstream: nowhere\.csv: got no such file/m)
    assert.not.match(stderr, /Kinesis on/)
    assert.not(existsSync(join(cwd, 'dead-letters.ndjson')))
  })
})

test.run()
