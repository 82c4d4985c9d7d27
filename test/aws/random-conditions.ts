/** Conditions of all kinds and depths, put to a table and decided by `holds`. */
import * as assert from 'uvu/assert'
import type { Condition, Item, TablePort, Value } from '../../src/counts/table-port.ts'
import { holds } from '../../src/counts/table-port.ts'
import { seededRandom } from '../../src/time/random.ts'

/** Throws at the first of so many conditional writes that the table decides as `holds` does not. */
export async function decidesAsHolds(table: TablePort, writes: number): Promise<void> {
  const random = seededRandom(21)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]
  const texts = ['', '0', '01', '1', '10', '9', 'a', 'B']
  const values = [...texts, 0, 1, 9, 10, -1, true, false] as const
  const names = ['seq', 'ended', 'version', 'name', 'pk']
  const leaf = (): Condition =>
    pick<() => Condition>([
      () => ({ kind: 'absent' }),
      () => ({ kind: 'present' }),
      () => ({ kind: 'equal', attribute: pick(names), value: pick(values) }),
      () => ({ kind: 'below', attribute: pick(names), value: pick([...texts, 0, 1, 9, 10, -1]) }),
    ])()
  const tree = (depth: number): Condition =>
    depth === 0 || random() < 0.4
      ? leaf()
      : {
          kind: pick(['all', 'any'] as const),
          of: Array.from({ length: 1 + Math.floor(random() * 3) }, () => tree(depth - 1)),
        }
  const outcomes = { ok: 0, refused: 0 }
  for (let i = 0; i < writes; i++) {
    const key = { pk: pick(['a', 'B', '1']), sk: `c${i}` }
    const item: Record<string, Value> = {}
    for (const name of ['seq', 'ended', 'version', 'name']) {
      if (random() < 0.7) item[name] = pick<Value>([...values, null, [], {}])
    }
    const there: Item | undefined = random() < 0.8 ? { ...item, ...key } : undefined
    if (there !== undefined) await table.put(there)
    const condition = tree(3)
    const outcome = await table.put({ ...key, replaced: true }, condition)
    const expected = holds(condition, there) ? 'ok' : 'refused'
    assert.is(outcome, expected, JSON.stringify({ there, condition }))
    outcomes[outcome]++
  }
  assert.ok(outcomes.ok > 30 && outcomes.refused > 30, JSON.stringify(outcomes))
}
