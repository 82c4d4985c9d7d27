/** What tests of the merger let it merge, and what they look at afterwards. */
import { attributesOf } from '../../src/counts/item-values.ts'
import { dayPk, hourPk, statusKey } from '../../src/counts/keys.ts'
import { PICKUPS } from '../../src/counts/measures.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { sumsFrom } from '../../src/merge/columns.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { MINUTE, T0 } from './counting.ts'
import type { MergeStage } from './merging.ts'
import { generation } from './merging.ts'

const G = generation.id
let seq = 0

/** A sequence number above all before. */
export function nextSeq(): number {
  return ++seq
}

/** Trips of one lane at minutes after midnight, with a watermark in minutes. */
export function lane(
  firstOrdinal: number,
  minutes: readonly number[],
  watermark: number,
  ended = false,
): SegmentSpec {
  return {
    seq: nextSeq(),
    control: { firstOrdinal, watermark: T0 + watermark * MINUTE, ended },
    trips: minutes.map((at) => ({ at: at * MINUTE, off: at * MINUTE })),
  }
}

export const hour = (stage: MergeStage, name: string, run = 'r'): Item | undefined =>
  stage.table.item(hourPk(G, run), `2016-01-01T${name}`)

export const day = (stage: MergeStage, run = 'r'): Item | undefined =>
  stage.table.item(dayPk(G, run), '2016-01-01')

export const status = (stage: MergeStage, run = 'r'): Item | undefined => {
  const { pk, sk } = statusKey(G, run)
  return stage.table.item(pk, sk)
}

export const pickups = (item: Item | undefined): number => {
  let sum = 0
  const panes = item?.panes === undefined ? [item ?? null] : Object.values(attributesOf(item.panes))
  for (const pane of panes) for (const row of sumsFrom(pane).values()) sum += row[PICKUPS]
  return sum
}

export async function ticks(
  stage: MergeStage,
  merger: ReturnType<MergeStage['merger']>,
  n: number,
): Promise<void> {
  for (let i = 0; i < n; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
}
