/**
 * The counts of one shard: a pure function of the shard's records up to `seq`, in memory. It is
 * fed batches in order and asked for partials; it does no I/O and knows no clock.
 */
import type { ControlRecord } from '../lanes/control-record.ts'
import type { LaneState } from '../lanes/lane-state.ts'
import { advance, newLane } from '../lanes/lane-state.ts'
import type { WindowGeometry } from '../windows/pane.ts'
import { addDropoffs, addPickups } from './add-ends.ts'
import { blocksOf } from './blocks-of-rows.ts'
import { BlockCounts } from './block-counts.ts'
import type { DistrictSlots } from './district-slots.ts'
import { DEAD_LETTER_BLOCK } from './keys.ts'
import type { Progress, ProgressNotes, TouchGroup } from './progress.ts'
import { boundTouched } from './progress.ts'
import { PutTimes } from './put-times.ts'
import { RunBlocks } from './run-blocks.ts'
import type { Block } from './run-blocks.ts'
import type { DeadLetter, Segment, TripBatch } from './trip-batch.ts'
import { FOREIGN_RUN } from './trip-batch.ts'

export interface BlockRef {
  run: string
  block: number
}

export interface ShardCounterOptions {
  generation: string
  geometry: WindowGeometry
  slots: DistrictSlots
  /** Where to go on: the shard's own progress, or what it inherits from its parents. */
  progress: Progress
  /** How far behind the latest event time a foreign run's watermark stays, ms. */
  outOfOrdernessMillis: number
  /** A lane first seen in its middle is a gap when the shard is read from its beginning. */
  fromBeginning: boolean
  /** Flushes whose touched blocks progress names, at most; a usual number where it is left out. */
  touchGroups?: number | undefined
  /** The table holds no partial of this shard but what this counter gave out. */
  countedAlone?: boolean
}

export class ShardCounter {
  readonly #options: ShardCounterOptions
  readonly #panesPerBlock: number
  readonly #blocks = new Map<string, RunBlocks>()
  readonly #lanes: Map<string, Map<number, LaneState>>
  #seq: string
  #ended: boolean
  #trimmed: boolean
  #touched: Map<string, Set<number>> = new Map()
  #groups: TouchGroup[]
  #since: string
  readonly #redrives: Map<string, LaneState>
  #foreignRecords: number
  #foreignWatermark: number
  #lastPutTime: number
  readonly #putTimes = new PutTimes()
  #tripsCounted: number
  #duplicates: number

