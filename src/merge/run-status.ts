/** The status item of a run, and the item that says which run dashboards follow. */
import type { Generation } from '../counts/generation.ts'
import { attributesOf, listOf, textOf } from '../counts/item-values.ts'
import { CURRENT_KEY, runKey, statusKey } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import type { Item } from '../counts/table-port.ts'
import { asOf } from './hour-item.ts'
import type { Percentiles } from '../time/lag-histogram.ts'
import type { KnownItems } from './known-items.ts'
import type { RunView } from './run-view.ts'

/** How often a status that only grew older is written again. */
const REFRESH_MILLIS = 5_000
/** Ranges of lost trips that a status tells; the number of trips is always whole. */
const MAX_LOST = 200

export class RunStatus {
  deadLetters = 0
  /** How many letters that were put back a status of this run has told of. */
  redriven = 0
  /** The furthest watermark that a status of this run has told of. */
  publishedWatermark = -Infinity
  readonly #generation: Generation
  readonly #run: string
  readonly #known: KnownItems
  #complete = false
  #written = ''
  #writtenAt = 0
  #tripsAt = { trips: 0, at: 0 }
  #lastPutTime = 0
  #lagMillis = 0
  #current = false

  constructor(generation: Generation, run: string, known: KnownItems) {
    this.#generation = generation
    this.#run = run
    this.#known = known
  }

  /** Everything of the run is counted, merged and final. */
  get complete(): boolean {
    return this.#complete
  }

  /**
   * Whether another merger has completed the run: then it is settled for good, and consumers may
   * have let its lanes go. To be asked after progress was read: no lane was missing from it if the
   * run is not complete even now.
   */
  async completedByAnother(): Promise<boolean> {
    const status = await this.#known.peek(statusKey(this.#generation.id, this.#run))
    const published = Date.parse(`${textOf(status?.asOf)}Z`)
    if (published > this.publishedWatermark) this.publishedWatermark = published
    if (status?.complete !== true) return false
    this.#complete = true
    this.redriven = Number(status.redriven ?? 0)
    return true
  }

  /** What the status of a complete run says of its lanes, which may be forgotten by now. */
  async storedView(): Promise<RunView> {
    const status = await this.#known.peek(statusKey(this.#generation.id, this.#run))
    const lost = listOf(status?.lost).map(attributesOf)
    return {
      run: this.#run,
      watermark: Date.parse(`${textOf(status?.asOf)}Z`) || -Infinity,
      heldBy: Number(status?.heldBy ?? -1),
      lanes: Number(status?.lanes ?? 0),
      ended: true,
      abandoned: status?.abandoned === true,
      trips: Number(status?.trips ?? 0),
      gap: Number(status?.gap ?? 0),
      lost: lost.map(({ lane, first, last }) => ({
        lane: Number(lane),
        first: Number(first),
        last: last === null ? null : Number(last),
      })),
    }
  }

  /** `settled`: no hour or day of the run waits to be written. */
  async write(
    view: RunView,
    shards: readonly Progress[],
    {
      settled,
      redriven,
      now,
      lag,
    }: { settled: boolean; redriven: number; now: number; lag: Percentiles | undefined },
  ): Promise<void> {
    const over = view.ended && settled
    const worthFollowing = Number.isFinite(view.watermark) || over
    if (worthFollowing && !this.#current && this.#written !== '') await this.#follow()
    // Nobody comes back to a complete run, so whether to follow it is settled before.
    const complete = this.#complete || (over && this.#current)
    // Of a complete run it says what is merged: nobody comes back to it until there is more.
    const told = complete && !settled ? this.redriven : redriven
    const lastPutTime = Math.max(0, ...shards.map((shard) => shard.lastPutTime))
    if (lastPutTime > this.#lastPutTime) {
      this.#lastPutTime = lastPutTime
      this.#lagMillis = Math.max(0, now - lastPutTime)
    }
    const essence = JSON.stringify([view, complete, this.deadLetters, told])
    const stale = now - this.#writtenAt >= REFRESH_MILLIS && !this.#complete
    if (essence === this.#written && !stale) return
    const seconds = (now - this.#tripsAt.at) / 1000
    const tripsPerSecond =
      this.#tripsAt.at === 0 || seconds <= 0 ? 0 : (view.trips - this.#tripsAt.trips) / seconds
    this.#tripsAt = { trips: view.trips, at: now }
    const outcome = await this.#known.replace(
      statusKey(this.#generation.id, this.#run),
      (previous) => ({
        ...statusKey(this.#generation.id, this.#run),
        asOf: asOf(view.watermark),
        heldBy: view.heldBy,
        lanes: view.lanes,
        final: complete,
        ended: view.ended,
        abandoned: view.abandoned,
        complete,
        trips: view.trips,
        gap: view.gap,
        lostTrips: view.gap,
        lost: view.lost.slice(0, MAX_LOST).map(({ lane, first, last }) => ({ lane, first, last })),
        deadLetters: this.deadLetters,
        // Another merger may have told of more by now: that is merged as well.
        redriven: Math.max(told, Number(previous?.redriven ?? 0)),
        duplicates: shards.reduce((sum, shard) => sum + shard.duplicates, 0),
        tripsPerSecond: Math.round(tripsPerSecond),
        lagMillis: this.#lagMillis,
        lag: lag === undefined ? null : { ...lag },
        shards: shards.filter((shard) => !shard.ended).length,
        workers: [...new Set(shards.map((shard) => shard.worker))].sort(),
        verified: previous?.verified ?? null,
        writtenAt: now,
        revision: 0,
        version: Number(previous?.version ?? 0) + 1,
      }),
    )
    if (outcome === 'refused') return
    this.publishedWatermark = Math.max(this.publishedWatermark, view.watermark)
    this.#written = essence
    this.#writtenAt = now
    this.#complete = complete
    this.redriven = told
    if (worthFollowing && !this.#current) await this.#follow()
  }

  /** Points dashboards to this run, unless it was deleted, or they follow a newer one or generation. */
  async #follow(): Promise<void> {
    const run = await this.#known.read(runKey(this.#run))
    if (run?.state === 'deleted') {
      this.#current = true
      return
    }
    const startedAt = Number(run?.startedAt ?? 0)
    const { id, createdAt } = this.#generation
    const there = await this.#known.read(CURRENT_KEY)
    const newer =
      there === undefined ||
      (createdAt >= Number(there.generationCreatedAt) && startedAt >= Number(there.runStartedAt))
    if (!newer) {
      this.#current = true
      return
    }
    const item: Item = {
      ...CURRENT_KEY,
      generation: id,
      generationCreatedAt: createdAt,
      run: this.#run,
      runStartedAt: startedAt,
      version: Number(there?.version ?? 0) + 1,
    }
    this.#current = (await this.#known.replace(CURRENT_KEY, () => item)) === 'ok'
  }
}
