/**
 * Sums the partials of all shards into the items that people poll. One worker has the role, but
 * two at once do no harm: everything written is an absolute value, and it is written only over the
 * version that was known before the progress and the partials were read.
 */
import { textOf } from '../counts/item-values.ts'
import type { Generation } from '../counts/generation.ts'
import {
  DEAD_LETTER_BLOCK,
  hourPk,
  parsePartialPk,
  partialPrefix,
  progressPk,
} from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import { parseProgress } from '../counts/progress.ts'
import { slotsOf } from '../counts/generation.ts'
import type { Item } from '../counts/table-port.ts'
import type { WrittenPartials } from '../counts/written-partials.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import type { Slices } from '../time/slices.ts'
import { slicesOf } from '../time/slices.ts'
import { HOUR_MILLIS } from '../time/units.ts'
import { dayStartOf, hourKey, hourStartOf } from '../windows/pane.ts'
import { hourItem } from './hour-item.ts'
import type { Merging } from './hour-item.ts'
import { KnownItems } from './known-items.ts'
import { dueHours, isCatchingUp } from './merge-plan.ts'
import { MergedDays } from './merged-days.ts'
import { MergedRolling } from './merged-rolling.ts'
import type { RunView } from './run-view.ts'
import { redrivenIn, runViews } from './run-view.ts'
import { inParallel } from './in-parallel.ts'
import { PartialReader } from './partial-reader.ts'
import { RunCounts } from './run-counts.ts'
import { RunIsolation } from './run-isolation.ts'
import type { IsolationPorts } from './run-isolation.ts'
import { contest, newPending, newRunState } from './run-state.ts'
import type { RunState } from './run-state.ts'
import { RunStatus } from './run-status.ts'
import { touchedSince } from './touched.ts'
import type { Touch } from './touched.ts'

export interface MergerSettings {
  generation: Generation
  tickMillis: number
  /** Windows of the rolling items, ms. */
  rollingMillis: readonly number[]
  /** Writes under way at once. */
  concurrency: number
}

export interface MergerPorts extends IsolationPorts {
  /** Of the shards that this process counts. */
  written?: WrittenPartials
  /** An item of about so many bytes was written. */
  onWrite?(item: Item): void
}

/** What a merger leaves for the next one. */
export interface MergerState {
  merged: Map<string, string>
  /** Run → hours that changed and are not final in the table. */
  pending: Map<string, number[]>
}

/** Hours before the watermark whose counts stay in memory, at least. */
const RECENT_HOURS = 6
const QUIET_TICKS = 5
/** A long catch-up goes in portions, so that it neither holds everything in memory nor goes stale. */
const HOURS_AT_ONCE = 200

export class Merger {
  readonly #settings: MergerSettings
  readonly #ports: MergerPorts
  readonly #slots: DistrictSlots
  readonly #known: KnownItems
  readonly #runs = new Map<string, RunState>()
  readonly #partials: PartialReader
  readonly #counts: RunCounts
  readonly #rolling: MergedRolling
  readonly #days: MergedDays
  readonly #isolation: RunIsolation
  readonly #recentMillis: number
  readonly #slices: Slices
  #merged: Map<string, string>

