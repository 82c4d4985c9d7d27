import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { TablePort } from '../../src/counts/table-port.ts'
import { WriteGate } from '../../src/pipeline/write-gate.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('the gate of a table')

/** A table whose puts wait until `answer` says how they end. */
class SlowTable extends MemoryTable {
  readonly begun: string[] = []
  readonly #answers: ((failed: boolean) => void)[] = []

  override async put(...args: Parameters<TablePort['put']>): Promise<'ok' | 'refused'> {
    this.begun.push(args[0].sk)
    const failed = await new Promise<boolean>((resolve) => this.#answers.push(resolve))
    if (failed) throw new Error('no')
    return super.put(...args)
  }

  async answer(failed = false): Promise<void> {
    this.#answers.shift()?.(failed)
    await setImmediate()
  }
}

test('lets so many writes in at a time, in their order, whatever becomes of them', async () => {
  const slow = new SlowTable()
  const { table } = new WriteGate(slow, 2)
  const outcomes = ['a', 'b', 'c', 'd'].map((sk) =>
    table.put({ pk: 'p', sk }).catch(() => 'failed'),
  )
  assert.equal(slow.begun, ['a', 'b'])
  await slow.answer(true)
  assert.equal(slow.begun, ['a', 'b', 'c'])
  await slow.answer()
  await slow.answer()
  await slow.answer()
  assert.equal(await Promise.all(outcomes), ['failed', 'ok', 'ok', 'ok'])
  void table.put({ pk: 'p', sk: 'e' })
  void table.put({ pk: 'p', sk: 'f' })
  assert.equal(slow.begun, ['a', 'b', 'c', 'd', 'e', 'f'])
  await slow.answer()
  await slow.answer()
})

test('passes conditions and answers on, and never holds a read up', async () => {
  const memory = new MemoryTable()
  const { table } = new WriteGate(memory, 1)
  const item = { pk: 'p', sk: 'a', n: 1 }
  assert.is(await table.put(item, { kind: 'absent' }), 'ok')
  assert.is(await table.put(item, { kind: 'absent' }), 'refused')
  const slow = new SlowTable()
  const gated = new WriteGate(slow, 1).table
  void gated.put(item)
  assert.equal(await gated.getMany([item]), [])
  assert.equal(await gated.query('p'), [])
  await slow.answer()
  assert.equal(await gated.get(item), item)
})

test.run()
