import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { hailstream } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('a demo in chaos', { timeoutMillis: 110_000 })

const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']
const TRIPS = 2_000

function number(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1]?.replaceAll(',', '') ?? NaN)
}

test('counts every trip once, and says what it survived', async () => {
  await withTempDir(async (cwd) => {
    await writeSampleTrips(join(cwd, 'trips.csv'), { trips: TRIPS })
    const chaos = ['--chaos', '--seed', '1', '--exit', '--csv']
    const pace = ['--duration', '10s', '--failover', '2s']
    const { code, stdout, stderr } = await hailstream(
      ['demo', 'trips.csv', ...CITY, ...pace, ...chaos],
      { cwd },
    )
    assert.is(code, 0, stderr)
    const rows = stdout.trimEnd().split('\n')
    assert.is(rows[0], 'id,pickups,dropoffs')
    for (const column of [1, 2]) {
      const sum = rows.slice(1).reduce((all, row) => all + Number(row.split(',')[column]), 0)
      assert.is(sum, TRIPS)
    }
    assert.match(stderr, /^rows read 2,000 = trips sent 2,000 \+ rows rejected 0$/m)
    assert.match(stderr, /^equal: run .* is the batch truth, to the trip$/m)
    assert.match(stderr, /^Chaos of seed 1: \d+ troubles within 0:10\.$/m)
    const survived = /^Survived .*$/m.exec(stderr)?.[0] ?? ''
    assert.ok(number(survived, /^Survived (\d+) kills?/) >= 3, survived)
    assert.ok(number(survived, /(\d+) freezes?/) >= 1, survived)
    assert.ok(number(survived, /(\d+) reshards?/) >= 1, survived)
    const connections = /^Connections: .*$/m.exec(stderr)?.[0] ?? ''
    assert.ok(number(connections, /^Connections: ([\d,]+) cut/) >= 1, connections)
    for (const whom of ['worker', 'the replay', 'the merger']) {
      assert.match(stderr, new RegExp(`kill -9 of .*${whom}`))
    }
    assert.not.match(stderr, /^hailstream: /m)
  })
})

test.run()
