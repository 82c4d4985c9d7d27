/**
 * The batch truth: what the counts of some trips are, computed without a stream, shards, flushes or
 * merges, in the plainest way there is.
 */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import * as measure from '../counts/measures.ts'
import type { TripBatch } from '../counts/trip-batch.ts'
import { emptyBatch, UNPLACED } from '../counts/trip-batch.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { addRoute } from '../merge/routes-item.ts'
import type { RouteSums } from '../merge/routes-item.ts'
import type { Locator } from '../pipeline/classify.ts'
import { classify } from '../pipeline/classify.ts'
import { isNoZone, unclassified } from '../pipeline/row-decoder.ts'
import type { Place } from '../trips/trip.ts'
import { decodeTrip, TRIP_RECORD_BYTES } from '../trips/trip-record.ts'
import { spanStart } from '../windows/pane.ts'

/** Trips by origin and destination, by the start of the pane of their dropoff. */
export type PaneRoutes = Map<number, RouteSums>

/** Counts by pane start. */
export type PaneCounts = Map<number, { sums: DistrictSums; unclassified: Float64Array }>

export async function recount(
  slabs: AsyncIterable<{ bytes: Uint8Array; count: number }>,
  slots: DistrictSlots,
  locator: Locator | undefined,
  paneMillis: number,
  routes: PaneRoutes = new Map(),
): Promise<PaneCounts> {
  const panes: PaneCounts = new Map()
  for await (const { bytes, count } of slabs) {
    const batch = classify(columnsOf(bytes, count, slots), locator)
    for (let row = 0; row < batch.rows; row++) {
      addTrip(batch, row, slots, paneMillis, panes)
      addRouteOf(batch, row, slots, paneMillis, routes)
    }
  }
  return panes
}

function addRouteOf(
  batch: TripBatch,
  row: number,
  slots: DistrictSlots,
  paneMillis: number,
  into: PaneRoutes,
): void {
  const origin = batch.pickupPlace[row]
  const destination = batch.dropoffPlace[row]
  const time = batch.dropoffTime[row]
  if (origin < 0 || destination < 0 || Number.isNaN(time)) return
  const ofPane = routesIn(into, spanStart(time, paneMillis))
  addRoute(ofPane, slots.ids[origin], slots.ids[destination], 1)
}

/** Those of one pane, to be added to. */
export function routesIn(routes: PaneRoutes, pane: number): RouteSums {
  let sums = routes.get(pane)
  if (sums === undefined) routes.set(pane, (sums = new Map<string, Map<string, number>>()))
  return sums
}

/** Panes from `from` on and before `to`, added up. */
export function routesBetween(routes: PaneRoutes, from: number, to: number): RouteSums {
  const sums: RouteSums = new Map()
  for (const [pane, ofPane] of routes) {
    if (pane < from || pane >= to) continue
    for (const [origin, destinations] of ofPane) {
      for (const [destination, trips] of destinations) addRoute(sums, origin, destination, trips)
    }
  }
  return sums
}

function columnsOf(bytes: Uint8Array, count: number, slots: DistrictSlots): TripBatch {
  const batch = emptyBatch(count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let row = 0; row < count; row++) {
    const trip = decodeTrip(view, row * TRIP_RECORD_BYTES)
    batch.pickupTime[row] = trip.pickupTime
    batch.dropoffTime[row] = trip.dropoffTime
    const { pickup, dropoff } = trip
    batch.pickupLon[row] = pickup.kind === 'position' ? pickup.lon : NaN
    batch.pickupLat[row] = pickup.kind === 'position' ? pickup.lat : NaN
    batch.dropoffLon[row] = dropoff.kind === 'position' ? dropoff.lon : NaN
    batch.dropoffLat[row] = dropoff.kind === 'position' ? dropoff.lat : NaN
    batch.pickupPlace[row] = placeOf(pickup, slots)
    batch.dropoffPlace[row] = placeOf(dropoff, slots)
    batch.passengers[row] = trip.passengers
    batch.distance[row] = trip.distance
    batch.fare[row] = trip.fare
    batch.tip[row] = trip.tip
    batch.total[row] = trip.total
  }
  batch.rows = count
  return batch
}

function placeOf(place: Place, slots: DistrictSlots): number {
  if (place.kind === 'position') return UNPLACED
  if (isNoZone(place.zone)) return unclassified('missing-position')
  return slots.zones ? slots.slotOf(place.zone) : unclassified('zone-id-without-zones')
}

function addTrip(
  batch: TripBatch,
  row: number,
  slots: DistrictSlots,
  paneMillis: number,
  panes: PaneCounts,
): void {
  const pickupTime = batch.pickupTime[row]
  const dropoffTime = Number.isNaN(batch.dropoffTime[row]) ? pickupTime : batch.dropoffTime[row]
  const pickedUp = paneOf(panes, spanStart(pickupTime, paneMillis))
  const pickup = batch.pickupPlace[row]
  if (pickup < 0) pickedUp.unclassified[-1 - pickup]++
  else {
    const sums = sumsOf(pickedUp.sums, slots.ids[pickup])
    const { passengers, distance, fare, tip, total } = batch
    sums[measure.PICKUPS]++
    sums[measure.PASSENGERS] += passengers[row]
    sums[measure.DISTANCE] += distance[row]
    sums[measure.FARE] += fare[row]
    sums[measure.TIP] += tip[row]
    sums[measure.TOTAL] += total[row]
    sums[measure.tierColumn(fare[row], tip[row], total[row])]++
  }
  const droppedOff = paneOf(panes, spanStart(dropoffTime, paneMillis))
  const dropoff = batch.dropoffPlace[row]
  if (dropoff < 0) droppedOff.unclassified[measure.REASONS.length - 1 - dropoff]++
  else sumsOf(droppedOff.sums, slots.ids[dropoff])[measure.DROPOFFS]++
}

function paneOf(
  panes: PaneCounts,
  start: number,
): { sums: DistrictSums; unclassified: Float64Array } {
  let pane = panes.get(start)
  if (pane === undefined) {
    pane = { sums: new Map(), unclassified: new Float64Array(UNCLASSIFIED_COLUMNS) }
    panes.set(start, pane)
  }
  return pane
}

function sumsOf(sums: DistrictSums, id: string): Float64Array {
  let row = sums.get(id)
  if (row === undefined) sums.set(id, (row = new Float64Array(measure.MEASURES)))
  return row
}
