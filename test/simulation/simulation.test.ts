import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/time/random.ts'
import { recount } from '../../src/verify/recount.ts'
import { differences } from '../../src/verify/compare.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { suite } from '../support/suite.ts'
import { CITY, LOCATOR, makeTrips, recordsOf } from './city.ts'
import { broken } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'
import { runSeeds } from './seed-pool.ts'
import { simulate } from './simulation.ts'
import { endsOf, panesOf } from './truth.ts'

export const fileTimeoutMillis = 300_000

const SEEDS = 200
const PANE = 600_000

const test = suite('a simulation')

test('knows the truth that a plain recount of its trips finds', async () => {
  const facts = makeTrips(
    {
      count: 2_000,
      firstTime: Date.UTC(2016, 0, 1, 20),
      spanMillis: 6 * 3_600_000,
      order: 'pickup',
      longestMillis: 2 * 3_600_000,
      unreadable: 0,
    },
    seededRandom(1),
  )
  const slabs = async function* () {
    yield { bytes: recordsOf(facts), count: facts.length }
  }
  const slots = new DistrictSlots(CITY.ids, true)
  const expected = await recount(slabs(), slots, LOCATOR, PANE)
  assert.equal([...differences(expected, panesOf(facts.flatMap(endsOf), PANE))], [])
})

test('tells the same story twice from the same seed', async () => {
  const stories = []
  for (let i = 0; i < 2; i++) {
    const story: string[] = []
    const verdict = await simulate({ seed: 11, trace: (line) => story.push(line) })
    stories.push({ verdict, story })
  }
  assert.ok(stories[0].story.length > 20)
  assert.equal(stories[0], stories[1])
})

test('without any trouble is right', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { failure } = await simulate({ seed, calm: true })
    assert.is(failure, undefined, `seed ${seed}`)
  }
})

test(
  `is right with every kind of trouble, from ${SEEDS} seeds`,
  async () => {
    const wrong: string[] = []
    let seen = 0
    await runSeeds({
      first: 1,
      count: SEEDS,
      onVerdict: ({ seed, failure }) => {
        seen++
        if (failure !== undefined)
          wrong.push(`npm run simulate -- --seed ${seed} --trace: ${failure}`)
      },
    })
    assert.equal(wrong, [])
    assert.is(seen, SEEDS)
  },
  { timeoutMillis: 280_000 },
)

test(
  'is wrong when a guard is broken',
  async () => {
    let wrong = 0
    await runSeeds({
      first: 1,
      count: 20,
      mutation: 'no-ordinal-check',
      enough: () => wrong > 0,
      onVerdict: ({ failure }) => {
        if (failure !== undefined) wrong++
      },
    })
    assert.ok(wrong > 0)
  },
  { timeoutMillis: 60_000 },
)

test('finds every guard that it is to break, once', () => {
  for (const mutation of MUTATIONS) {
    const file = new URL(`../../src/${mutation.module}.js`, import.meta.url)
    assert.not.throws(() => broken(readFileSync(file, 'utf8'), mutation))
  }
})

test('refuses a mutation whose place in the code is gone or not the only one', () => {
  const mutation = { name: 'm', guard: 'g', module: 'a/b', find: 'a ( b )', replace: 'c' }
  assert.is(broken('x a(\n  b) y', mutation), 'x c y')
  assert.throws(() => broken('nothing', mutation), /0 places/)
  assert.throws(() => broken('a(b) a(b)', mutation), /2 places/)
})

test.run()
