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
import { attributesOf, numberOf, textOf } from '../counts/item-values.ts'

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
    const end = hourStart + (i + 1) * paneMillis
    // A pane that is not in the item was empty, and may have been final all the same.
    const isListed = before[name] !== undefined
    const wasFinal = isListed ? old.final === true : wasFinalUpTo(end, previous)
    const isRevised = wasFinal && !(isListed && sameContent(content, old))
    const paneRevision = numberOf(old.revision) + (isRevised ? 1 : 0)
    revision += paneRevision
    const final = isFinal(merging, end)
    panes[name] = { final, revision: paneRevision, ...content }
  }
  const allPanes = HOUR_MILLIS / paneMillis
  const total = totalOf(sumPanes(counts, slots, 0, allPanes))
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

/** Whether `item` said of every pane that ended by then that nothing more would be counted in it. */
function wasFinalUpTo(end: number, item: Item | undefined): boolean {
  if (item === undefined) return false
  return item.final === true || end <= Date.parse(`${textOf(item.asOf)}Z`)
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
