/** The terminal view as lines: a pure function of its state, the size of the screen and the time. */
import {
  formatChange,
  formatShown,
  grouped,
  MEASURE_TITLES,
  shownValue,
  SHOWN_MEASURES,
} from '../../src/views/shown-measure.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import type { Health, Snapshot } from './snapshot.ts'
import { blockBar, sparkline } from './blocks.ts'
import type { LineSpace, Piece } from './styled-line.ts'
import { styledLine } from './styled-line.ts'
import type { TailRow } from './tail-rows.ts'
import { tailRows } from './tail-rows.ts'
import type { TailState } from './tail-state.ts'
import { STALE_MILLIS } from './tail-state.ts'
import { fitText, textWidth } from './text-width.ts'

export interface FrameSpace extends LineSpace {
  rows: number
}

/** Lines above and below the districts: clock, run, health, city, headings; keys. */
const FRAME_LINES = 7

/** How many districts a screen has room for. */
export function districtRows(rows: number): number {
  return Math.max(1, rows - FRAME_LINES)
}

/** At most `space.rows` lines of at most `space.columns` columns. `now`: monotonic milliseconds. */
export function tailFrame(state: TailState, space: FrameSpace, now: number): string[] {
  const { snapshot } = state
  const body = state.help
    ? helpLines(space)
    : snapshot === undefined
      ? waitingLines(state, space)
      : [...headLines(state, snapshot, space, now), ...tableLines(state, snapshot, space)]
  const room = Math.max(1, space.rows - 1)
  const lines = body.slice(0, room)
  while (lines.length < room) lines.push('')
  return space.rows < 2 ? lines : [...lines, footLine(state, space)]
}

function headLines(state: TailState, snapshot: Snapshot, space: FrameSpace, now: number): string[] {
  const { asOf, from, to, window, run, generation, all, health } = snapshot
  const isCountless = window === ''
  const time = asOf === '' ? 'no event time yet' : `as of ${spaced(asOf)}`
  const clock: Piece[] = isCountless ? [] : [[time, 'bold']]
  if (state.speed !== undefined && health?.complete !== true && !state.paused) {
    clock.push([`  ×${formatSpeed(state.speed)}`, 'dim'])
  }
  const history = sparkline(
    state.history.map((sums) => shownValue(state.measure, sums)),
    Math.min(40, Math.max(0, space.columns - 78)),
  )
  const city: Piece[] = SHOWN_MEASURES.flatMap((measure, i): Piece[] => {
    const style = measure === state.measure ? 'bold' : 'plain'
    const gap = i === 0 ? 'the city  ' : '   '
    return [
      [gap],
      [`${formatShown(measure, shownValue(measure, all))} ${MEASURE_TITLES[measure]}`, style],
    ]
  })
  const span: Piece[] = isCountless
    ? [['no counts', 'bold']]
    : [[`last ${window}`, 'bold'], [`  ${spaced(from)} – ${to.slice(11)}`]]
  return [
    styledLine(span, space, clock),
    styledLine([[`run ${run}   ${generation}`, 'dim']], space),
    styledLine(healthPieces(state, snapshot, now), space),
    styledLine(city, space, history === '' ? [] : [[history, 'bar']]),
    '',
  ]
}

function healthPieces(state: TailState, snapshot: Snapshot, now: number): Piece[] {
  const { health, unclassified, all } = snapshot
  const pieces: Piece[] = [liveness(state, health, now)]
  const add = (text: string, style: Piece[1] = 'plain'): number =>
    pieces.push(['   '], [text, style])
  if (health !== undefined) {
    if (!health.complete) add(`lag ${(health.lagMillis / 1000).toFixed(1)} s`)
    add(`${grouped(health.trips)} trips`)
    if (!health.complete) add(`${grouped(health.tripsPerSecond)}/s`)
    add(`${plural(health.shards, 'shard')}, ${plural(health.workers, 'worker')}`)
    if (health.verified === true) add('verified', 'good')
    else if (health.verified === false) add('NOT EQUAL to the files', 'bad')
    else add('not verified', 'dim')
  }
  const ends = all.pickups + all.dropoffs + unclassified
  if (ends > 0) add(`unclassified ${((unclassified / ends) * 100).toFixed(1)} %`)
  if (health !== undefined && health.gap > 0) add(`${grouped(health.gap)} trips missing`, 'bad')
  if (health !== undefined && health.deadLetters > 0) {
    add(`${grouped(health.deadLetters)} dead letters`, 'warn')
  }
  return pieces
}

function liveness(state: TailState, health: Health | undefined, now: number): Piece {
  const silent = now - state.newAt
  if (state.paused) return ['‖ paused', 'warn']
  if (state.trouble !== undefined) return [`! ${state.trouble}`, 'bad']
  if (health?.abandoned === true) return ['■ given up', 'warn']
  if (health?.complete === true) return ['■ complete', 'good']
  if (silent > STALE_MILLIS)
    return [`○ stale: nothing new for ${Math.floor(silent / 1000)} s`, 'warn']
  return ['● live', 'good']
}

interface Columns {
  id: number
  name: number
  value: number
  change: number
  bar: number
  others: readonly ShownMeasure[]
}

const OTHER_WIDTH = 13

