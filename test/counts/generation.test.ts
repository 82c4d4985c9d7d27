import * as assert from 'uvu/assert'
import type { CountedDistricts } from '../../src/counts/generation.ts'
import {
  generationItem,
  makeGeneration,
  parseGeneration,
  slotsOf,
  ZONES_ONLY,
} from '../../src/counts/generation.ts'
import { HOUR_MILLIS } from '../../src/time/units.ts'
import { suite } from '../support/suite.ts'

const test = suite('a generation')

type Options = Parameters<typeof makeGeneration>[0]

const districts = (count: number, changes: Partial<CountedDistricts> = {}): CountedDistricts => {
  const ids = Array.from({ length: count }, (_, i) => String(100 + i))
  return { name: 'cd', ids, names: ids, fingerprint: 'f1', zones: false, ...changes }
}

const options = (changes: Partial<Options> = {}): Options => ({
  districts: districts(71),
  paneMillis: 300_000,
  stream: { name: 'trips', creationTime: 1_700_000_000_000 },
  table: 't',
  application: 'hailstream',
  startTimestamp: null,
  now: 1_750_000_000_000,
  ...changes,
})

test('comes back from its item as it was', () => {
  for (const changes of [{}, { startTimestamp: 12 }, { districts: ZONES_ONLY }]) {
    const generation = makeGeneration(options(changes))
    assert.equal(parseGeneration(structuredClone(generationItem(generation))), generation)
  }
})

test('has the same id wherever and whenever it is made, and names what it counts', () => {
  const { id, leaseTable } = makeGeneration(options())
  assert.match(id, /^cd-5m-[0-9a-f]{8}$/)
  assert.match(leaseTable, new RegExp(`^hailstream-${id}-[0-9a-f]{6}$`))
  const elsewhere = { now: 5, startTimestamp: 7, application: 'other' }
  assert.is(makeGeneration(options(elsewhere)).id, id)
})

test('has leases of its own in each table, and for each life of the table and the stream', () => {
  const changes: Partial<Options>[] = [
    {},
    { table: 'other' },
    { stream: { name: 'trips', creationTime: 1_700_000_000_001 } },
    { now: 1_750_000_000_001 },
    { application: 'other' },
  ]
  const made = changes.map((change) => makeGeneration(options(change)))
  assert.is(new Set(made.map(({ leaseTable }) => leaseTable)).size, 5)
  assert.is(new Set(made.map(({ id }) => id)).size, 1)
})

test('is another one when anything differs that decides a count', () => {
  const changes: Partial<Options>[] = [
    {},
    { paneMillis: 600_000 },
    { districts: districts(71, { fingerprint: 'f2' }) },
    { districts: districts(71, { zones: true }) },
    { districts: ZONES_ONLY },
    { stream: { name: 'other', creationTime: 0 } },
  ]
  assert.is(new Set(changes.map((change) => makeGeneration(options(change)).id)).size, 6)
})

test('has an id without a # or a space, whatever its file is called', () => {
  const odd = districts(3, { name: 'my #1 districts (früh)/' + 'x'.repeat(80) })
  assert.match(makeGeneration(options({ districts: odd })).id, /^[A-Za-z0-9._-]{1,64}$/)
})

test('keeps blocks small for many districts, and long for few', () => {
  const block = (count: number, paneMillis = 300_000): number =>
    makeGeneration(options({ districts: districts(count), paneMillis })).geometry.blockMillis
  assert.is(block(5), HOUR_MILLIS)
  assert.is(block(71), 6 * 300_000)
  assert.is(block(262), 300_000)
  assert.is(makeGeneration(options({ districts: ZONES_ONLY })).geometry.blockMillis, 300_000)
})

test('is refused where its items could grow beyond what DynamoDB takes, with the numbers', () => {
  assert.throws(
    () => makeGeneration(options({ districts: districts(500) })),
    /Districts of cd: got 500 districts, whose hour items could reach 5\d\d KB, expected at most 350 KB an item\. Use fewer districts or a longer --pane\./,
  )
})

test('is refused for its day items too, where panes are long', () => {
  assert.throws(
    () => makeGeneration(options({ districts: districts(1_000), paneMillis: HOUR_MILLIS })),
    /whose day items could reach \d+ KB.*Use fewer districts\./,
  )
})

test('takes the districts of New York in panes of five minutes', () => {
  for (const count of [5, 71, 195, 262, 263]) {
    makeGeneration(options({ districts: districts(count) }))
  }
})

test('begins with the slots of its districts', () => {
  const slots = slotsOf(makeGeneration(options({ districts: districts(3) })))
  assert.equal([slots.ids, slots.zones], [['100', '101', '102'], false])
  assert.is(slotsOf(makeGeneration(options({ districts: ZONES_ONLY }))).zones, true)
})

test.run()
