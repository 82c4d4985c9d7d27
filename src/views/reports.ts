/** The questions that are asked of taxi data first, answered from the merged items alone. */
import { attributesOf } from '../counts/item-values.ts'
import { dayPk } from '../counts/keys.ts'
import {
  DROPOFFS,
  FARE,
  FARE_TIERS,
  FIRST_TIER,
  PICKUPS,
  TIERS,
  TIP_TIERS,
} from '../counts/measures.ts'
import type { TablePort } from '../counts/table-port.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { compareIds, sumsFrom, totalOf } from '../merge/columns.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../time/units.ts'
import type { Totals } from './totals.ts'
import { addUp, runTotals, windowTotals } from './totals.ts'
import type { View } from './view.ts'

/** Panes from `from` on and before `to`; the whole run without them. */
export interface Bounds {
  from?: number | undefined
  to?: number | undefined
}

/** Of the trips that began in a district in this hour of any day. */
export interface HourFares {
  /** `00` to `23`. */
  hour: string
  trips: number
  /** Cents. */
  fare: number
  /** Dollars, to the cent; null of no trips. */
  averageFare: number | null
}

export interface TierTrips {
  tipTier: string
  fareTier: string
  trips: number
}

export interface DistrictTrips {
  rank: number
  id: string
  name: string
  pickups: number
  dropoffs: number
}

export async function faresByHour(
  table: TablePort,
  view: View,
  bounds: Bounds = {},
): Promise<HourFares[]> {
  const hours = Array.from({ length: 24 }, () => ({ trips: 0, fare: 0 }))
  const add = (hour: number, sums: DistrictSums): void => {
    const total = totalOf(sums)
    hours[hour].trips += total[PICKUPS]
    hours[hour].fare += total[FARE]
  }
  if (isBounded(bounds)) {
    for (const { start, sums } of await windowTotals(table, view, HOUR_MILLIS, bounds)) {
      add((((start % DAY_MILLIS) + DAY_MILLIS) % DAY_MILLIS) / HOUR_MILLIS, sums)
    }
  } else {
    for (const day of await table.query(dayPk(view.generation.id, view.runId))) {
      for (const [hour, columns] of Object.entries(attributesOf(day.hours))) {
        add(Number(hour), sumsFrom(columns))
      }
    }
  }
  return hours.map(({ trips, fare }, hour) => ({
    hour: String(hour).padStart(2, '0'),
    trips,
    fare,
    averageFare: trips === 0 ? null : Math.round(fare / trips) / 100,
  }))
}

/** Every tip tier × fare tier, then `none`, zeros included. */
export function tierTrips({ sums }: Totals): TierTrips[] {
  const total = totalOf(sums)
  const rows = TIP_TIERS.flatMap((tipTier, t) =>
    FARE_TIERS.map((fareTier, f) => ({
      tipTier,
      fareTier,
      trips: total[FIRST_TIER + t * FARE_TIERS.length + f],
    })),
  )
  return [
    ...rows,
    { tipTier: 'none', fareTier: 'none', trips: total[FIRST_TIER + TIERS.length - 1] },
  ]
}

/** Most trips first, ties in the order of ids; districts with none are left out. */
export function topDistricts(
  { sums }: Totals,
  { by, n, view }: { by: 'pickups' | 'dropoffs'; n: number; view: View },
): DistrictTrips[] {
  const { ids, names } = view.generation.districts
  const nameOf = new Map(ids.map((id, i) => [id, names[i]]))
  const measure = by === 'pickups' ? PICKUPS : DROPOFFS
  const order = compareIds([...sums.keys()])
  return [...sums]
    .filter(([, row]) => row[measure] > 0)
    .sort(([a, x], [b, y]) => y[measure] - x[measure] || order(a, b))
    .slice(0, n)
    .map(([id, row], i) => ({
      rank: i + 1,
      id,
      name: nameOf.get(id) ?? '',
      pickups: row[PICKUPS],
      dropoffs: row[DROPOFFS],
    }))
}

/** All districts over the bounds. */
export async function totalsIn(table: TablePort, view: View, bounds: Bounds): Promise<Totals> {
  return isBounded(bounds)
    ? addUp(await windowTotals(table, view, HOUR_MILLIS, bounds))
    : runTotals(table, view)
}

function isBounded({ from, to }: Bounds): boolean {
  return from !== undefined || to !== undefined
}
