/** The figures of the status for Prometheus, and those of the server itself. */
import { Counter, Gauge, Registry } from 'prom-client'
import { attributesOf, numberOf, textOf } from '../counts/item-values.ts'
import type { EventStreams } from './event-streams.ts'
import type { Poller, Seen } from './poller.ts'
import type { MeteredTable } from './metered-table.ts'

export interface Metered {
  poller: Poller
  streams: EventStreams
  table: MeteredTable
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'code'>
  readonly #metered: Metered
  readonly #gauges = new Map<string, Gauge<'run' | 'quantile' | 'path'>>()

  constructor(metered: Metered) {
    this.#metered = metered
    this.#requests = new Counter({
      name: 'hailstream_dashboard_requests_total',
      help: 'Requests answered, by status code',
      labelNames: ['code'],
      registers: [this.#registry],
    })
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  answered(code: number): void {
    this.#requests.inc({ code: String(code) })
  }

  text(): Promise<string> {
    const { poller, streams, table } = this.#metered
    this.#set('hailstream_dashboard_table_reads', 'Reads of the table since the start', table.reads)
    this.#set('hailstream_dashboard_event_streams', 'Open event streams', streams.open)
    this.#set('hailstream_dashboard_dropped_streams', 'Readers too slow to keep', streams.dropped)
    this.#setLag('page', { ...streams.lag })
    this.#setRun(poller.seen)
    return this.#registry.metrics()
  }

  #setRun({ followed, polledAt, error }: Seen): void {
    this.#set('hailstream_table_up', 'Whether the last look at the table succeeded', +!error)
    this.#set('hailstream_polled_seconds', 'Unix time of the last look', polledAt / 1000)
    const status = followed?.status
    if (followed === undefined || status === undefined) return
    const run = followed.view.runId
    const set = (name: string, help: string, value: number): void => {
      this.#set(`hailstream_${name}`, help, value, { run })
    }
    const watermark = Date.parse(`${textOf(status.asOf)}Z`)
    if (!Number.isNaN(watermark)) {
      set('watermark_seconds', 'Event time before which all is counted', watermark / 1000)
    }
    set('trips', 'Trips counted', numberOf(status.trips))
    const rate = status.complete === true ? 0 : numberOf(status.tripsPerSecond)
    set('trips_per_second', 'Trips counted a second', rate)
    set('gap_trips', 'Trips known to be missing from the stream', numberOf(status.gap))
    set('dead_letters', 'Records of the run that are not trips', numberOf(status.deadLetters))
    set('shards', 'Shards that are counted and not closed', numberOf(status.shards))
    set('complete', 'Whether everything of the run is final', +(status.complete === true))
    const verified = attributesOf(status.verified)
    if (typeof verified.equal === 'boolean') {
      set('verified', 'Whether the last verify found the counts equal', +verified.equal)
    }
    set('revisions', 'Changes of final panes by late trips', followed.days.totals().revisions)
    this.#setLag('table', attributesOf(status.lag), run)
  }

  /** `path`: `table` = trip → table, `page` = table → page. */
  #setLag(path: string, lag: Readonly<Record<string, unknown>>, run = ''): void {
    for (const [quantile, value] of [
      ['0.5', lag.p50],
      ['0.99', lag.p99],
      ['0.999', lag.p999],
    ] as const) {
      if (typeof value !== 'number') continue
      const help = 'Seconds from the put of a trip to the table, and from the table to the page'
      this.#set('hailstream_lag_seconds', help, value / 1000, { path, quantile, run })
    }
  }

  #set(
    name: string,
    help: string,
    value: number,
    labels: Partial<Record<'run' | 'quantile' | 'path', string>> = {},
  ): void {
    let gauge = this.#gauges.get(name)
    if (gauge === undefined) {
      const labelNames = ['run', 'quantile', 'path'] as const
      gauge = new Gauge({ name, help, labelNames, registers: [this.#registry] })
      this.#gauges.set(name, gauge)
    }
    // Of a run that is followed no more nothing stays behind.
    if (labels.run !== undefined && labels.quantile === undefined) gauge.reset()
    gauge.set(labels, value)
  }
}
