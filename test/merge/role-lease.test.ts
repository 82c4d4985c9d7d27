import * as assert from 'uvu/assert'
import type { Item } from '../../src/counts/table-port.ts'
import { KnownItems } from '../../src/merge/known-items.ts'
import { RoleLease } from '../../src/merge/role-lease.ts'
import { bytesInMemory } from '../../src/merge/weight.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('the role of the merger')

const key = { pk: 'merger#g', sk: 'lease' }

function stage(): { table: MemoryTable; clock: FakeClock; lease(workerId: string): RoleLease } {
  const table = new MemoryTable()
  const clock = new FakeClock()
  return {
    table,
    clock,
    lease: (workerId) => new RoleLease({ table, clock }, { key, workerId, failoverMillis: 10_000 }),
  }
}

test('is taken by the first worker that asks, and by no other while it is renewed', async () => {
  const { clock, lease } = stage()
  const [a, b] = [lease('a'), lease('b')]
  assert.is(await a.keep(), true)
  for (let i = 0; i < 30; i++) {
    clock.jump(2_500)
    assert.is(await a.keep(), true)
    assert.is(await b.keep(), false)
  }
  assert.equal([a.held, b.held], [true, false])
})

test("is taken over when nobody has renewed it for the fail-over time, by one's own clock", async () => {
  const { clock, lease } = stage()
  const [a, b] = [lease('a'), lease('b')]
  await a.keep()
  clock.jump(60_000)
  assert.is(await b.keep(), false, 'it has only just seen the counter')
  clock.jump(9_999)
  assert.is(await b.keep(), false)
  clock.jump(1)
  assert.is(await b.keep(), true)
  assert.is(await a.keep(), false, 'the sleeper learns of it when it renews')
  assert.is(a.held, false)
})

test('goes to one of two that want it at the same time', async () => {
  for (const [before, gap] of [
    [false, 0],
    [true, 10_000],
  ] as const) {
    const { clock, lease } = stage()
    if (before) await lease('gone').keep()
    const [a, b] = [lease('a'), lease('b')]
    if (before) await Promise.all([a.keep(), b.keep()])
    clock.jump(gap)
    const held = await Promise.all([a.keep(), b.keep()])
    assert.equal([...held].sort(), [false, true])
  }
})

test('is free at once when it is given up, and for its own worker when that comes back', async () => {
  const { lease } = stage()
  const a = lease('a')
  await a.keep()
  assert.is(await lease('a').keep(), true)
  assert.is(await a.keep(), false, 'its older self has lost it')
  await a.release()
  const { lease: other } = stage()
  const c = other('c')
  await c.keep()
  await c.release()
  assert.is(c.held, false)
  assert.is(await other('d').keep(), true)
})

test('survives a reply that was lost', async () => {
  const { table, lease } = stage()
  const a = lease('a')
  await a.keep()
  const { put } = table
  table.put = async (item, condition) => {
    await put.call(table, item, condition)
    throw new Error('connection reset')
  }
  await a.keep().catch(() => undefined)
  table.put = put
  await a.keep()
  assert.is(await a.keep(), true)
})

const item = { pk: 'hour#g#r', sk: 'h' }

test('known items: a version that was never read is not written over', async () => {
  const table = new MemoryTable()
  await table.put({ ...item, version: 4, by: 'other' })
  const known = new KnownItems(table)
  const build = (previous: Item | undefined): Item => ({
    ...item,
    version: Number(previous?.version ?? 0) + 1,
  })
  assert.is(await known.replace(item, build), 'refused')
  assert.is(table.item(item.pk, item.sk)?.by, 'other')
  assert.is(await known.replace(item, build), 'ok')
  assert.is(table.item(item.pk, item.sk)?.version, 5)
  await table.put({ ...item, version: 9 })
  assert.is(await known.replace(item, build), 'refused')
  assert.is(await known.replace(item, build), 'ok')
  assert.is(table.item(item.pk, item.sk)?.version, 10)
})

test('known items: one that was deleted meanwhile is made again, at the second attempt', async () => {
  const table = new MemoryTable()
  const known = new KnownItems(table)
  const build = (): typeof item & { version: number } => ({ ...item, version: 1 })
  assert.is(await known.replace(item, build), 'ok')
  await table.delete(item)
  assert.is(await known.replace(item, build), 'refused')
  assert.is(await known.replace(item, build), 'ok')
})

test('known items: what was let go is read again, and written at the first attempt', async () => {
  const table = new MemoryTable()
  const written: string[] = []
  const known = new KnownItems(table, ({ sk }) => written.push(sk), 20_000)
  const keyOf = (i: number): typeof item => ({ pk: 'p', sk: `s${i}` })
  const next = (i: number): Promise<string> =>
    known.replace(keyOf(i), (previous) => ({
      ...keyOf(i),
      version: Number(previous?.version ?? 0) + 1,
      counts: Array.from({ length: 100 }, () => i),
    }))
  for (let i = 0; i < 500; i++) {
    assert.is(await next(i), 'ok')
    assert.ok(known.bytesKept <= 20_000, `${known.bytesKept} bytes`)
  }
  assert.ok(known.bytesKept > 15_000)
  let reads = 0
  table.onCall = (call) => (reads += call === 'get' ? 1 : 0)
  for (const i of [499, 0, 1]) assert.is(await next(i), 'ok')
  assert.is(reads, 2, 'the last one was still there')
  assert.is(table.item('p', 's0')?.version, 2)
  assert.is(written.length, 503)
  // Nobody but another merger could have written over what was let go.
  await table.put({ ...keyOf(2), version: 7 })
  assert.is(await next(2), 'refused')
  assert.is(await next(2), 'ok')
  assert.is(table.item('p', 's2')?.version, 8)
})

test('known items: their weight goes with what is in them', () => {
  const numbers = Array.from({ length: 1_000 }, (_, i) => i)
  assert.ok(bytesInMemory({ numbers }) > 8_000 && bytesInMemory({ numbers }) < 9_000)
  assert.ok(bytesInMemory(['a'.repeat(1_000), { deep: ['b'.repeat(1_000)] }]) > 2_000)
  assert.ok(bytesInMemory(new Uint8Array(5_000)) > 5_000)
  assert.ok(bytesInMemory(undefined) < 50)
})

test.run()
