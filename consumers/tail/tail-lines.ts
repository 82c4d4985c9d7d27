/** The counts without a terminal: one line, or one JSON object, whenever they changed. */
import { formatShown, grouped, MEASURE_TITLES, shownValue } from '../../src/views/shown-measure.ts'
import type { Snapshot } from './snapshot.ts'
import type { RowOrder } from './tail-rows.ts'
import { tailRows } from './tail-rows.ts'

/** Districts named on a plain line. */
const NAMED = 3

export function plainLine(snapshot: Snapshot, order: RowOrder): string {
  const { run, asOf, window, all, health } = snapshot
  const verdict = health?.verified === undefined ? [] : [health.verified ? 'verified' : 'NOT EQUAL']
  if (window === '') {
    const how = health?.abandoned === true ? 'given up' : 'complete'
    return [`run ${run}`, `${how}, ${grouped(health?.trips ?? 0)} trips`, ...verdict].join('  ')
  }
  const top = tailRows(snapshot, order)
    .slice(0, NAMED)
    .map(({ counts, value }) => `${counts.id} ${formatShown(order.measure, value)}`)
  return [
    asOf === '' ? 'no event time yet' : asOf.replace('T', ' ').replace(/\.\d+$/, ''),
    `last ${window}: ${grouped(all.pickups)} pickups, ${grouped(all.dropoffs)} dropoffs`,
    `${MEASURE_TITLES[order.measure]}: ${top.join(', ') || 'none'}`,
    ...(health === undefined
      ? []
      : [`${grouped(health.trips)} trips`, `lag ${(health.lagMillis / 1000).toFixed(1)} s`]),
    ...(health?.complete === true ? ['complete'] : []),
    ...verdict,
  ].join('  ')
}

/**
 * Money in cents; `average fare` in cents, `tip share` 0–1, null where there is none. Without counts
 * there is no window either.
 */
export function jsonRow(snapshot: Snapshot, order: RowOrder): Record<string, unknown> {
  const { run, window, asOf, from, to, final, version, all, health, unclassified } = snapshot
  return {
    run,
    window: window === '' ? null : window,
    asOf: asOf === '' ? null : asOf,
    from: from === '' ? null : from,
    to: to === '' ? null : to,
    final,
    version,
    pickups: all.pickups,
    dropoffs: all.dropoffs,
    unclassified,
    trips: health?.trips ?? 0,
    lagMillis: health?.lagMillis ?? null,
    complete: health?.complete ?? false,
    verified: health?.verified ?? null,
    districts: tailRows(snapshot, order).map(({ counts }) => ({
      id: counts.id,
      name: counts.name,
      pickups: counts.pickups,
      dropoffs: counts.dropoffs,
      net: shownValue('net', counts),
      averageFare: shownValue('fare', counts),
      tipShare: shownValue('tip', counts),
    })),
  }
}
