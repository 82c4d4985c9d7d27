/**
 * The pipeline as most would write it today: aws-kinesis-agg, a JSON object for each trip, RxJS
 * item by item, which-polygon, and a map from district and pane to an object of sums.
 */
import { createRequire } from 'node:module'
import { filter, from, lastValueFrom, map, mergeMap, reduce } from 'rxjs'
import whichPolygon from 'which-polygon'
import type { KinesisRecord } from '../src/kinesis/kinesis-port.ts'
import type { Collection } from './classify/peers.ts'

interface AwsKinesisAgg {
  deaggregateSync(
    record: { partitionKey: string; sequenceNumber: string; data: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, records?: { data: string }[]) => void,
  ): void
}

const { deaggregateSync } = createRequire(import.meta.url)('aws-kinesis-agg') as AwsKinesisAgg

interface NaivePlace {
  lon: number
  lat: number
}

interface NaiveTrip {
  pickupTime: string
  dropoffTime: string
  pickup: NaivePlace
  dropoff: NaivePlace
  passengers: number
  distance: number
  fare: number
  tip: number
  total: number
}

export interface NaiveCounts {
  pickups: number
  dropoffs: number
  passengers: number
  distance: number
  fare: number
  tip: number
  total: number
}

interface End {
  place: NaivePlace
  time: string
  trip?: NaiveTrip
}

/** As the SDK or a Lambda event gives a record: data in base64. */
export interface NaiveRecord {
  partitionKey: string
  sequenceNumber: string
  data: string
}

export function naiveRecords(records: readonly KinesisRecord[]): NaiveRecord[] {
  return records.map(({ partitionKey, sequenceNumber, data }) => ({
    partitionKey,
    sequenceNumber,
    data: Buffer.from(data).toString('base64'),
  }))
}

/** Counts by `district|pane`, like ours but for the tiers and the reasons of the unclassified. */
export function naivePipeline(
  collection: Collection,
  id: string,
  paneMillis: number,
): (records: readonly NaiveRecord[]) => Promise<Map<string, NaiveCounts>> {
  const query = whichPolygon(collection)
  return (records) =>
    lastValueFrom(
      from(records).pipe(
        mergeMap((record) => from(deaggregated(record))),
        map((data) => JSON.parse(Buffer.from(data, 'base64').toString()) as NaiveTrip),
        mergeMap((trip): End[] => [
          { place: trip.pickup, time: trip.pickupTime, trip },
          { place: trip.dropoff, time: trip.dropoffTime },
        ]),
        map((end) => ({ ...end, district: query([end.place.lon, end.place.lat])?.[id] })),
        filter(({ district }) => district !== undefined),
        map(({ time, ...end }) => ({
          ...end,
          pane: Math.floor(Date.parse(`${time}Z`) / paneMillis) * paneMillis,
        })),
        reduce((counts, { district, pane, trip }) => {
          const key = `${String(district)}|${pane}`
          const sums = counts.get(key) ?? noCounts()
          counts.set(key, trip === undefined ? withDropoff(sums) : withPickup(sums, trip))
          return counts
        }, new Map<string, NaiveCounts>()),
      ),
    )
}

function deaggregated(record: NaiveRecord): string[] {
  let found: string[] = []
  deaggregateSync(record, true, (error, records) => {
    if (error) throw error
    found = (records ?? []).map(({ data }) => data)
  })
  return found
}

function noCounts(): NaiveCounts {
  return { pickups: 0, dropoffs: 0, passengers: 0, distance: 0, fare: 0, tip: 0, total: 0 }
}

function withDropoff(sums: NaiveCounts): NaiveCounts {
  sums.dropoffs++
  return sums
}

function withPickup(sums: NaiveCounts, trip: NaiveTrip): NaiveCounts {
  sums.pickups++
  sums.passengers += trip.passengers
  sums.distance += trip.distance
  sums.fare += trip.fare
  sums.tip += trip.tip
  sums.total += trip.total
  return sums
}
