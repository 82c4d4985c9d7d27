/** A stream that can refuse, a source of trips, and a look at what arrived. */
import * as assert from 'uvu/assert'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import { hashKeyOf, MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import type { KinesisPort, PutEntry, PutOutcome } from '../../src/kinesis/kinesis-port.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { decodeControl, isControl } from '../../src/lanes/control-record.ts'
import type { Deal } from '../../src/lanes/deal.ts'
import { laneOf, laneOrdinalOf, laneShare } from '../../src/lanes/deal.ts'
import type { ReplayOutcome, ReplayProgress, ReplaySettings } from '../../src/replay/replayer.ts'
import { Replayer } from '../../src/replay/replayer.ts'
import type { ReplaySource } from '../../src/replay/replayer.ts'
import type { Run, RunPlan } from '../../src/runs/run.ts'
import { seededRandom } from '../../src/time/random.ts'
import { decodeTripJson } from '../../src/trips/trip-json.ts'
import { decodeTrip, encodeTrip, FIELD, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { TRIP } from '../trips/trips.ts'

export const START = Date.UTC(2016, 0, 1)

export type Refusal = 'ProvisionedThroughputExceededException' | 'InternalFailure'

/** What a put does to one entry; a thrown error fails the whole call. */
export type Behaviour = (entry: PutEntry, call: number) => Refusal | 'ok' | 'lost reply'

export interface Put {
  at: number
  partitionKey: string
  data: Uint8Array
}

export class FakeStream implements Pick<KinesisPort, 'putRecords'> {
  readonly puts: Put[] = []
  /** Sizes of the calls, refused entries included. */
  readonly calls: { at: number; entries: number; bytes: number }[] = []
  shards = 2
  latencyMillis = 10
  underWay = 0
  mostUnderWay = 0
  behaviour: Behaviour = () => 'ok'
  /** Whether a call fails as a whole, with what, and whether its entries were written. */
  failure: (call: number) => { error: Error; written: boolean } | undefined = () => undefined
  readonly #clock: FakeClock

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  async putRecords(entries: readonly PutEntry[]): Promise<PutOutcome[]> {
    const call = this.calls.length
    const bytes = entries.reduce((sum, { data }) => sum + data.length, 0)
    this.calls.push({ at: this.#clock.monotonicMillis(), entries: entries.length, bytes })
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay)
    const failure = this.failure(call)
    const outcomes = entries.map((entry): PutOutcome => {
      const behaviour = failure === undefined ? this.behaviour(entry, call) : 'ok'
      if (behaviour !== 'ok' && behaviour !== 'lost reply') {
        return { ok: false, errorCode: behaviour }
      }
      if (failure?.written !== false) this.#write(entry)
      if (behaviour === 'lost reply') return { ok: false, errorCode: 'InternalFailure' }
      const sequenceNumber = String(this.puts.length)
      return { ok: true, sequenceNumber, shardId: this.shardOf(entry.partitionKey) }
    })
    await this.#clock.sleep(this.latencyMillis)
    this.underWay--
    if (failure !== undefined) throw failure.error
    return outcomes
  }

  shardOf(partitionKey: string): string {
    const shard = (hashKeyOf(partitionKey) * BigInt(this.shards)) / (MAX_HASH_KEY + 1n)
    return `shardId-${shard}`
  }

  #write({ partitionKey, data }: PutEntry): void {
    this.puts.push({ at: this.#clock.monotonicMillis(), partitionKey, data: data.slice() })
  }
}

/** Trips released (by pickup) at these event times, which must not go back. */
export function sourceOf(times: readonly number[], slabSize = 7): ReplaySource {
  return {
    trips: times.length,
    firstTime: times.at(0) ?? NaN,
    lastTime: times.at(-1) ?? NaN,
    async *slabs() {
      for (let at = 0; at < times.length; at += slabSize) {
        const part = times.slice(at, at + slabSize)
        const bytes = new Uint8Array(part.length * TRIP_RECORD_BYTES)
        const view = new DataView(bytes.buffer)
        part.forEach((pickupTime, i) => {
          const trip = { ...TRIP, pickupTime, dropoffTime: pickupTime + 600_000 }
          encodeTrip(trip, view, i * TRIP_RECORD_BYTES)
        })
        await Promise.resolve()
        yield { bytes, count: part.length }
      }
    },
  }
}

export const evenly = (count: number, stepMillis: number): number[] =>
  Array.from({ length: count }, (_, i) => START + i * stepMillis)

export function runOf(deal: Deal, plan: Partial<RunPlan> = {}): Run {
  return {
    id: 'test-run',
    plan: {
      files: ['trips.csv'],
      inputFingerprint: 'f',
      order: 'pickup',
      from: null,
      to: null,
      codec: 'binary',
      passes: 1,
      ...plan,
    },
    deal,
    streamName: 's',
    streamCreationTime: 0,
    state: 'running',
    startedAt: 0,
    rowsRead: 0,
    rejected: 0,
    outsideWindow: 0,
    tripsSent: null,
    finishedAt: null,
  }
}

export interface Stage {
  clock: FakeClock
  stream: FakeStream
  drain: AbortController
  replayer: Replayer
  reports: ReplayProgress[]
  frontiers: number[][]
  outcome: Promise<ReplayOutcome>
  /** Set once `outcome` is settled. */
  ended: () => boolean
  /** How often the source was read. */
  readings: () => number
}

export interface StageOptions extends Partial<Omit<ReplaySettings, 'run'>> {
  run?: Run
  times: readonly number[]
  acknowledged?: readonly number[]
  seed?: number
  prepare?: (stream: FakeStream) => void
  /** What saving the frontier fails with, if it does. */
  frontierFailure?: () => Error | undefined
  /** When saving the frontier resolves; at once unless told otherwise. */
  frontierSaved?: Promise<void>
}

/** Sets a replay going. */
export function replayOf(options: StageOptions): Stage {
  const clock = new FakeClock()
  const stream = new FakeStream(clock)
  options.prepare?.(stream)
  const drain = new AbortController()
  const reports: ReplayProgress[] = []
  const frontiers: number[][] = []
  const { run = runOf({ lanes: 4, handSize: 5 }), times, acknowledged, seed = 1 } = options
  const { prepare: _prepare, frontierFailure = () => undefined, ...other } = options
  const { frontierSaved = Promise.resolve(), ...rest } = other
  const settings: ReplaySettings = {
    run,
    speed: Infinity,
    aggregateBytes: 1_200,
    lingerMillis: 250,
    heartbeatMillis: 1_000,
    bufferBytes: 1_000_000,
    maxRequests: 4,
    ...rest,
  }
  const source = sourceOf(times)
  let readings = 0
  const slabs = (): ReturnType<typeof source.slabs> => {
    readings++
    return source.slabs()
  }
  const replayer = new Replayer(
    { ...source, slabs },
    settings,
    {
      kinesis: stream,
      clock,
      random: seededRandom(seed),
      saveFrontier: (frontier) => {
        const failure = frontierFailure()
        if (failure !== undefined) return Promise.reject(failure)
        frontiers.push([...frontier])
        return frontierSaved
      },
      onProgress: (progress) => reports.push(progress),
    },
    drain.signal,
    acknowledged,
  )
  let ended = false
  const outcome = replayer.run().finally(() => (ended = true))
  outcome.catch(() => undefined)
  return {
    clock,
    stream,
    drain,
    replayer,
    reports,
    frontiers,
    outcome,
    ended: () => ended,
    readings: () => readings,
  }
}

/** Lets time pass until the replay is over. */
export async function toTheEnd(stage: Stage, limitMillis = 3_600_000): Promise<ReplayOutcome> {
  await stage.clock.advanceUntil(stage.ended, limitMillis)
  return stage.outcome
}

export interface Arrival {
  at: number
  control: ControlRecord
  /** Ordinals in the run, and release times. */
  ordinals: number[]
  times: number[]
}

/** The records of each lane in the order in which they arrived. */
export function arrivals(puts: readonly Put[]): Map<number, Arrival[]> {
  const lanes = new Map<number, Arrival[]>()
  const records = new UserRecords()
  for (const { at, data, partitionKey } of puts) {
    const aggregated = records.read(data)
    const length = aggregated ? records.lengths[0] : data.length
    const offset = aggregated ? records.offsets[0] : 0
    assert.ok(isControl(data, offset, length), 'a record of a lane begins with its control record')
    const control = decodeControl(data, offset, length)
    const arrival: Arrival = { at, control, ordinals: [], times: [] }
    const view = new DataView(data.buffer, data.byteOffset, data.length)
    for (let i = 1; aggregated && i < records.count; i++) {
      assert.is(records.partitionKeys[records.keyIndexes[i]], partitionKey)
      if (data[records.offsets[i]] === 0x7b) {
        const bytes = data.subarray(records.offsets[i], records.offsets[i] + records.lengths[i])
        const { ordinal } = JSON.parse(Buffer.from(bytes).toString()) as { ordinal: number }
        arrival.ordinals.push(ordinal)
        arrival.times.push(decodeTripJson(bytes).pickupTime)
      } else {
        arrival.ordinals.push(view.getFloat64(records.offsets[i] + FIELD.ordinal, true))
        arrival.times.push(decodeTrip(view, records.offsets[i]).pickupTime)
      }
    }
    assert.is(control.count, arrival.ordinals.length)
    const lane = lanes.get(control.lane)
    if (lane === undefined) lanes.set(control.lane, [arrival])
    else lane.push(arrival)
  }
  return lanes
}

/**
 * Reads the stream as a consumer does, and insists on what lanes promise: no hole, no reordering,
 * each trip at its place, nothing released before a watermark after it, and nothing after the end.
 * Returns how many trips each lane has.
 */
export function checkLanes(puts: readonly Put[], deal: Deal): number[] {
  const counts = Array<number>(deal.lanes).fill(0)
  for (const [lane, records] of arrivals(puts)) {
    let next = 0
    let watermark = -Infinity
    let ended = false
    for (const { control, ordinals, times } of records) {
      assert.ok(control.firstOrdinal <= next, `lane ${lane}: a hole before ${control.firstOrdinal}`)
      assert.is(control.lanes, deal.lanes)
      const isNew = control.firstOrdinal + control.count > next
      assert.not.ok(ended && isNew, `lane ${lane}: trips after its end`)
      ordinals.forEach((ordinal, i) => {
        assert.is(laneOf(deal, ordinal), lane)
        assert.is(laneOrdinalOf(deal, ordinal), control.firstOrdinal + i)
        if (control.firstOrdinal + i < next) return
        assert.ok(times[i] >= watermark, `lane ${lane}: trip ${ordinal} behind a watermark`)
      })
      next = Math.max(next, control.firstOrdinal + control.count)
      watermark = Math.max(watermark, control.watermark)
      ended ||= control.ended
    }
    counts[lane] = next
  }
  return counts
}

/** All of them arrived, each lane has its share and has ended. */
export function checkComplete(stage: Pick<Stage, 'stream'>, deal: Deal, trips: number): void {
  const counts = checkLanes(stage.stream.puts, deal)
  assert.equal(
    counts,
    counts.map((_, lane) => laneShare(deal, lane, trips)),
  )
  for (let lane = 0; lane < deal.lanes; lane++) {
    const last = arrivals(stage.stream.puts).get(lane)?.at(-1)
    assert.ok(last?.control.ended, `lane ${lane} has not ended`)
  }
}
