/** How the counts are: how late, how many, by whom, and whether they were proven. */
import type { PercentilesAnswer, StatusAnswer } from '../../src/page/answers.ts'
import { clockText, readEventTime, shortDateText } from '../../src/page/event-time.ts'
import { ago } from '../../src/page/liveness.ts'
import { unclassifiedEnds } from '../../src/page/window-counts.ts'
import { grouped } from '../../src/views/shown-measure.ts'
import { element, setHidden, setText } from './dom.ts'

interface Figure {
  value: string
  more: string
  tone: 'plain' | 'good' | 'warn' | 'bad'
  hidden?: boolean
}

interface Tile {
  root: HTMLElement
  value: HTMLElement
  more: HTMLElement
}

const FIGURES: readonly {
  name: string
  explained: string
  figure: (status: StatusAnswer) => Figure
}[] = [
  {
    name: 'as of',
    explained: 'Every trip that was released before this event time is counted.',
    figure: ({ asOf }) => {
      const time = asOf === null ? NaN : readEventTime(asOf)
      return Number.isNaN(time)
        ? plain('–', 'no event time yet')
        : plain(clockText(time), shortDateText(time))
    },
  },
  {
    name: 'lag, trip → table',
    explained: 'From the put of a trip into the stream until the item that shows it is written.',
    figure: ({ lag }) => percentiles(lag.table),
  },
  {
    name: 'lag, table → page',
    explained: 'From the writing of an item until the server has handed it to a browser.',
    figure: ({ lag }) => percentiles(lag.page),
  },
  {
    name: 'throughput',
    explained: 'Trips counted a second, and so far.',
    figure: ({ tripsPerSecond, trips, tripsSent, complete }) => {
      const of = tripsSent === null ? '' : ` of ${grouped(tripsSent)}`
      const rate = complete ? 'all in' : `${grouped(tripsPerSecond)} trips/s`
      return plain(rate, `${grouped(trips)}${of} trips`)
    },
  },
  {
    name: 'shards, workers',
    explained: 'Open shards of the stream, and the workers that count them.',
    figure: ({ shards, workers }) => {
      const people = `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}`
      return plain(`${shards} ${shards === 1 ? 'shard' : 'shards'}`, people)
    },
  },
  {
    name: 'late',
    explained: 'How often a final pane was revised because a trip came late. No trip is dropped.',
    figure: ({ revisions }) => plain(grouped(revisions), 'panes revised'),
  },
  {
    name: 'unclassified',
    explained: 'Ends of trips that are in no district, of the whole run.',
    figure: ({ unclassified, totals }) => {
      const ends = unclassifiedEnds(unclassified)
      const all = totals.pickups + totals.dropoffs + ends
      const share = all === 0 ? '–' : `${((ends / all) * 100).toFixed(1)} %`
      return plain(share, `${grouped(ends)} ends`)
    },
  },
  {
    name: 'missing',
    explained: 'Trips that are known to be missing from the stream.',
    figure: ({ gap }) => ({
      value: grouped(gap),
      more: 'trips lost',
      tone: 'bad',
      hidden: gap === 0,
    }),
  },
  {
    name: 'dead letters',
    explained: 'Records of the run that are not trips; they are kept.',
    figure: ({ deadLetters }) => ({
      value: grouped(deadLetters),
      more: 'records',
      tone: 'warn',
      hidden: deadLetters === 0,
    }),
  },
  {
    name: 'proof',
    explained: 'Whether `hailstream verify` found every count equal to a recount of the files.',
    figure: ({ verified, polledAt }) => {
      if (verified === null) return plain('not yet', 'verify recounts the files')
      const more = `${ago(polledAt - verified.at)} ago`
      return verified.equal
        ? { value: 'verified', more, tone: 'good' }
        : { value: 'NOT EQUAL', more, tone: 'bad' }
    },
  },
]

export class HealthStrip {
  readonly #tiles: readonly Tile[]

  constructor(root: HTMLElement) {
    this.#tiles = FIGURES.map(({ name, explained }) => {
      const value = element('dd', { class: 'value', text: '–' })
      const more = element('dd', { class: 'more', text: ' ' })
      const tile = element('div', { class: 'tile', title: explained }, element('dt', { text: name }), value, more) // prettier-ignore
      return { root: tile, value, more }
    })
    root.append(element('dl', {}, ...this.#tiles.map((tile) => tile.root)))
  }

  draw(status: StatusAnswer | null): void {
    if (status === null) return
    FIGURES.forEach(({ figure }, i) => {
      const { value, more, tone, hidden = false } = figure(status)
      const tile = this.#tiles[i]
      setText(tile.value, value)
      setText(tile.more, more)
      tile.root.dataset.tone = tone
      setHidden(tile.root, hidden)
    })
  }
}

function plain(value: string, more: string): Figure {
  return { value, more, tone: 'plain' }
}

function percentiles(lag: PercentilesAnswer | null): Figure {
  if (lag === null) return plain('–', 'nothing measured yet')
  const unit = lag.p999 < 1_000 ? 'ms' : 's'
  const tail = [lag.p99, lag.p999].map((millis) => inUnit(millis, unit))
  const own = lag.p50 < 1_000 ? 'ms' : 's'
  // One unit for both: they stand in a narrow tile.
  return plain(`${inUnit(lag.p50, own)} ${own} p50`, `p99 ${tail[0]} · p99.9 ${tail[1]} ${unit}`)
}

function inUnit(millis: number, unit: 'ms' | 's'): string {
  return unit === 'ms' ? String(Math.round(millis)) : (millis / 1000).toFixed(1)
}
