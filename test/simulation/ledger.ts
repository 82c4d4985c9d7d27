/**
 * What is in the stream, written down as it is accepted: which trips of which record are new, and so
 * what each shard has to count up to each sequence number. Knows the order in which Kinesis took
 * all records, which no consumer does.
 */
import { DEAD_LETTER_BLOCK } from '../../src/counts/keys.ts'
import { FOREIGN_RUN } from '../../src/counts/trip-batch.ts'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { decodeControl, isControl } from '../../src/lanes/control-record.ts'
import type { Deal } from '../../src/lanes/deal.ts'
import { TRIP_RECORD_BYTES, FIELD } from '../../src/trips/trip-record.ts'
import { spanStart } from '../../src/windows/pane.ts'
import type { TripFact } from './city.ts'
import type { ModelRecord } from './kinesis-model.ts'
import type { End } from './truth.ts'
import { endsOf, readableEndsOf, timeOf } from './truth.ts'

/** An end and the record that brought it first. */
export interface Entry {
  seq: string
  end: End
}

/** The order of the stream: ascending `seq`. */
export type BlockEntries = Map<string, Map<number, Entry[]>>

interface LaneLedger {
  next: number
  ended: boolean
}

interface RunLedger {
  facts: readonly TripFact[]
  deal: Deal
  lanes: LaneLedger[]
  /** Trips taken into the stream before their lane's end, each once. */
  sent: TripFact[]
  abandoned: boolean
}

export interface LedgerOptions {
  blockMillis: number
  fail(why: string): void
}

export class Ledger {
  /** Shard → run → block. */
  readonly shards = new Map<string, BlockEntries>()
  readonly runs = new Map<string, RunLedger>()
  /** What a foreign producer sends, by the ordinal in its records. */
  readonly foreign: TripFact[] = []
  /** Letters that came back, by run: each once, by their place in the lane they come back by. */
  readonly redriven = new Map<string, TripFact[]>()
  /** User records of the foreign run that are in the stream. */
  foreignRecords = 0
  /** Shard → `run lane` → what the lane's next ordinal was after each of its records. */
  readonly #laneNext = new Map<string, Map<string, { seq: string; next: number }[]>>()
  readonly #userRecords = new UserRecords()
  readonly #options: LedgerOptions

  constructor(options: LedgerOptions) {
    this.#options = options
  }

  addRun(id: string, facts: readonly TripFact[], deal: Deal): void {
    const lanes = Array.from({ length: deal.lanes }, () => ({ next: 0, ended: false }))
    this.runs.set(id, { facts, deal, lanes, sent: [], abandoned: false })
  }

  take(record: ModelRecord): void {
    const { data } = record
    const users = this.#userRecords
    const parts = users.read(data)
      ? Array.from({ length: users.count }, (_, i) =>
          data.subarray(users.offsets[i], users.offsets[i] + users.lengths[i]),
        )
      : [data]
    const [first] = parts
    const control = isControl(first, 0, first.length) ? decodeControl(first, 0, first.length) : null
    if (control?.redrive !== undefined) {
      this.#takeRedriven(record, control, parts.slice(1))
    } else if (control !== null) {
      this.#takeLane(record, control, parts.length - 1)
    } else {
      for (const part of parts) this.#takeForeign(record, part)
    }
  }

  entries(shardId: string, run: string, block: number): readonly Entry[] {
    return this.shards.get(shardId)?.get(run)?.get(block) ?? []
  }

  /** The next ordinal of a lane at a place of a shard; undefined where the shard does not know. */
  laneNextAt(shardId: string, run: string, lane: number, seq: string): number | undefined {
    const known = this.#laneNext.get(shardId)?.get(`${run} ${lane}`)
    return known?.findLast((entry) => entry.seq <= seq)?.next
  }

