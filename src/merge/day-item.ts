/** The day item: totals of a day by district, and its hours, from the hour items. Pure. */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import { dayPk } from '../counts/keys.ts'
import { SUMS } from '../counts/measures.ts'
import type { Item } from '../counts/table-port.ts'
import { DAY_MILLIS } from '../time/units.ts'
import { dayKey } from '../windows/pane.ts'
import type { DistrictSums } from './columns.ts'
import type { Attributes } from '../counts/item-values.ts'
import {
  addSums,
  columnsOf,
  measuresOf,
  sumsFrom,
  totalOf,
  unclassifiedFrom,
  unclassifiedOf,
} from './columns.ts'
import { attributesOf } from '../counts/item-values.ts'
import type { Merging } from './hour-item.ts'
import { asOf, isFinal } from './hour-item.ts'

/** `hours` are all hour items of the day, as they stand in the table. A step for each of them. */
export function* dayItem(
  merging: Merging,
  dayStart: number,
  hours: readonly Item[],
  previous: Item | undefined,
): Generator<void, Item> {
  const ofDay: DistrictSums = new Map()
  const unclassified = new Float64Array(UNCLASSIFIED_COLUMNS)
  const byHour: Attributes = {}
  let revision = 0
  for (const hour of hours) {
    const ofHour: DistrictSums = new Map()
    for (const pane of Object.values(attributesOf(hour.panes))) sumsFrom(pane, ofHour)
    addSums(ofHour, ofDay)
    unclassifiedFrom(hour.unclassified, unclassified)
    revision += Number(hour.revision)
    const columns = columnsOf(ofHour)
    byHour[hour.sk.slice(11, 13)] = {
      final: hour.final,
      ids: columns.ids,
      // Tiers stand in the hour items; here they would not fit.
      ...Object.fromEntries(SUMS.map((name) => [name, columns[name]])),
      unclassified: hour.unclassified,
    }
    yield
  }
  return {
    pk: dayPk(merging.generation, merging.run),
    sk: dayKey(dayStart),
    asOf: asOf(merging.watermark),
    final: isFinal(merging, dayStart + DAY_MILLIS) && hours.every((hour) => hour.final === true),
    revision,
    version: Number(previous?.version ?? 0) + 1,
    ...columnsOf(ofDay),
    all: measuresOf(totalOf(ofDay)),
    unclassified: unclassifiedOf(unclassified),
    hours: byHour,
  }
}
