import * as assert from 'uvu/assert'
import { hourPk } from '../../src/counts/keys.ts'
import type { Item, TablePort } from '../../src/counts/table-port.ts'
import { History } from '../../src/dashboard/history.ts'
import { hourKey } from '../../src/windows/pane.ts'
import { MINUTE, T0 } from '../counts/batches.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('the hours that the dashboard keeps')
const HOUR = 60 * MINUTE

/** An hour item with one pane at each of `minutes`. */
function hour(...minutes: number[]): Item {
  const panes = Object.fromEntries(
    minutes.map((minute) => [`00:${String(minute).padStart(2, '0')}`, { ids: [], final: false }]),
  )
  return { pk: hourPk('g', 'r'), sk: hourKey(T0), panes }
}

class Stage {
  readonly memory = new MemoryTable()
  reads = 0
  now = 0
  /** Replies wait for it. */
  held: Promise<void> = Promise.resolve()
  readonly history: History

  constructor() {
    const { memory } = this
    const query: TablePort['query'] = async (pk, range) => {
      this.reads++
      const items = await memory.query(pk, range)
      await this.held
      return items
    }
    const table = new Proxy(memory, {
      get: (target, name): unknown =>
        name === 'query' ? query : (Reflect.get(target, name) as unknown),
    })
    this.history = new History('g', 'r', { table, monotonicMillis: () => this.now })
  }

  /** Minutes at which the panes start that the history knows. */
  async starts(finalUntil: number, hours = 1): Promise<number[]> {
    const found: number[] = []
    for await (const panes of this.history.panes(T0, T0 + hours * HOUR, finalUntil)) {
      found.push(...panes.map(({ start }) => (start - T0) / MINUTE))
    }
    return found
  }
}

test('reads an open hour once a second', async () => {
  const stage = new Stage()
  await stage.memory.put(hour(0))
  assert.equal(await stage.starts(-Infinity), [0])
  await stage.memory.put(hour(0, 5))
  assert.equal(await stage.starts(-Infinity), [0])
  stage.now = 1_000
  assert.equal(await stage.starts(-Infinity), [0, 5])
  assert.is(stage.reads, 2)
})

test('reads again what became final since, however young it is', async () => {
  const stage = new Stage()
  await stage.memory.put(hour(0))
  assert.equal(await stage.starts(T0 + 5 * MINUTE), [0])
  await stage.memory.put(hour(0, 5))
  assert.equal(await stage.starts(T0 + 10 * MINUTE), [0, 5])
  assert.equal(await stage.starts(T0 + 10 * MINUTE), [0, 5])
  assert.is(stage.reads, 2)
})

test('does not wait for a reading that began before more was final', async () => {
  const stage = new Stage()
  await stage.memory.put(hour(0))
  let release = (): void => undefined
  stage.held = new Promise((resolve) => (release = resolve))
  const early = stage.starts(T0 + 5 * MINUTE)
  await stage.memory.put(hour(0, 5))
  const late = stage.starts(T0 + 10 * MINUTE)
  const latest = stage.starts(T0 + 10 * MINUTE)
  release()
  assert.equal(await early, [0])
  assert.equal(await late, [0, 5])
  assert.equal(await latest, [0, 5])
  assert.is(stage.reads, 2)
  assert.equal(await stage.starts(T0 + 10 * MINUTE), [0, 5])
})

test('keeps a final hour for half a minute, and that of a complete run for good', async () => {
  const stage = new Stage()
  await stage.memory.put(hour(0))
  await stage.starts(T0 + HOUR)
  stage.now = 29_999
  await stage.starts(T0 + 5 * HOUR)
  assert.is(stage.reads, 1)
  stage.now = 30_000
  await stage.starts(T0 + 5 * HOUR)
  assert.is(stage.reads, 2)
  await stage.starts(Infinity)
  assert.is(stage.reads, 3)
  stage.now = 1e9
  assert.equal(await stage.starts(Infinity), [0])
  assert.is(stage.reads, 3)
})

test.run()