function tableLines(state: TailState, snapshot: Snapshot, space: FrameSpace): string[] {
  const all = tailRows(snapshot, state)
  const room = districtRows(space.rows)
  const first = Math.max(0, Math.min(state.scroll, all.length - room))
  const rows = all.slice(first, first + room)
  if (all.length === 0) {
    const what = state.district === undefined ? 'Nothing' : `Nothing in ${state.district}`
    const nothing =
      snapshot.window === '' ? 'No trip of this run was counted.' : `${what} in this window.`
    return [styledLine([[nothing, 'dim']], space)]
  }
  const columns = columnsFor(state, all, space)
  const most = Math.max(1e-9, ...all.map(({ value }) => Math.abs(value ?? 0)))
  return [
    headings(state, columns, space),
    ...rows.map((row) => districtLine(row, state.measure, columns, most, space)),
  ]
}

function columnsFor(state: TailState, rows: readonly TailRow[], space: FrameSpace): Columns {
  const { columns } = space
  const id = Math.min(16, Math.max(2, ...rows.map(({ counts }) => textWidth(counts.id))))
  const longest = Math.max(4, ...rows.map(({ counts }) => textWidth(counts.name)))
  const name = columns < 56 ? 0 : Math.min(longest, columns < 90 ? 20 : 32)
  const value = 9
  const change = columns < 40 ? 0 : 8
  const fixed = id + 1 + (name > 0 ? name + 1 : 0) + value + (change > 0 ? change + 1 : 0) + 1
  const spare = columns - fixed - 12
  const others = SHOWN_MEASURES.filter((measure) => measure !== state.measure).slice(
    0,
    Math.max(0, Math.floor(spare / (OTHER_WIDTH + 1))),
  )
  const bar = Math.max(4, Math.min(48, columns - fixed - others.length * (OTHER_WIDTH + 1)))
  return { id, name, value, change, bar, others }
}

function headings(state: TailState, columns: Columns, space: FrameSpace): string {
  const { id, name, value, change, bar, others } = columns
  const arrow = state.reversed ? '▲' : '▼'
  const sorted = (by: TailState['sort'], text: string): string =>
    state.sort === by ? `${text}${arrow}` : text
  const title = state.measure === 'fare' ? 'avg fare' : MEASURE_TITLES[state.measure]
  const pieces: Piece[] = [[`${fitText('id', id)} `, 'dim']]
  if (name > 0) pieces.push([`${fitText(sorted('name', 'name'), name)} `, 'dim'])
  pieces.push([fitText(sorted('value', title), value, 'right'), 'dim'])
  if (change > 0) pieces.push([` ${fitText(sorted('change', 'change'), change, 'right')}`, 'dim'])
  pieces.push([' '.repeat(bar + 1)])
  for (const other of others) {
    pieces.push([` ${fitText(MEASURE_TITLES[other], OTHER_WIDTH, 'right')}`, 'dim'])
  }
  return styledLine(pieces, space)
}

function districtLine(
  row: TailRow,
  measure: ShownMeasure,
  columns: Columns,
  most: number,
  space: FrameSpace,
): string {
  const { counts, value, change } = row
  const pieces: Piece[] = [[`${fitText(counts.id, columns.id)} `]]
  if (columns.name > 0) pieces.push([`${fitText(counts.name, columns.name)} `])
  pieces.push([fitText(formatShown(measure, value), columns.value, 'right'), 'bold'])
  if (columns.change > 0) {
    const text = formatChange(measure, change)
    pieces.push([` ${fitText(text, columns.change, 'right')}`, change > 0 ? 'good' : 'bad'])
  }
  const below = (value ?? 0) < 0
  const bar = blockBar(Math.abs(value ?? 0) / most, columns.bar)
  pieces.push([' '], [fitText(bar, columns.bar), below ? 'warn' : 'bar'])
  for (const other of columns.others) {
    const text = formatShown(other, shownValue(other, counts))
    pieces.push([` ${fitText(text, OTHER_WIDTH, 'right')}`, 'dim'])
  }
  return styledLine(pieces, space)
}

function waitingLines(state: TailState, space: FrameSpace): string[] {
  return [
    '',
    state.trouble === undefined
      ? styledLine([['  Waiting for the first counts …', 'bold']], space)
      : styledLine([[`  ${state.trouble}`, 'bad']], space),
    styledLine([['  They come once a worker counts and a replay runs.', 'dim']], space),
  ]
}

const KEYS: readonly (readonly [string, string])[] = [
  ['1 – 5, m', 'measure: pickups, dropoffs, net flow, average fare, tip share'],
  ['w', 'window'],
  ['s', 'sort by value, by change against the window before, or by name'],
  ['r', 'the smallest first'],
  ['↑ ↓ PgUp PgDn g G', 'move through the districts'],
  ['p, space', 'hold the picture still, and go on'],
  ['h, ?', 'these keys'],
  ['q, Ctrl-C', 'quit'],
  ['Ctrl-Z', 'to the background; fg brings it back'],
]

function helpLines(space: FrameSpace): string[] {
  return [
    styledLine([['Keys', 'bold']], space),
    '',
    ...KEYS.map(([keys, what]) => styledLine([[fitText(keys, 20), 'bold'], [what]], space)),
  ]
}

function footLine(state: TailState, space: FrameSpace): string {
  const keys = ['m', 'easure  ', 'w', 'indow  ', 's', 'ort  ', 'r', 'everse  ', 'p', 'ause  ', 'h', 'elp  ', 'q', 'uit'] // prettier-ignore
  const pieces = keys.map((text, i): Piece => [text, i % 2 === 0 ? 'bold' : 'dim'])
  return styledLine(pieces, space, state.note === undefined ? [] : [[state.note, 'dim']])
}

function spaced(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+$/, '')
}

function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

function formatSpeed(speed: number): string {
  return speed < 10 ? speed.toFixed(1) : grouped(speed)
}