  constructor(options: ShardCounterOptions) {
    const { progress, geometry } = options
    this.#options = options
    this.#panesPerBlock = geometry.blockMillis / geometry.paneMillis
    this.#lanes = new Map(
      [...progress.lanes].map(([run, lanes]) => [
        run,
        new Map([...lanes].map(([lane, state]) => [lane, { ...state }])),
      ]),
    )
    this.#seq = progress.seq
    this.#ended = progress.ended
    this.#trimmed = progress.trimmed
    this.#groups = [...progress.touched]
    this.#since = progress.since
    this.#redrives = new Map([...progress.redrives].map(([run, lane]) => [run, { ...lane }]))
    this.#foreignRecords = progress.foreignRecords
    this.#foreignWatermark = progress.foreignWatermark
    this.#lastPutTime = progress.lastPutTime
    this.#tripsCounted = progress.tripsCounted
    this.#duplicates = progress.duplicates
  }

  get seq(): string {
    return this.#seq
  }

  get tripsCounted(): number {
    return this.#tripsCounted
  }

  /** Lanes of `batch` that this shard has never met: their run may have ended long ago. */
  unknownRuns(batch: TripBatch): string[] {
    const runs = new Set<string>()
    for (const { control } of batch.segments) {
      if (control === undefined || control.redrive !== undefined) continue
      if (!this.#lanes.get(control.runId)?.has(control.lane)) runs.add(control.runId)
    }
    return [...runs]
  }

  /** The blocks that `batch` may touch and that are not in memory. */
  missingBlocks(batch: TripBatch): BlockRef[] {
    const missing = new Map<string, Set<number>>()
    const size = this.#options.geometry.blockMillis
    for (const segment of batch.segments) {
      if (this.#isOfOthers(segment)) continue
      const run = runOf(segment)
      const known = this.#blocks.get(run)
      let wanted = missing.get(run)
      if (wanted === undefined) missing.set(run, (wanted = new Set()))
      const comesBack = segment.control?.redrive !== undefined && segment.end > segment.first
      const dies = comesBack || countDead(batch, segment.first, segment.end) > 0
      if (dies && known?.get(DEAD_LETTER_BLOCK) === undefined) wanted.add(DEAD_LETTER_BLOCK)
      for (const times of [batch.pickupTime, batch.dropoffTime]) {
        for (const start of blocksOf(times, batch.dead, segment, size)) {
          if (known?.get(start) === undefined) wanted.add(start)
        }
      }
    }
    return [...missing].flatMap(([run, blocks]) => [...blocks].map((block) => ({ run, block })))
  }

  /** False where the table is known to have no partial of a missing block. */
  mayHavePartial({ run, block }: BlockRef): boolean {
    return this.#options.countedAlone !== true || this.#blocks.get(run)?.wasHere(block) === true
  }

  /** Takes a block into memory: what its partial held, or nothing where there is none yet. */
  install(ref: BlockRef, partial?: { seq: string; counts: Uint8Array }): void {
    const slots = this.#options.slots
    const counts =
      partial === undefined
        ? new BlockCounts(this.#panesPerBlock, slots.size)
        : BlockCounts.unpack(partial.counts, slots)
    let ofRun = this.#blocks.get(ref.run)
    if (ofRun === undefined) {
      ofRun = new RunBlocks(this.#options.geometry.blockMillis)
      this.#blocks.set(ref.run, ofRun)
    }
    ofRun.set({
      run: ref.run,
      start: ref.block,
      counts,
      base: partial?.seq ?? '',
      dirty: false,
    })
  }

  /**
   * Counts a batch; every block it touches must be installed. `endedRuns` are those of its unknown
   * runs that are complete, and to `deletedRuns` nothing comes back: all their records are
   * duplicates. Returns the letters that died here, or came back and are dead again; those of
   * duplicates are none.
   */
  absorb(
    batch: TripBatch,
    endedRuns: ReadonlySet<string> = new Set(),
    deletedRuns: ReadonlySet<string> = new Set(),
  ): DeadLetter[] {
    const letters: DeadLetter[] = []
    for (const segment of batch.segments) {
      if (segment.seq <= this.#seq) continue
      const { control } = segment
      let from = segment.first
      if (control?.redrive !== undefined) {
        const passed = this.#isOfOthers(segment) || deletedRuns.has(control.runId)
        from = passed ? segment.end : segment.first + this.#advanceRedrive(control)
      } else if (control !== undefined) {
        const unknown = !this.#lanes.get(control.runId)?.has(control.lane)
        from =
          unknown && endedRuns.has(control.runId)
            ? segment.end
            : Math.min(segment.end, segment.first + this.#advanceLane(control))
        this.#duplicates += from - segment.first
        this.#lastPutTime = Math.max(this.#lastPutTime, control.putTime)
        const rows = { pickupTime: batch.pickupTime, from, end: segment.end }
        this.#putTimes.note(control.runId, control.putTime, rows, this.#options.geometry.paneMillis)
      }
      this.#addRows(batch, segment, from)
      for (const letter of batch.deadLetters) {
        if (letter.row >= from && letter.row < segment.end) letters.push(letter)
      }
      this.#seq = segment.seq
    }
    return letters
  }

  /** Dead letters of another generation, which reads what they were for itself. */
  #isOfOthers({ control }: Segment): boolean {
    return control?.redrive !== undefined && control.redrive !== this.#options.generation
  }

  /** As `#advanceLane`, of the lane by which a run's dead letters come back; it never ends. */
  #advanceRedrive(control: ControlRecord): number {
    const known = this.#redrives.get(control.runId)
    const lane = known ?? newLane(0, 1)
    if (known === undefined) this.#redrives.set(control.runId, lane)
    return advance(lane, control, known !== undefined || this.#options.fromBeginning)
  }

  /** Moves the lane on and returns how many of the trips that follow were seen before. */
  #advanceLane(control: ControlRecord): number {
    let lanes = this.#lanes.get(control.runId)
    if (lanes === undefined) this.#lanes.set(control.runId, (lanes = new Map<number, LaneState>()))
    let lane = lanes.get(control.lane)
    const isNew = lane === undefined
    if (lane === undefined) lanes.set(control.lane, (lane = newLane(control.lane, control.lanes)))
    if (lane.ended) return control.count
    if (control.abandoned) {
      lane.ended = true
      lane.abandoned = true
      return control.count
    }
    const seen = advance(lane, control, !isNew || this.#options.fromBeginning)
    lane.watermark = Math.max(lane.watermark, control.watermark)
    if (control.ended) lane.ended = true
    return seen
  }

  #addRows(batch: TripBatch, segment: Segment, from: number): void {
    const run = runOf(segment)
    const { seq, end } = segment
    const dead = countDead(batch, from, end)
    const comesBack = segment.control?.redrive !== undefined
    if (comesBack ? from < end : dead > 0) {
      const counts = this.#countsAt(run, DEAD_LETTER_BLOCK, seq)
      // What came back and is dead again was counted as dead where it died first.
      if (counts !== undefined && comesBack) counts.redriven += end - from - dead
      else if (counts !== undefined) counts.deadLetters += dead
    }
    this.#tripsCounted += end - from - dead
    const { geometry } = this.#options
    const countsAt = (start: number): BlockCounts | undefined => this.#countsAt(run, start, seq)
    addPickups(batch, from, end, geometry, countsAt)
    addDropoffs(batch, from, end, geometry, countsAt)
    if (segment.control !== undefined) return
    this.#foreignRecords += end - from
    this.#advanceForeign(batch, from, end)
  }

  #advanceForeign(batch: TripBatch, from: number, end: number): void {
    for (let row = from; row < end; row++) {
      if (batch.dead[row] === 1) continue
      const latest = Math.max(batch.pickupTime[row], batch.dropoffTime[row] || -Infinity)
      const watermark = latest - this.#options.outOfOrdernessMillis
      if (watermark > this.#foreignWatermark) this.#foreignWatermark = watermark
    }
  }

  /**
   * What the record at `seq` is added to in a block; undefined where its partial has the record
   * already. The block is listed as touched in either case.
   */
  #countsAt(run: string, start: number, seq: string): BlockCounts | undefined {
    const block = this.#blocks.get(run)?.get(start)
    if (block === undefined) throw new Error(`block ${start} of run ${run} was not installed`)
    this.#touch(block)
    return seq > block.base ? block.counts : undefined
  }

  #touch(block: Block): void {
    if (block.dirty) return
    block.dirty = true
    let ofRun = this.#touched.get(block.run)
    if (ofRun === undefined) this.#touched.set(block.run, (ofRun = new Set()))
    ofRun.add(block.start)
  }

  /**
   * Nothing of the shard follows: it is closed and every record of it has been absorbed, or it was
   * `trimmed` away before that.
   */
  end(trimmed = false): void {
    this.#ended = true
    this.#trimmed = trimmed
  }

  /** How many blocks wait for a flush. */
  get dirtyBlocks(): number {
    let count = 0
    for (const blocks of this.#touched.values()) count += blocks.size
    return count
  }

  /**
   * Begins a flush: which partials to write, and the progress that may be written once every one
   * of them has been. The caller then asks for each partial when it is about to write it.
   */
  beginFlush(): { blocks: BlockRef[]; progress: Omit<Progress, ProgressNotes> } {
    const blocks: BlockRef[] = []
    const group = new Map<string, number[]>()
    for (const [run, starts] of this.#touched) {
      group.set(run, [...starts])
      for (const block of starts) blocks.push({ run, block })
    }
    const puts = this.#putTimes.take()
    if (blocks.length > 0) {
      this.#groups.push({ seq: this.#seq, blocks: group, ...(puts.size > 0 && { puts }) })
    }
    this.#touched = new Map()
    for (const { run, block } of blocks) {
      const state = this.#blocks.get(run)?.get(block)
      if (state !== undefined) state.dirty = false
    }
    const { touched, since } = boundTouched(this.#groups, this.#since, this.#options.touchGroups)
    this.#groups = touched
    this.#since = since
    return {
      blocks,
      progress: {
        shardId: this.#options.progress.shardId,
        seq: this.#seq,
        ended: this.#ended,
        trimmed: this.#trimmed,
        since,
        touched: [...touched],
        lanes: new Map(
          [...this.#lanes].map(([run, lanes]) => [
            run,
            new Map([...lanes].map(([lane, state]) => [lane, { ...state }])),
          ]),
        ),
        redrives: new Map([...this.#redrives].map(([run, lane]) => [run, { ...lane }])),
        foreignRecords: this.#foreignRecords,
        foreignWatermark: this.#foreignWatermark,
        lastPutTime: this.#lastPutTime,
        tripsCounted: this.#tripsCounted,
        duplicates: this.#duplicates,
      },
    }
  }

  /** The absolute counts of a block up to `seq`; undefined once the block was forgotten. */
  partial(ref: BlockRef): { seq: string; counts: Uint8Array } | undefined {
    const block = this.#blocks.get(ref.run)?.get(ref.block)
    if (block === undefined) return undefined
    // Behind its own partial: only the read-back value is true, and it is in the table already.
    if (this.#seq <= block.base) return undefined
    return { seq: this.#seq, counts: block.counts.pack(this.#options.slots) }
  }

  /** Lets a clean block go; it is read back when it is needed again. Returns the bytes it took. */
  forget(ref: BlockRef): number {
    const block = this.#blocks.get(ref.run)?.get(ref.block)
    if (block === undefined || block.dirty) return 0
    this.#blocks.get(ref.run)?.delete(ref.block)
    return block.counts.bytes
  }

  get inMemory(): { blocks: number; bytes: number } {
    const memory = { blocks: 0, bytes: 0 }
    for (const blocks of this.#blocks.values()) {
      memory.blocks += blocks.size
      for (const { counts } of blocks.values()) memory.bytes += counts.bytes
    }
    return memory
  }

  /** Clean blocks, oldest first. */
  cleanBlocks(): BlockRef[] {
    const clean: BlockRef[] = []
    for (const [run, blocks] of this.#blocks) {
      for (const { start, dirty } of blocks.values()) if (!dirty) clean.push({ run, block: start })
    }
    return clean
  }

  /** Runs whose lanes on this shard have all ended. */
  endedRuns(): string[] {
    return [...this.#lanes]
      .filter(([, lanes]) => [...lanes.values()].every((lane) => lane.ended))
      .map(([run]) => run)
  }

  /** Lets the lanes of a complete run go. */
  forgetRun(run: string): void {
    this.#lanes.delete(run)
  }
}

function runOf(segment: Segment): string {
  return segment.control?.runId ?? FOREIGN_RUN
}

function countDead({ dead }: TripBatch, from: number, end: number): number {
  let count = 0
  for (let row = from; row < end; row++) count += dead[row]
  return count
}