  /** `state` is what the last merger left; an empty one makes this one look at all partials. */
  constructor(settings: MergerSettings, ports: MergerPorts, state: MergerState) {
    this.#settings = settings
    this.#ports = ports
    this.#slots = slotsOf(settings.generation)
    this.#slices = slicesOf(ports.clock)
    this.#known = new KnownItems(ports.table, ports.onWrite)
    this.#isolation = new RunIsolation(settings.generation.id, ports)
    this.#merged = new Map(state.merged)
    const longest = Math.max(0, ...settings.rollingMillis)
    this.#recentMillis = Math.max(RECENT_HOURS * HOUR_MILLIS, longest + 2 * HOUR_MILLIS)
    // Whoever begins with nothing merged is told of every partial there is, by list or by scan.
    const fromNothing = state.merged.size === 0
    this.#partials = new PartialReader(ports, settings, { knowsAll: fromNothing })
    this.#counts = new RunCounts({
      partials: this.#partials,
      geometry: settings.generation.geometry,
      slots: this.#slots,
      clock: ports.clock,
    })
    this.#rolling = new MergedRolling({
      known: this.#known,
      counts: this.#counts,
      clock: ports.clock,
      rollingMillis: settings.rollingMillis,
    })
    this.#days = new MergedDays({
      table: ports.table,
      known: this.#known,
      clock: ports.clock,
      concurrency: settings.concurrency,
      fromNothing,
    })
    for (const [run, hours] of state.pending) {
      const { pending } = this.#runState(run)
      for (const hour of hours) pending.set(hour, newPending())
    }
  }

  /** What the next merger needs to know; valid between ticks. */
  state(): MergerState {
    return {
      merged: new Map(this.#merged),
      pending: new Map(
        [...this.#runs].map(([run, { pending, days }]) => [
          run,
          // The first hour of a day that is not written yet stands for the day.
          [...new Set([...pending.keys(), ...days])],
        ]),
      ),
    }
  }

  /** Hours whose counts are kept: those near the watermark of each run. */
  get hoursInMemory(): number {
    return [...this.#runs.values()].reduce((sum, { recent }) => sum + recent.size, 0)
  }

  /** One round: finds what changed, and writes what is due. */
  async tick(): Promise<void> {
    const items = await this.#ports.table.query(progressPk(this.#settings.generation.id))
    const shards: Progress[] = []
    for (const item of items) {
      while (this.#slices.over) await this.#slices.pause()
      shards.push(parseProgress(item))
    }
    await this.#noteTouches(shards)
    const views = runViews(shards)
    const redriven = redrivenIn(shards)
    for (const run of new Set([...views.keys(), ...redriven.keys()])) {
      const back = redriven.get(run) ?? 0
      await this.#isolation.attempt(run, () => this.#tickRun(run, views.get(run), back, shards))
    }
    // Of a run that is complete every shard may have let the lanes go: nothing of it is pending.
    for (const [run, state] of this.#runs) {
      if (!views.has(run) && !redriven.has(run) && (await state.status.completedByAnother()))
        this.#runs.delete(run)
    }
  }

  async #tickRun(
    run: string,
    view: RunView | undefined,
    back: number,
    shards: readonly Progress[],
  ): Promise<void> {
    const state = this.#runState(run)
    if (state.status.complete || (await state.status.completedByAnother())) {
      // Blocks may still be named as touched; their counts have not changed, and the view may lack
      // lanes by now.
      if (back <= state.status.redriven) {
        state.pending.clear()
        state.days.clear()
      } else {
        // Dead letters came back: what they touched is merged again, as late trips would be.
        await this.#mergeRun(run, await state.status.storedView(), state, shards)
      }
      return
    }
    if (view === undefined) return
    // A shard may be the first to bring records of another producer from further back: late ones.
    const isForeign = view.lanes === 0
    const watermark = isForeign
      ? Math.max(view.watermark, state.status.publishedWatermark)
      : view.watermark
    await this.#mergeRun(run, { ...view, watermark }, state, shards)
  }

  async #noteTouches(shards: readonly Progress[]): Promise<void> {
    const { touches, incomplete, puts } = touchedSince(shards, this.#merged)
    for (const touch of touches) await this.#noteTouch(touch)
    if (incomplete) await this.#lookAtAllPartials()
    this.#merged = new Map(shards.map(({ shardId, seq }) => [shardId, seq]))
    for (const [run, entries] of puts) this.#runState(run).lag.note(entries)
  }

  async #noteTouch(touch: Touch): Promise<void> {
    while (this.#slices.over) await this.#slices.pause()
    this.#partials.note(touch)
    const state = this.#runState(touch.run)
    state.quietTicks = 0
    for (const start of touch.blocks) {
      if (start === DEAD_LETTER_BLOCK) {
        state.deadLettersTouched = true
        continue
      }
      const hour = hourStartOf(start)
      state.recent.delete(hour)
      const pending = state.pending.get(hour)
      if (pending === undefined) state.pending.set(hour, newPending())
      else pending.changed = true
    }
  }

  async #lookAtAllPartials(): Promise<void> {
    const prefix = partialPrefix(this.#settings.generation.id)
    for await (const page of this.#ports.table.scan(prefix, ['seq'])) {
      for (const { pk, sk, seq } of page) {
        if (textOf(seq) <= (this.#merged.get(sk) ?? '')) continue
        const { run, block } = parsePartialPk(pk)
        await this.#noteTouch({ run, blocks: [block], shardId: sk, seq: textOf(seq) })
      }
    }
  }

  async #mergeRun(
    run: string,
    view: RunView,
    state: RunState,
    shards: readonly Progress[],
  ): Promise<void> {
    const { generation, tickMillis } = this.#settings
    const merging: Merging = {
      generation: generation.id,
      run,
      slots: this.#slots,
      paneMillis: generation.geometry.paneMillis,
      watermark: view.watermark,
      ended: view.ended,
    }
    const pace = {
      catchingUp: isCatchingUp(view.watermark, state.watermark, tickMillis),
      quiet: ++state.quietTicks > QUIET_TICKS,
    }
    const isTouched = state.quietTicks === 1
    if (view.watermark !== state.watermark || view.ended !== state.ended || isTouched) {
      state.rollingDue = true
    }
    state.watermark = view.watermark
    state.ended = view.ended
    const due = dueHours(state.pending, merging, pace)
    await this.#mergeHours(merging, state, due, shards)
    if (state.rollingDue && Number.isFinite(view.watermark)) {
      await this.#rolling.merge(merging, state, shards)
    }
    await this.#days.merge(merging, state, pace)
    if (state.deadLettersTouched) {
      state.status.deadLetters = await this.#counts.deadLetters(run, shards)
      state.deadLettersTouched = false
    }
    const isRollingDue = state.rollingDue && Number.isFinite(view.watermark)
    const settled = state.pending.size === 0 && state.days.size === 0 && !isRollingDue
    const lag = state.lag.percentiles()
    await state.status.write(view, shards, {
      settled,
      redriven: redrivenIn(shards).get(run) ?? 0,
      now: this.#ports.clock.now(),
      lag,
    })
  }

  async #mergeHours(
    merging: Merging,
    state: RunState,
    due: readonly number[],
    shards: readonly Progress[],
  ): Promise<void> {
    const openPane = Math.floor(merging.watermark / merging.paneMillis) * merging.paneMillis
    for (let first = 0; first < due.length; first += HOURS_AT_ONCE) {
      const hours = due.slice(first, first + HOURS_AT_ONCE)
      const which = { everyShard: state.contested }
      const counts = await this.#counts.ofHours(merging.run, hours, shards, which)
      await inParallel(hours, this.#settings.concurrency, async (hour) => {
        state.days.add(dayStartOf(hour))
        const ofHour = counts.get(hour)
        if (ofHour === undefined) {
          // Only named to bring its day back; an hour that ever counted anything has a partial.
          state.pending.delete(hour)
          return
        }
        while (this.#slices.over) await this.#slices.pause()
        const outcome = await this.#known.replace(
          { pk: hourPk(merging.generation, merging.run), sk: hourKey(hour) },
          (previous) => hourItem(merging, hour, ofHour, previous),
        )
        if (outcome === 'refused') {
          contest(state)
          return
        }
        if (hourStartOf(merging.watermark) <= hour + this.#recentMillis) {
          state.recent.set(hour, ofHour)
        }
        if (merging.ended || hour + HOUR_MILLIS <= merging.watermark) state.pending.delete(hour)
        else state.pending.set(hour, { changed: false, writtenAtPane: openPane })
      })
    }
    for (const hour of state.recent.keys()) {
      if (hour + this.#recentMillis < merging.watermark) state.recent.delete(hour)
    }
  }

  #runState(run: string): RunState {
    let state = this.#runs.get(run)
    if (state === undefined) {
      state = newRunState(new RunStatus(this.#settings.generation, run, this.#known))
      this.#runs.set(run, state)
    }
    return state
  }
}