  #takeLane(record: ModelRecord, control: ControlRecord, trips: number): void {
    const { runId, lane: index, firstOrdinal, count } = control
    const run = this.runs.get(runId)
    const lane = run?.lanes.at(index)
    if (run === undefined || lane === undefined) throw new Error(`unknown lane ${runId} ${index}`)
    const { fail } = this.#options
    if (trips !== count) fail(`lane ${index} of ${runId}: ${trips} trips, and ${count} announced`)
    if (!lane.ended && control.abandoned) {
      lane.ended = true
      run.abandoned = true
    } else if (!lane.ended) {
      if (firstOrdinal > lane.next) {
        fail(`lane ${index} of ${runId}: ordinal ${firstOrdinal} came before ${lane.next}`)
      }
      for (let i = lane.next; i < firstOrdinal + count; i++) {
        const fact = run.facts.at(ordinalInRun(run.deal, index, i))
        if (fact === undefined) {
          fail(`lane ${index} of ${runId} has no trip ${i}`)
          return
        }
        run.sent.push(fact)
        for (const end of endsOf(fact)) this.#enter(record, runId, end)
      }
      lane.next = Math.max(lane.next, firstOrdinal + count)
      if (control.ended) lane.ended = true
    }
    this.#noteNext(record, `${runId} ${index}`, lane.next)
  }

  /** Each letter comes back once, in one order, whoever puts it back. */
  #takeRedriven(record: ModelRecord, control: ControlRecord, parts: readonly Uint8Array[]): void {
    const { runId, firstOrdinal, count } = control
    const { fail } = this.#options
    const lane = made(this.redriven, runId, (): TripFact[] => [])
    if (parts.length !== count) fail(`redrive of ${runId}: ${parts.length} letters, not ${count}`)
    if (firstOrdinal > lane.length) fail(`redrive of ${runId}: ${firstOrdinal} came too soon`)
    const facts = runId === FOREIGN_RUN ? this.foreign : (this.runs.get(runId)?.facts ?? [])
    parts.forEach((data, i) => {
      const view = new DataView(data.buffer, data.byteOffset, data.length)
      const fact = facts[view.getFloat64(FIELD.ordinal, true)]
      const known = lane.at(firstOrdinal + i)
      if (known !== undefined) {
        if (known !== fact) fail(`redrive of ${runId}: two letters are at ${firstOrdinal + i}`)
        return
      }
      if (lane.includes(fact) || !fact.unreadable) fail(`redrive of ${runId}: a letter came twice`)
      lane.push(fact)
      for (const end of readableEndsOf(fact)) this.#enter(record, runId, end)
      this.#enter(record, runId, { fact, kind: 'redriven' })
    })
  }

  #takeForeign(record: ModelRecord, data: Uint8Array): void {
    this.foreignRecords++
    const readable = data.length === TRIP_RECORD_BYTES && data[0] === 1
    if (!readable) {
      // A letter of a trip names its fact, as the trip would; what never was one has none.
      this.#enter(record, FOREIGN_RUN, { fact: undefined, kind: 'dead' })
      return
    }
    const view = new DataView(data.buffer, data.byteOffset, data.length)
    const fact = this.foreign[view.getFloat64(FIELD.ordinal, true)]
    for (const end of endsOf(fact)) this.#enter(record, FOREIGN_RUN, end)
  }

  #enter({ shardId, seq }: ModelRecord, runId: string, end: End): void {
    const block =
      end.kind === 'dead' || end.kind === 'redriven'
        ? DEAD_LETTER_BLOCK
        : spanStart(timeOf(end), this.#options.blockMillis)
    const ofShard = made(this.shards, shardId, () => new Map<string, Map<number, Entry[]>>())
    const ofRun = made(ofShard, runId, () => new Map<number, Entry[]>())
    made(ofRun, block, (): Entry[] => []).push({ seq, end })
  }

  #noteNext({ shardId, seq }: ModelRecord, lane: string, next: number): void {
    const ofShard = made(
      this.#laneNext,
      shardId,
      () => new Map<string, { seq: string; next: number }[]>(),
    )
    made(ofShard, lane, (): { seq: string; next: number }[] => []).push({ seq, next })
  }
}

/** The place in the run of the trip that has this place in its lane. */
function ordinalInRun({ lanes, handSize }: Deal, lane: number, laneOrdinal: number): number {
  const round = Math.floor(laneOrdinal / handSize)
  return (round * lanes + lane) * handSize + (laneOrdinal % handSize)
}

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
