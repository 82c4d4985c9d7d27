/**
 * Replays a run: one loop deals trips to lanes as the replay clock releases them, the other puts
 * what the lanes hold. Both stop at a drain; neither ever drops a trip.
 */
import { asError } from '../errors.ts'
import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_ENTRIES } from '../kinesis/limits.ts'
import { laneOf, laneOrdinalOf, reaches } from '../lanes/deal.ts'
import { backoffMillis } from '../time/backoff.ts'
import { isRetryable } from '../time/retry.ts'
import { Waker } from '../time/waker.ts'
import { within } from '../time/within.ts'
import { TRIP_RECORD_BYTES } from '../trips/trip-record.ts'
import { LaneQueue, releaseTimeAt } from './lane-queue.ts'
import type { Aggregate } from './lane-queue.ts'
import { lanePartitionKey } from './lane-keys.ts'
import { planPasses } from './passes.ts'
import { ReplayClock } from './replay-clock.ts'
import type {
  ReplayOutcome,
  ReplayPorts,
  ReplayProgress,
  ReplaySettings,
  ReplaySource,
} from './replay-ports.ts'
import { ShardRate } from './shard-rate.ts'

export type * from './replay-ports.ts'

const FRONTIER_MILLIS = 1_000
/** How long a drain waits for the stream, then the table. Whoever goes on puts again what is given up. */
const DRAIN_MILLIS = 1_300
const LAST_SAVE_MILLIS = 400
const PROGRESS_MILLIS = 500
/** Trips dealt before other work gets its turn. */
const DEAL_SLICE = 4_000

export class Replayer {
  readonly #settings: ReplaySettings
  readonly #ports: ReplayPorts
  readonly #source: ReplaySource
  readonly #lanes: LaneQueue[]
  readonly #rates = new Map<string, ShardRate>()
  readonly #replayClock: ReplayClock
  readonly #sender: Waker
  readonly #dealer: Waker
  readonly #drain: AbortSignal
  readonly #acknowledged: number[]
  readonly #progress: ReplayProgress
  #nextRelease = -Infinity
  #dealt = false
  #requests = 0
  #failure: Error | undefined
  #frontierSaved: Promise<void> = Promise.resolve()

