/** A small city to look at in the tests of `tail`. */
import type { DistrictCounts, Snapshot } from '../../../consumers/tail/snapshot.ts'
import type { TailState } from '../../../consumers/tail/tail-state.ts'
import { startOfTail } from '../../../consumers/tail/tail-state.ts'

export function district(
  id: string,
  name: string,
  counts: Partial<DistrictCounts> = {},
): DistrictCounts {
  return { id, name, pickups: 0, dropoffs: 0, fare: 0, tip: 0, total: 0, ...counts }
}

export const SMALL_CITY = [
  district('MN-31', 'Grand Central', {
    pickups: 10,
    dropoffs: 8,
    fare: 12_345,
    tip: 1_500,
    total: 15_000,
  }),
  district('QN-JFK', 'JFK Airport', {
    pickups: 40,
    dropoffs: 6,
    fare: 208_000,
    tip: 20_000,
    total: 250_000,
  }),
  district('BK-01', 'Greenpoint', { dropoffs: 3 }),
]

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    run: 'sample-1',
    generation: 'city-5m-1',
    window: '15m',
    asOf: '2016-01-15T16:57:19.050',
    from: '2016-01-15T16:40:00',
    to: '2016-01-15T16:55:00',
    version: 7,
    final: false,
    districts: SMALL_CITY,
    all: { pickups: 50, dropoffs: 17, fare: 220_345, tip: 21_500, total: 265_000 },
    unclassified: 1,
    health: {
      trips: 12_023,
      tripsPerSecond: 333,
      lagMillis: 2_840,
      shards: 4,
      workers: 2,
      deadLetters: 0,
      gap: 0,
      complete: false,
      abandoned: false,
      verified: undefined,
      version: 3,
    },
    ...changes,
  }
}

export function start(changes: Partial<TailState> = {}): TailState {
  const state = startOfTail({
    measure: 'pickups',
    window: undefined,
    district: undefined,
    top: Infinity,
    note: undefined,
    now: 0,
  })
  return { ...state, windows: ['5m', '15m', '30m', '60m'], ...changes }
}
