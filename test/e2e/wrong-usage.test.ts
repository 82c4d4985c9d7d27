import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { hailstream } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('wrong usage', { timeoutMillis: 60_000 })

/** Nothing listens there. */
const NOWHERE = {
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
}

const CASES: [args: string, code: number, says: RegExp][] = [
  ['bogus', 2, /unknown command 'bogus'\nSee hailstream --help\.$/m],
  ['replay', 2, /missing required argument 'files'\nSee hailstream replay --help\.$/m],
  ['runs end --bogus', 2, /unknown option '--bogus'\nSee hailstream runs end --help\.$/m],
  ['replay trips.csv --speed 0', 2, /--speed: got "0", expected a number above 0, or max/],
  ['replay trips.csv --speed fast', 2, /--speed: got "fast"/],
  ['replay trips.csv --from 2016-02-01 --to 2016-01-01', 2, /expected --from before --to/],
  ['replay trips.csv --from yesterday', 2, /--from: got "yesterday", expected a time such as/],
  ['replay trips.csv --columns nonsense=1', 2, /--columns: got the key "nonsense"/],
  ['replay trips.csv --run-id foreign', 2, /--run-id: got "foreign"/],
  ['replay nowhere.csv', 1, /nowhere\.csv: got no such file/],
  ['replay trips.csv', 1, /Kinesis stream hailstream: got ECONNREFUSED, expected an answer/],
  ['count', 1, /Kinesis stream hailstream: got ECONNREFUSED/],
  ['count --start 2999-01-01', 2, /--start: got 2999-01-01T00:00:00.000Z, which is yet to come/],
  ['count --pane 7m', 2, /--pane: got 7m, expected whole minutes that divide an hour/],
  ['count --districts nowhere.geojson', 1, /nowhere\.geojson: got no such file/],
  ['count --districts empty.geojson', 1, /empty\.geojson: got/],
  ['count --districts points.geojson', 1, /points\.geojson: got/],
  ['counts --totals --window 5m', 2, /got --totals and --window, expected one of them/],
  ['demo trips.csv --chaos --seed x', 2, /--seed: got "x", expected a whole number from 0 to/],
  ['demo trips.csv --chaos --minutes 0', 2, /--minutes: got "0", expected a number above 0/],
  ['demo trips.csv --csv', 2, /--csv: got it without --exit, expected both/],
  ['demo trips.csv --seed 1', 2, /--seed: got it without --chaos/],
  ['demo trips.csv --minutes 1', 2, /--minutes: got it without --chaos/],
  ['demo trips.csv --chaos --loop', 2, /got --chaos and --loop, expected one of them/],
  ['demo trips.csv --chaos --dry-run', 2, /got --chaos and --dry-run, expected one of them/],
  ['init --reset', 2, /got no --yes/],
  ['destroy', 2, /got no --yes/],
  ['runs delete some-run', 1, /DynamoDB table hailstream-counts: got ECONNREFUSED/],
  ['redrive nowhere', 1, /Dead letters in nowhere: got no such file or folder, expected a folder/],
  ['local --data-dir trips.csv', 1, /data folder trips\.csv: got something else of that name/],
  ['verify trips.csv --timeout soon', 2, /--timeout: got "soon", expected a duration/],
]

test('gets one line that says what was got and expected, and never a stack trace', async () => {
  await withTempDir(async (cwd) => {
    await writeFile(join(cwd, 'trips.csv'), 'pickup_datetime\n2016-01-01 00:00:00\n')
    await writeFile(join(cwd, 'empty.geojson'), '')
    const point = {
      type: 'Feature',
      properties: { id: 1 },
      geometry: { type: 'Point', coordinates: [0, 0] },
    }
    const points = { type: 'FeatureCollection', features: [point] }
    await writeFile(join(cwd, 'points.geojson'), JSON.stringify(points))
    for (const [args, code, says] of CASES) {
      const ended = await hailstream(args.split(' '), { cwd, environment: NOWHERE })
      assert.is(ended.code, code, `${args}: ${ended.stderr}`)
      assert.match(ended.stderr, says, args)
      assert.not.match(ended.stderr, /^\s+at /m, args)
      assert.not.ok(ended.stderr.includes(cwd), `${args} shows a path`)
    }
  })
})

test('gets help and version without a word on stderr', async () => {
  await withTempDir(async (cwd) => {
    for (const args of [
      ['--help'],
      ['--version'],
      ['replay', '--help'],
      ['runs', 'end', '--help'],
    ]) {
      const { code, stdout, stderr } = await hailstream(args, { cwd })
      assert.is(code, 0)
      assert.ok(stdout.length > 0)
      assert.is(stderr, '')
    }
  })
})

test.run()