  /** `acknowledged` is the frontier of an earlier attempt at the run, per lane. */
  constructor(
    source: ReplaySource,
    settings: ReplaySettings,
    ports: ReplayPorts,
    drain: AbortSignal,
    acknowledged?: readonly number[],
  ) {
    const { run } = settings
    const now = ports.clock.monotonicMillis()
    this.#source = source
    this.#settings = settings
    this.#ports = ports
    this.#drain = drain
    this.#acknowledged = Array.from({ length: run.deal.lanes }, (_, l) => acknowledged?.[l] ?? 0)
    this.#lanes = this.#acknowledged.map((next, lane) => {
      const partitionKey = lanePartitionKey(lane, run.deal.lanes)
      const { order, codec } = run.plan
      const { aggregateBytes } = settings
      const lanes = run.deal.lanes
      return new LaneQueue(
        { runId: run.id, lane, lanes, partitionKey, order, codec, aggregateBytes },
        next,
        now,
      )
    })
    this.#replayClock = new ReplayClock(ports.clock, settings.speed)
    this.#sender = new Waker(ports.clock)
    this.#dealer = new Waker(ports.clock)
    this.#progress = {
      eventTime: NaN,
      trips: this.#acknowledged.reduce((sum, count) => sum + count, 0),
      kinesisRecords: 0,
      bytes: 0,
      requests: 0,
      throttled: 0,
      retried: 0,
      waiting: 0,
    }
  }

  /** Changes the speed while it runs. */
  setSpeed(speed: number): void {
    const unpaced = this.#replayClock.speed === Infinity
    this.#replayClock.setSpeed(speed)
    // At full speed the clock did not follow: from here on the next trip is due now.
    if (unpaced && Number.isFinite(this.#nextRelease)) this.#replayClock.anchor(this.#nextRelease)
    this.#dealer.wake()
  }

  /** Runs to the end of the source, or to a drain; what is under way then is waited for a little. */
  async run(): Promise<ReplayOutcome> {
    const onDrain = (): void => {
      this.#dealer.wake()
      this.#sender.wake()
    }
    this.#drain.addEventListener('abort', onDrain)
    try {
      await Promise.all([this.#deal().catch((error: unknown) => this.#fail(error)), this.#send()])
      await this.#saveFrontierLast()
    } finally {
      this.#drain.removeEventListener('abort', onDrain)
    }
    this.#report()
    return { ...this.#progress, complete: this.#lanes.every((lane) => lane.finished) }
  }

  #fail(error: unknown): void {
    this.#failure ??= asError(error)
    this.#dealer.wake()
    this.#sender.wake()
  }

  get #stopping(): boolean {
    return this.#drain.aborted || this.#failure !== undefined
  }

  // Dealing: trips to lanes, as the clock releases them.

  async #deal(): Promise<void> {
    const { plan, deal } = this.#settings.run
    const { passes, spanMillis: span } = planPasses(plan, this.#source)
    let ordinal = 0
    for (let pass = 0; pass < passes && this.#source.trips > 0 && !this.#stopping; pass++) {
      // By an earlier attempt, all of it.
      const isSent = reaches(this.#acknowledged, deal, ordinal + this.#source.trips)
      if (isSent) ordinal += this.#source.trips
      for await (const slab of isSent ? [] : this.#source.slabs()) {
        ordinal = await this.#dealSlab(slab.bytes, slab.count, ordinal, pass * span)
        if (this.#stopping) return
      }
    }
    if (this.#stopping) return
    if (this.#source.trips > 0) {
      this.#nextRelease = this.#source.lastTime + (passes - 1) * span + 1
    }
    this.#dealt = true
    this.#sender.wake()
  }

  async #dealSlab(
    bytes: Uint8Array,
    count: number,
    firstOrdinal: number,
    shift: number,
  ): Promise<number> {
    const { deal, plan } = this.#settings.run
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let inSlice = 0
    let ordinal = firstOrdinal
    for (let i = 0; i < count;) {
      const lane = this.#lanes[laneOf(deal, ordinal)]
      const hand = Math.min(count - i, deal.handSize - (ordinal % deal.handSize))
      const seen = this.#acknowledged[lane.settings.lane] - laneOrdinalOf(deal, ordinal)
      if (seen > 0) {
        i += Math.min(hand, seen)
        ordinal += Math.min(hand, seen)
        continue
      }
      const release = releaseTimeAt(view, i * TRIP_RECORD_BYTES, plan.order) + shift
      this.#nextRelease = release
      if (!this.#replayClock.anchored) this.#replayClock.anchor(release)
      if (!this.#mayDeal(release)) await this.#untilDue(release)
      if (this.#stopping) return ordinal
      const now = this.#ports.clock.monotonicMillis()
      const trips = this.#dueTogether(view, i, Math.min(hand, DEAL_SLICE - inSlice), shift)
      const before = lane.waiting
      lane.push(bytes, i * TRIP_RECORD_BYTES, { ordinal, shift, count: trips }, now)
      this.#progress.waiting += trips
      i += trips
      ordinal += trips
      inSlice += trips
      const isFull = before < lane.fullCount && lane.waiting >= lane.fullCount
      if (before === 0 || isFull) this.#sender.wake()
      if (inSlice >= DEAL_SLICE) {
        inSlice = 0
        this.#sender.wake()
        await this.#ports.clock.sleep(0)
      }
    }
    return ordinal
  }

  /** How many trips from the `first` on, which is due, are due as well: at least 1, at most `most`. */
  #dueTogether(view: DataView, first: number, most: number, shift: number): number {
    const { bufferBytes, run } = this.#settings
    const room = Math.floor(bufferBytes / TRIP_RECORD_BYTES) - this.#progress.waiting
    const end = first + Math.max(1, Math.min(most, room))
    // At full speed all are: only the last one's time is of interest.
    let next = this.#replayClock.speed === Infinity ? end - 1 : first + 1
    for (; next < end; next++) {
      const release = releaseTimeAt(view, next * TRIP_RECORD_BYTES, run.plan.order) + shift
      if (this.#replayClock.dueIn(release) > 0) break
      this.#nextRelease = release
    }
    return next - first
  }

  /** Due by the clock, and room in the buffer. */
  #mayDeal(release: number): boolean {
    const waiting = this.#progress.waiting * TRIP_RECORD_BYTES
    return waiting < this.#settings.bufferBytes && this.#replayClock.dueIn(release) <= 0
  }

  /** Waits for the clock and for room in the buffer. */
  async #untilDue(release: number): Promise<void> {
    for (;;) {
      if (this.#stopping) return
      if (this.#progress.waiting * TRIP_RECORD_BYTES >= this.#settings.bufferBytes) {
        await this.#dealer.sleep(1_000)
        continue
      }
      const dueIn = this.#replayClock.dueIn(release)
      if (dueIn <= 0) return
      this.#sender.wake()
      await this.#dealer.sleep(Math.min(dueIn, 1_000))
    }
  }

  /** Every trip released before this has been dealt. */
  #frontier(): number {
    return Math.min(this.#nextRelease, this.#dealt ? Infinity : this.#replayClock.eventTimeNow())
  }

  // Sending: whatever is ready, at most one aggregate a lane.

  async #send(): Promise<void> {
    const { clock } = this.#ports
    let frontierAt = clock.monotonicMillis()
    let progressAt = frontierAt
    let giveUpAt = Infinity
    for (;;) {
      const now = clock.monotonicMillis()
      if (this.#failure !== undefined) throw this.#failure
      if (now - frontierAt >= FRONTIER_MILLIS) {
        frontierAt = now
        this.#saveFrontierSoon()
      }
      if (now - progressAt >= PROGRESS_MILLIS) {
        progressAt = now
        this.#report()
      }
      const underWay = this.#lanes.some((lane) => lane.inFlight !== undefined)
      if (this.#stopping) giveUpAt = Math.min(giveUpAt, now + DRAIN_MILLIS)
      if (this.#stopping && (!underWay || now >= giveUpAt)) return
      if (this.#lanes.every((lane) => lane.finished)) return
      const wait =
        this.#requests < this.#settings.maxRequests ? this.#sendReady(now) : FRONTIER_MILLIS
      await this.#sender.sleep(Math.min(wait, giveUpAt - now, PROGRESS_MILLIS))
    }
  }

  /** Starts one PutRecords with all that is ready; returns how long to wait if nothing was. */
  #sendReady(now: number): number {
    const batch: { lane: LaneQueue; aggregate: Aggregate }[] = []
    let bytes = 0
    let wait = Infinity
    for (const lane of this.#lanes) {
      if (batch.length === PUT_RECORDS_MAX_ENTRIES) break
      const ready = this.#readyIn(lane, now)
      if (ready > 0) {
        wait = Math.min(wait, ready)
        continue
      }
      const keyBytes = lane.settings.partitionKey.length
      const size = keyBytes + (lane.inFlight?.data.length ?? this.#settings.aggregateBytes)
      if (bytes + size > PUT_RECORDS_MAX_BYTES) break
      const rate = lane.shardId === undefined ? undefined : this.#rates.get(lane.shardId)
      const pause = rate?.take(size, now) ?? 0
      if (pause > 0) {
        wait = Math.min(wait, pause)
        continue
      }
      const aggregate = lane.inFlight ?? this.#build(lane, now)
      lane.restUntil = Infinity // under way, until the reply says otherwise
      lane.lastPutAt = now
      bytes += keyBytes + aggregate.data.length
      batch.push({ lane, aggregate })
    }
    if (batch.length === 0) return wait
    void this.#put(batch, bytes)
    return 0
  }

  #build(lane: LaneQueue, now: number): Aggregate {
    const ended = this.#dealt && lane.waiting <= lane.fullCount
    return lane.build(this.#frontier(), this.#ports.clock.now(), now, ended)
  }

  /** Milliseconds until the lane has something to send; Infinity while it must wait for a reply. */
  #readyIn(lane: LaneQueue, now: number): number {
    if (lane.finished) return Infinity
    if (lane.inFlight !== undefined) return Math.max(0, lane.restUntil - now)
    if (this.#stopping) return Infinity
    if (lane.waiting >= lane.fullCount || this.#dealt) return 0
    // A lane that has just begun, perhaps again, is heard of at once, with trips or without: until
    // then it holds the watermark back. At full speed it is soon full.
    const isPaced = this.#replayClock.anchored && this.#replayClock.speed !== Infinity
    if (isPaced && lane.shardId === undefined) return 0
    if (lane.waiting > 0) {
      return Math.max(0, lane.oldestDealtAt + this.#settings.lingerMillis - now)
    }
    return Math.max(0, lane.lastPutAt + this.#settings.heartbeatMillis - now)
  }

  async #put(batch: { lane: LaneQueue; aggregate: Aggregate }[], bytes: number): Promise<void> {
    const { kinesis, clock } = this.#ports
    this.#requests++
    this.#progress.requests++
    try {
      const outcomes = await kinesis.putRecords(batch.map(({ aggregate }) => aggregate))
      const now = clock.monotonicMillis()
      outcomes.forEach((outcome, i) => {
        const { lane, aggregate } = batch[i]
        if (outcome.ok) this.#acknowledge(lane, aggregate, outcome.shardId, now)
        else this.#retryLater(lane, aggregate, outcome.errorCode, now)
      })
    } catch (error) {
      if (!isRetryable(error)) this.#fail(error)
      const now = clock.monotonicMillis()
      for (const { lane, aggregate } of batch) this.#retryLater(lane, aggregate, 'request', now)
    } finally {
      this.#requests--
      this.#progress.bytes += bytes
      this.#sender.wake()
    }
  }

  #acknowledge(lane: LaneQueue, aggregate: Aggregate, shardId: string, now: number): void {
    lane.inFlight = undefined
    lane.restUntil = 0
    lane.shardId = shardId
    lane.finished = aggregate.ended
    lane.acknowledgedWatermark = lane.lastWatermark
    this.#acknowledged[lane.settings.lane] = lane.next
    this.#progress.trips += aggregate.count
    this.#progress.waiting -= aggregate.count
    this.#progress.kinesisRecords++
    this.#rateOf(shardId, now).accepted(aggregate.data.length, now)
    this.#dealer.wake()
    if (this.#progress.kinesisRecords === 1) this.#report()
  }

  #retryLater(lane: LaneQueue, aggregate: Aggregate, errorCode: string, now: number): void {
    aggregate.attempts++
    this.#progress.retried++
    if (errorCode === 'ProvisionedThroughputExceededException') {
      this.#progress.throttled++
      if (lane.shardId !== undefined) this.#rateOf(lane.shardId, now).throttled(now)
    }
    lane.restUntil = now + backoffMillis(aggregate.attempts, this.#ports.random)
  }

  #rateOf(shardId: string, now: number): ShardRate {
    let rate = this.#rates.get(shardId)
    if (rate === undefined) this.#rates.set(shardId, (rate = new ShardRate(now)))
    return rate
  }

  #saveFrontierSoon(): void {
    const acknowledged = [...this.#acknowledged]
    this.#frontierSaved = this.#frontierSaved
      .then(() => this.#ports.saveFrontier(acknowledged))
      .catch(unlessRetryable)
      .catch((error: unknown) => this.#fail(error))
  }

  /** At a drain an older frontier will do: it only means that more is put again. */
  async #saveFrontierLast(): Promise<void> {
    const saved = this.#frontierSaved.then(() => this.#ports.saveFrontier(this.#acknowledged))
    if (!this.#drain.aborted) return saved
    await within(LAST_SAVE_MILLIS, saved.catch(unlessRetryable), this.#ports.clock)
  }

  #report(): void {
    this.#progress.eventTime = Math.min(...this.#lanes.map((lane) => lane.acknowledgedWatermark))
    this.#ports.onProgress?.({ ...this.#progress })
  }
}

function unlessRetryable(error: unknown): void {
  if (!isRetryable(error)) throw error
}
