/** What the terminal view shows, and how keys and new counts change it: pure. */
import type { ShownMeasure, ShownSums } from '../../src/views/shown-measure.ts'
import { SHOWN_MEASURES } from '../../src/views/shown-measure.ts'
import type { Snapshot } from './snapshot.ts'

export const SORTS = ['value', 'change', 'name'] as const
export type Sort = (typeof SORTS)[number]

export interface TailState {
  measure: ShownMeasure
  sort: Sort
  /** The smallest first. */
  reversed: boolean
  /** The window asked for: `15m`; undefined leaves it to the source. */
  window: string | undefined
  /** Those there are. */
  windows: readonly string[]
  district: string | undefined
  /** At most so many districts. */
  top: number
  /** First district shown, from 0. */
  scroll: number
  paused: boolean
  help: boolean
  snapshot: Snapshot | undefined
  /** The window shown before this one, by district: what changes are told against. */
  before: ReadonlyMap<string, ShownSums>
  /** The city in the last windows, oldest first. */
  history: readonly ShownSums[]
  /** Event milliseconds per millisecond, smoothed; undefined before it is known. */
  speed: number | undefined
  /** Monotonic milliseconds at which anything new was last seen. */
  newAt: number
  /** Why the table cannot be read just now. */
  trouble: string | undefined
  /** A line the program wants to be read: where the dashboard is. */
  note: string | undefined
}

/** Longer than the five seconds after which a status is written again in any case. */
export const STALE_MILLIS = 15_000
const HISTORY = 240
/** Weight of the newest look at the speed. */
const SPEED_WEIGHT = 0.3

export function startOfTail(options: {
  measure: ShownMeasure
  window: string | undefined
  district: string | undefined
  top: number
  note: string | undefined
  now: number
}): TailState {
  const { now, ...asked } = options
  return {
    ...asked,
    sort: 'value',
    reversed: false,
    windows: [],
    scroll: 0,
    paused: false,
    help: false,
    snapshot: undefined,
    before: new Map(),
    history: [],
    speed: undefined,
    newAt: now,
    trouble: undefined,
  }
}

export type Press = TailState | 'quit'

/** The state after a key; the same state for a key that means nothing. */
export function press(state: TailState, key: string, pageRows: number): Press {
  switch (key) {
    case 'q':
    case 'escape':
      return key === 'escape' && state.help ? { ...state, help: false } : 'quit'
    case 'm':
      return { ...state, measure: next(SHOWN_MEASURES, state.measure), scroll: 0 }
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
      return { ...state, measure: SHOWN_MEASURES[Number(key) - 1], scroll: 0 }
    case 'w':
      return { ...state, window: nextWindow(state) }
    case 's':
      return { ...state, sort: next(SORTS, state.sort), scroll: 0 }
    case 'r':
      return { ...state, reversed: !state.reversed, scroll: 0 }
    case 'p':
    case 'space':
      return { ...state, paused: !state.paused }
    case 'h':
    case '?':
      return { ...state, help: !state.help }
    case 'j':
    case 'down':
      return { ...state, scroll: state.scroll + 1 }
    case 'k':
    case 'up':
      return { ...state, scroll: Math.max(0, state.scroll - 1) }
    case 'pagedown':
      return { ...state, scroll: state.scroll + pageRows }
    case 'pageup':
      return { ...state, scroll: Math.max(0, state.scroll - pageRows) }
    case 'g':
    case 'home':
      return { ...state, scroll: 0 }
    case 'G':
    case 'end':
      return { ...state, scroll: Number.MAX_SAFE_INTEGER }
    default:
      return state
  }
}

/** The state once `snapshot` was read at `now` (monotonic milliseconds). */
export function absorb(state: TailState, snapshot: Snapshot, now: number): TailState {
  const last = state.snapshot
  const sameFeed = last?.run === snapshot.run && last.generation === snapshot.generation
  const seen = { ...state, snapshot, trouble: undefined }
  if (last === undefined || !sameFeed || last.window !== snapshot.window) {
    return {
      ...seen,
      before: new Map(),
      history: [snapshot.all],
      speed: sameFeed ? state.speed : undefined,
      newAt: now,
    }
  }
  const isNew =
    snapshot.version !== last.version || snapshot.health?.version !== last.health?.version
  if (!isNew) return seen
  const speed = speedOf(last, snapshot, now - state.newAt)
  const moved = { ...seen, newAt: now, speed: smooth(state.speed, speed) }
  if (snapshot.to === last.to) return moved
  return {
    ...moved,
    before: new Map(last.districts.map((district) => [district.id, district])),
    history: [...state.history, snapshot.all].slice(-HISTORY),
  }
}

function speedOf(last: Snapshot, snapshot: Snapshot, millis: number): number | undefined {
  const eventMillis = Date.parse(`${snapshot.asOf}Z`) - Date.parse(`${last.asOf}Z`)
  return eventMillis > 0 && millis > 0 ? eventMillis / millis : undefined
}

function smooth(before: number | undefined, now: number | undefined): number | undefined {
  if (now === undefined || before === undefined) return now ?? before
  return before + (now - before) * SPEED_WEIGHT
}

function nextWindow({ windows, window, snapshot }: TailState): string | undefined {
  const shown = window ?? snapshot?.window
  return shown === undefined || windows.length === 0 ? window : next(windows, shown)
}

function next<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one
}
