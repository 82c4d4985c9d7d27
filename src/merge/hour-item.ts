/** The hour item: what a run counted in each pane of an hour. Pure. */
import type { BlockCounts } from '../counts/block-counts.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import { hourPk } from '../counts/keys.ts'
import type { Item } from '../counts/table-port.ts'
import { formatEventTime, HOUR_MILLIS } from '../time/units.ts'
import { hourKey, paneKey } from '../windows/pane.ts'
import type { Attributes } from '../counts/item-values.ts'
import {
  columnsOf,
  measuresOf,
  sumPanes,
  sumUnclassified,
  totalOf,
  unclassifiedOf,
} from './columns.ts'
import { attributesOf } from '../counts/item-values.ts'

export interface Merging {
  generation: string
  run: string
  slots: DistrictSlots
  paneMillis: number
  /** Every trip released before it is counted. */
  watermark: number
  /** Nothing of the run follows. */
  ended: boolean
}

/** True once every trip that could count in a span that ends at `end` is counted. */
export function isFinal(merging: Pick<Merging, 'watermark' | 'ended'>, end: number): boolean {
  return merging.ended || end <= merging.watermark
}

export function asOf(watermark: number): string | null {
  return Number.isFinite(watermark) ? formatEventTime(watermark) : null
}

/** `previous` is the item as it stands in the table, if it does. */
export function hourItem(
  merging: Merging,
  hourStart: number,
  counts: BlockCounts,
  previous: Item | undefined,
): Item {
  const { slots, paneMillis } = merging
  const before = attributesOf(previous?.panes)
  const panes: Attributes = {}
  let revision = 0
  for (let i = 0; i < HOUR_MILLIS / paneMillis; i++) {
    const sums = sumPanes(counts, slots, i, i + 1)
    const unclassified = sumUnclassified(counts, i, i + 1)
    const name = paneKey(hourStart + i * paneMillis)
    const old = attributesOf(before[name])
    if (sums.size === 0 && !unclassified.some((count) => count !== 0)) continue
    const content: Attributes = {
      ...columnsOf(sums),
      unclassified: unclassifiedOf(unclassified),
    }
    const paneRevision =
      Number(old.revision ?? 0) + (old.final === true && !sameContent(content, old) ? 1 : 0)
    revision += paneRevision
    const final = isFinal(merging, hourStart + (i + 1) * paneMillis)
    panes[name] = { final, revision: paneRevision, ...content }
  }
  const allPanes = HOUR_MILLIS / paneMillis
  const total = totalOf(sumPanes(counts, slots, 0, allPanes))
  // A pane that was final and empty, and is not any more, was revised too.
  const appeared =
    previous?.final === true ? Object.keys(panes).filter((name) => before[name] === undefined) : []
  for (const name of appeared) {
    panes[name] = { ...attributesOf(panes[name]), revision: 1 }
    revision++
  }
  return {
    pk: hourPk(merging.generation, merging.run),
    sk: hourKey(hourStart),
    asOf: asOf(merging.watermark),
    final: isFinal(merging, hourStart + HOUR_MILLIS),
    revision,
    version: Number(previous?.version ?? 0) + 1,
    panes,
    all: measuresOf(total),
    unclassified: unclassifiedOf(sumUnclassified(counts, 0, allPanes)),
  }
}

function sameContent(content: Attributes, old: Readonly<Attributes>): boolean {
  return (
    canonical(content) ===
    canonical(Object.fromEntries(Object.keys(content).map((k) => [k, old[k] ?? null])))
  )
}

/** JSON with sorted keys: the table keeps no order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
