/** What the page shows of a window of time, whether it came live or out of the past: pure. */
import type { ShownSums } from '../views/shown-measure.ts'
import type { PaneAnswer, RollingAnswer, UnclassifiedAnswer } from './answers.ts'
import { readEventTime } from './event-time.ts'

export interface WindowCounts {
  /** [from, to), event milliseconds. */
  from: number
  to: number
  districts: ReadonlyMap<string, ShownSums>
  all: Readonly<ShownSums>
  /** Ends in no district. */
  unclassified: number
}

const COLUMNS = ['pickups', 'dropoffs', 'fare', 'tip', 'total'] as const

export function liveCounts(rolling: RollingAnswer): WindowCounts {
  return {
    from: readEventTime(rolling.from),
    to: readEventTime(rolling.to),
    districts: new Map(Object.entries(rolling.districts)),
    all: rolling.all,
    unclassified: unclassifiedEnds(rolling.unclassified),
  }
}

/** The panes of [from, to) added up. */
export function pastCounts(from: number, to: number, panes: Iterable<PaneAnswer>): WindowCounts {
  const districts = new Map<string, ShownSums>()
  const all = nothing()
  let unclassified = 0
  for (const pane of panes) {
    const start = readEventTime(pane.from)
    if (start < from || start >= to) continue
    unclassified += unclassifiedEnds(pane.unclassified)
    pane.ids.forEach((id, row) => {
      let sums = districts.get(id)
      if (sums === undefined) districts.set(id, (sums = nothing()))
      for (const column of COLUMNS) {
        sums[column] += pane[column][row]
        all[column] += pane[column][row]
      }
    })
  }
  return { from, to, districts, all, unclassified }
}

export function unclassifiedEnds({ pickup, dropoff }: UnclassifiedAnswer): number {
  return [...Object.values(pickup), ...Object.values(dropoff)].reduce((sum, n) => sum + n, 0)
}

function nothing(): ShownSums {
  return { pickups: 0, dropoffs: 0, fare: 0, tip: 0, total: 0 }
}
