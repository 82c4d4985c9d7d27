/** What a demo came through: counted while it happens, told at the end. */
import { count } from '../../src/program/program.ts'

export interface Survived {
  kills: { worker: number; replay: number; merger: number }
  freezes: number
  /** How often a worker said that it had stood still: frozen, or starved. */
  noticed: number
  splits: number
  merges: number
  /** Connections that were reset, the requests under way on them, and the replies among them that were lost. */
  cut: number
  requestsCutOff: number
  repliesLost: number
  silences: number
  /** Aggregates that the replay put again, and troubles that workers told of and tried again. */
  putAgain: number
  triedAgain: number
  /** How long shards stood still, milliseconds. */
  takeOvers: readonly number[]
  /** Trips that were in the stream twice, and counted once. */
  duplicates: number
  /** Panes that late trips changed after they had been final. */
  revisions: number
}

/** Nearest rank: the smallest value that `share` of all values do not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}

export function survivedLines(survived: Survived): string[] {
  const { kills, takeOvers } = survived
  const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`
  return [
    `Survived ${many(kills.worker + kills.replay + kills.merger, 'kill')} ` +
      `(${kills.worker} of a worker, ${kills.replay} of the replay, ${kills.merger} of the merger), ` +
      `${many(survived.freezes, 'freeze')} (workers noticed ${survived.noticed}), ` +
      `${many(survived.splits + survived.merges, 'reshard')} ` +
      `(${many(survived.splits, 'split')}, ${many(survived.merges, 'merge')}).`,
    `Connections: ${count(survived.cut)} cut; ${many(survived.requestsCutOff, 'request')} cut off and ` +
      `tried again, ${count(survived.repliesLost)} of them after it had been carried out; ` +
      `${many(survived.silences, 'silence')}.`,
    `The replay put ${many(survived.putAgain, 'aggregate')} again, workers told of ` +
      `${many(survived.triedAgain, 'retry', 'retries')}; ${many(survived.duplicates, 'duplicate trip')} ` +
      `skipped, ${many(survived.revisions, 'final pane')} revised by late trips.`,
    takeOvers.length === 0
      ? 'No shard stood still.'
      : `Take-over: ${many(takeOvers.length, 'time')} a shard stood still, for ` +
        `${seconds(percentile(takeOvers, 0.5))} (p50), ${seconds(percentile(takeOvers, 0.99))} (p99) ` +
        'until it was counted on.',
  ]
}

function many(times: number, one: string, more = `${one}s`): string {
  return `${count(times)} ${times === 1 ? one : more}`
}
