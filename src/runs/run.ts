/**
 * A run: one replay of one input, with its own counts. Its item is written before the first put
 * and holds all that decides which trip has which place in which lane, so that a resumed run can
 * only continue what was begun.
 */
import { textOf } from '../counts/item-values.ts'
import { createHash } from 'node:crypto'
import { runKey } from '../counts/keys.ts'
import type { Item, Value } from '../counts/table-port.ts'
import { HailstreamError } from '../errors.ts'
import { isRunId, MAX_RUN_ID_BYTES } from '../lanes/control-record.ts'
import type { Deal } from '../lanes/deal.ts'
import { formatEventTime } from '../time/units.ts'
import type { ReleaseOrder } from '../trips/trip.ts'

/** What a run replays: two runs with equal plans send the same trips to the same places. */
export interface RunPlan {
  /** Base names, for people. */
  files: readonly string[]
  /** Of the files' content and the column mapping; '' for standard input, which has none. */
  inputFingerprint: string
  order: ReleaseOrder
  /** [from, to) on the release time, wall-clock ms; null where open. */
  from: number | null
  to: number | null
  codec: 'binary' | 'json'
  /** Passes over the input; null = until it is stopped. */
  passes: number | null
}

/**
 * `running`: trips may follow. `sent`: all of them are in the stream. `ended`: given up. `deleted`:
 * its counts are gone; the item stays, because its id can never be used again on this stream.
 */
export const RUN_STATES = ['running', 'sent', 'ended', 'deleted'] as const
export type RunState = (typeof RUN_STATES)[number]

export interface Run {
  id: string
  plan: RunPlan
  deal: Deal
  streamName: string
  streamCreationTime: number
  state: RunState
  /** Epoch ms. */
  startedAt: number
  /** Once the input was read. */
  rowsRead: number
  rejected: number
  outsideWindow: number
  /** Once `sent`. */
  tripsSent: number | null
  finishedAt: number | null
}

export function checkRunId(id: string): string {
  if (!isRunId(id)) {
    throw new HailstreamError('USAGE', {
      subject: '--run-id',
      got: JSON.stringify(id),
      expected: `1 to ${MAX_RUN_ID_BYTES} letters, digits, dots, dashes or underscores`,
      fix: '"foreign" is kept for the records of other producers.',
    })
  }
  return id
}

/** The id that the same input and options always get: `trips_2016-01-3fa9c1d2`. */
export function deriveRunId(plan: RunPlan): string {
  const { files, ...identity } = plan
  const digest = createHash('sha256')
    .update(JSON.stringify([files, Object.entries(identity).sort()]))
    .digest('hex')
  const stem = (files[0] ?? 'trips').replace(/\.(csv|parquet|gz)\b/g, '')
  const name = stem.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return `${name.slice(0, 48) || 'trips'}-${digest.slice(0, 8)}`
}

/** Refuses to continue `existing` with other input, options or another stream. */
export function checkResume(
  existing: Run,
  plan: RunPlan,
  stream: { name: string; creationTime: number },
): void {
  const subject = `Run ${existing.id}`
  const fix = 'Repeat the command it was started with, or start afresh with --new-run.'
  const refuse = (got: string, expected: string): never => {
    throw new HailstreamError('RUN', { subject, got, expected, fix })
  }
  if (plan.inputFingerprint === '') refuse('standard input', 'files, because input must be re-read')
  if (existing.plan.inputFingerprint !== plan.inputFingerprint) {
    refuse(
      `other trips (${plan.files.join(', ')}, or the files changed)`,
      `the trips of ${existing.plan.files.join(', ')} as they were`,
    )
  }
  const described = (p: RunPlan): string =>
    `--order ${p.order}, from ${bound(p.from)} to ${bound(p.to)}, --codec ${p.codec}, ` +
    `${p.passes ?? 'endless'} pass(es)`
  if (described(existing.plan) !== described(plan))
    refuse(described(plan), described(existing.plan))
  if (existing.streamName !== stream.name || existing.streamCreationTime !== stream.creationTime) {
    refuse(
      `stream ${stream.name} made at ${new Date(stream.creationTime).toISOString()}`,
      `${existing.streamName} made at ${new Date(existing.streamCreationTime).toISOString()}`,
    )
  }
}

/** What was read of the input: whichever of its rows are trips. */
export type RowCounts = Pick<Run, 'rowsRead' | 'rejected' | 'outsideWindow'>

/**
 * Refuses to continue `existing` where the same files no longer give the same trips, because another
 * release reads or rejects a row differently: from that row on each trip would have the place of
 * another one, and be taken for it.
 */
export function checkSameTrips(existing: Run, read: RowCounts): void {
  const described = ({ rowsRead, rejected, outsideWindow }: RowCounts): string =>
    `${rowsRead} rows, ${rejected} of them rejected and ${outsideWindow} outside the window`
  if (described(existing) === described(read)) return
  throw new HailstreamError('RUN', {
    subject: `Run ${existing.id}`,
    got: `files in which this release reads ${described(read)}`,
    expected: `${described(existing)}, as when the run began`,
    fix:
      'Go on with the release it was started with, or give it up ' +
      `(hailstream runs end ${existing.id}) and start afresh with --new-run.`,
  })
}

function bound(time: number | null): string {
  return time === null ? 'open' : formatEventTime(time)
}

export function runItem(run: Run): Item {
  const { id, plan, deal, ...rest } = run
  return {
    ...runKey(id),
    ...rest,
    lanes: deal.lanes,
    handSize: deal.handSize,
    files: plan.files,
    inputFingerprint: plan.inputFingerprint,
    order: plan.order,
    from: plan.from,
    to: plan.to,
    codec: plan.codec,
    passes: plan.passes,
  }
}

export function parseRun(item: Item): Run {
  const numberOrNull = (value: Value): number | null => (value === null ? null : Number(value))
  const files = Array.isArray(item.files) ? item.files.map(String) : []
  return {
    id: item.sk,
    plan: {
      files,
      inputFingerprint: textOf(item.inputFingerprint),
      order: item.order === 'dropoff' ? 'dropoff' : 'pickup',
      from: numberOrNull(item.from),
      to: numberOrNull(item.to),
      codec: item.codec === 'json' ? 'json' : 'binary',
      passes: numberOrNull(item.passes),
    },
    deal: { lanes: Number(item.lanes), handSize: Number(item.handSize) },
    streamName: textOf(item.streamName),
    streamCreationTime: Number(item.streamCreationTime),
    state: RUN_STATES.find((state) => state === item.state) ?? 'running',
    startedAt: Number(item.startedAt),
    rowsRead: Number(item.rowsRead),
    rejected: Number(item.rejected),
    outsideWindow: Number(item.outsideWindow),
    tripsSent: numberOrNull(item.tripsSent),
    finishedAt: numberOrNull(item.finishedAt),
  }
}
