/** How a replay is told: a progress bar on a TTY, NDJSON otherwise, and the accounting at the end. */
import type { Program } from '../src/program/program.ts'
import { count, megabytes, print, say, stopwatch } from '../src/program/program.ts'
import type { ReplayOutcome, ReplayProgress } from '../src/replay/replayer.ts'
import type { Run } from '../src/runs/run.ts'
import { formatEventTime } from '../src/time/units.ts'
import type { TripSummary } from '../src/trips/trip-source.ts'

const BAR = 24

export class ReplayDisplay {
  readonly #program: Program
  #trips = 0
  #endless = false
  #beganAt = 0
  #alreadySent = 0
  #recent: { at: number; trips: number }[] = []
  #barShown = false
  #readingAt = 0

  constructor(program: Program) {
    this.#program = program
  }

  reading(rows: number, bytes: number): void {
    const now = this.#program.clock.monotonicMillis()
    if (now - this.#readingAt < 500) return
    this.#readingAt = now
    this.#show(`reading  ${count(rows)} rows, ${megabytes(bytes)}`)
  }

  /** The input is read, or cannot be: what is said next has the line to itself. */
  readingOver(): void {
    this.#clear()
  }

  begin(run: Run, speed: number, summary: TripSummary, alreadySent: number): void {
    this.#trips = summary.trips
    this.#endless = run.plan.passes === null
    this.#beganAt = this.#program.clock.monotonicMillis()
    this.#alreadySent = alreadySent
    this.#recent = [{ at: this.#beganAt, trips: alreadySent }]
    const pace = speed === Infinity ? 'full speed' : `${Number(speed.toPrecision(4))}×`
    const resumed = alreadySent > 0 ? `, going on after ${count(alreadySent)} trips` : ''
    say(
      this.#program,
      `Run ${run.id}: ${count(summary.trips)} trips in ${run.deal.lanes} lanes at ${pace}${resumed}.`,
    )
    if (summary.zoneTooLong > 0) {
      say(
        this.#program,
        `${count(summary.zoneTooLong)} zone ids are longer than 15 bytes and count as missing.`,
      )
    }
    if (this.#program.stdout.isTTY !== true) {
      print(this.#program, {
        type: 'run',
        run: run.id,
        trips: summary.trips,
        lanes: run.deal.lanes,
        resumedAfter: alreadySent,
        plannedSeconds: plannedSeconds(speed, summary),
      })
    }
  }

  progress(progress: ReplayProgress): void {
    const now = this.#program.clock.monotonicMillis()
    this.#recent.push({ at: now, trips: progress.trips })
    while (this.#recent.length > 1 && now - this.#recent[0].at > 5_000) this.#recent.shift()
    const first = this.#recent[0]
    // Over less than a second a few trips would be told as thousands a second.
    const seconds = Math.max(1, (now - first.at) / 1000)
    const rate = (progress.trips - first.trips) / seconds
    const eventTime = Number.isFinite(progress.eventTime)
      ? formatEventTime(Math.floor(progress.eventTime / 1000) * 1000)
      : null
    if (this.#program.stdout.isTTY !== true) {
      const { trips, kinesisRecords, bytes, throttled, retried, waiting } = progress
      print(this.#program, {
        type: 'progress',
        eventTime,
        trips,
        tripsPerSecond: Math.round(rate),
        kinesisRecords,
        bytes,
        throttled,
        retried,
        waiting,
      })
    }
    const share = this.#trips === 0 ? 1 : Math.min(1, progress.trips / this.#trips)
    const bar = this.#endless
      ? '∞'
      : `${'━'.repeat(Math.round(share * BAR)).padEnd(BAR, '╌')} ${Math.floor(share * 100)}%`
    const eta =
      this.#endless || rate <= 0
        ? ''
        : `  ETA ${stopwatch(((this.#trips - progress.trips) / rate) * 1000)}`
    const throttles = progress.throttled > 0 ? `  ${count(progress.throttled)} throttled` : ''
    this.#show(
      `${bar}  ${eventTime ?? '–'}  ${count(progress.trips)} trips  ${count(rate)}/s  ` +
        `${count(progress.kinesisRecords)} Kinesis records${throttles}${eta}`,
    )
  }

  interrupted(run: Run, outcome: ReplayOutcome): void {
    this.#clear()
    say(
      this.#program,
      `Stopped: ${count(outcome.trips)} trips are in the stream and acknowledged. ` +
        `The same command goes on with run ${run.id}.`,
    )
  }

  done(run: Run, summary: TripSummary, outcome: ReplayOutcome): void {
    this.#clear()
    const seconds = (this.#program.clock.monotonicMillis() - this.#beganAt) / 1000
    const sentNow = outcome.trips - this.#alreadySent
    if (this.#program.stdout.isTTY !== true) {
      const { rowsRead, rejected, outsideWindow, rejectedByReason } = summary
      print(this.#program, {
        type: 'done',
        run: run.id,
        rowsRead,
        tripsSent: outcome.trips,
        rejected,
        rejectedByReason,
        outsideWindow,
        kinesisRecords: outcome.kinesisRecords,
        bytes: outcome.bytes,
        throttled: outcome.throttled,
        retried: outcome.retried,
        seconds: Math.round(seconds * 1000) / 1000,
      })
    }
    say(
      this.#program,
      `Sent ${count(sentNow)} trips as ${count(outcome.kinesisRecords)} Kinesis records ` +
        `(${megabytes(outcome.bytes)}) in ${stopwatch(seconds * 1000)}; ` +
        `${count(outcome.throttled)} throttled, ${count(outcome.retried)} retried.`,
    )
    say(
      this.#program,
      this.#endless
        ? 'The loop ends here: once more, and it would come to the year 9999.'
        : accounting(summary, outcome.trips),
    )
  }

  #show(line: string): void {
    const { stderr } = this.#program
    if (stderr.isTTY !== true) return
    this.#barShown = true
    stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, (stderr.columns ?? 100) - 1))}`)
  }

  #clear(): void {
    if (!this.#barShown) return
    this.#barShown = false
    this.#program.stderr.write('\r\u001b[2K')
  }
}

/** How long the whole run takes at that speed; null where nobody can say. */
function plannedSeconds(speed: number, summary: TripSummary): number | null {
  const seconds = (summary.lastTime - summary.firstTime) / 1000 / speed
  return Number.isFinite(seconds) ? Math.round(seconds) : null
}

/** The first accounting equation, in words and numbers. */
export function accounting(
  summary: Pick<TripSummary, 'rowsRead' | 'rejected' | 'outsideWindow' | 'rejectedByReason'>,
  tripsSent: number,
): string {
  const reasons = Object.entries(summary.rejectedByReason)
    .map(([reason, rows]) => `${reason} ${count(rows)}`)
    .join(', ')
  const outside =
    summary.outsideWindow > 0 ? ` + ${count(summary.outsideWindow)} outside the window` : ''
  return (
    `rows read ${count(summary.rowsRead)} = trips sent ${count(tripsSent)} + rows rejected ` +
    `${count(summary.rejected)}${outside}${reasons === '' ? '' : ` (${reasons})`}`
  )
}
