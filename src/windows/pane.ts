/** Panes, blocks, hours and days: half-open spans [start, start + size) aligned to the epoch. */
import { HailstreamError } from '../errors.ts'
import { DAY_MILLIS, HOUR_MILLIS, formatDuration } from '../time/units.ts'

export interface WindowGeometry {
  /** The smallest tumbling window; divides an hour. */
  paneMillis: number
  /** The span one partial holds: a whole number of panes that divides an hour. */
  blockMillis: number
}

/** Start of the span of `size` that `time` is in; right for times before 1970 too. */
export function spanStart(time: number, size: number): number {
  return Math.floor(time / size) * size
}

/** Bytes a (district, pane) takes in a packed partial when it is busy; measured on TLC data. */
const PACKED_BYTES_PER_ROW = 20
/** About what a partial should take, so that one write stays cheap. */
const PACKED_BYTES_PER_BLOCK = 9 * 1024

/** Refuses a pane that does not tile the hour; `USAGE`. */
export function checkPane(paneMillis: number): number {
  // Panes and blocks are named by the minute, so they begin on one.
  const wholeMinutes = paneMillis >= 60_000 && paneMillis % 60_000 === 0
  if (!wholeMinutes || HOUR_MILLIS % paneMillis !== 0) {
    throw new HailstreamError('USAGE', {
      subject: '--pane',
      got: formatDuration(paneMillis),
      expected: 'whole minutes that divide an hour: 1m, 5m, 10m, 15m, 30m, 1h …',
    })
  }
  return paneMillis
}

/** Bytes a pair of districts takes at most, if as many as 16,000 trips a pane go between them. */
export const PACKED_BYTES_PER_ROUTE = 3
/** What a partial may come to where every district trades with every other; DynamoDB takes 400 KB. */
const MOST_ROUTE_BYTES = 250_000

/**
 * The largest block that keeps a dense partial of `districts` near 8 KB, routes aside, and one with
 * every possible route writable.
 */
export function chooseGeometry(paneMillis: number, districts: number): WindowGeometry {
  checkPane(paneMillis)
  const panesPerHour = HOUR_MILLIS / paneMillis
  let panes = 1
  for (let candidate = 2; candidate <= panesPerHour; candidate++) {
    const bytes = candidate * districts * PACKED_BYTES_PER_ROW
    const routeBytes = candidate * districts ** 2 * PACKED_BYTES_PER_ROUTE
    const isSmall = bytes <= PACKED_BYTES_PER_BLOCK && routeBytes <= MOST_ROUTE_BYTES
    if (panesPerHour % candidate === 0 && isSmall) panes = candidate
  }
  return { paneMillis, blockMillis: panes * paneMillis }
}

/** `2016-01-01T07`: the sort key of an hour. */
export function hourKey(hourStart: number): string {
  return minuteText(hourStart).slice(0, 13)
}

/** `2016-01-01`: the sort key of a day. */
export function dayKey(dayStart: number): string {
  return minuteText(dayStart).slice(0, 10)
}

/** `07:35`: the name of a pane inside its hour item. */
export function paneKey(paneStart: number): string {
  return minuteText(paneStart).slice(11)
}

/** `2016-01-01T07:30`: the name of a block inside a partial's key. */
export function blockKey(blockStart: number): string {
  return minuteText(blockStart)
}

/** The day that was named last: mostly the next one's too, and `Date` takes ten times as long. */
let namedDay = NaN
let dayText = ''

function minuteText(time: number): string {
  const day = dayStartOf(time)
  if (day !== namedDay) {
    dayText = new Date(day).toISOString().slice(0, 11)
    namedDay = day
  }
  const minute = Math.floor((time - day) / 60_000)
  return `${dayText}${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}`
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))

/** Reads back what `hourKey`, `dayKey` or `blockKey` wrote. */
export function parseSpanKey(key: string): number {
  const text = key.slice(0, 10)
  if (text !== parsedText) {
    parsedDay = Date.parse(text)
    parsedText = text
  }
  return parsedDay + Number(key.slice(11, 13)) * HOUR_MILLIS + Number(key.slice(14)) * 60_000
}

/** As `namedDay`: the day that was read last. */
let parsedText = ''
let parsedDay = NaN

export const hourStartOf = (time: number): number => spanStart(time, HOUR_MILLIS)
export const dayStartOf = (time: number): number => spanStart(time, DAY_MILLIS)
