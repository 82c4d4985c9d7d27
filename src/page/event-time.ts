/** Event times: wall clock without a zone, kept as if it were UTC, and never shown as anything else. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2016-01-15T16:40:00` → milliseconds; NaN for anything else. */
export function readEventTime(text: string): number {
  return Date.parse(`${text}Z`)
}

/** Milliseconds → `2016-01-15T16:40:00`, as the API takes it. */
export function writeEventTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19)
}

/** `Fri 15 Jan 2016`. */
export function dateText(time: number): string {
  const date = new Date(time)
  const [day, month] = [DAYS[date.getUTCDay()], MONTHS[date.getUTCMonth()]]
  return `${day} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`
}

/** `15 Jan`. */
export function shortDateText(time: number): string {
  const date = new Date(time)
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
}

/** `16:57:19`. */
export function clockText(time: number): string {
  return new Date(time).toISOString().slice(11, 19)
}

/** `16:57`. */
export function minuteText(time: number): string {
  return new Date(time).toISOString().slice(11, 16)
}

/** `16:40 – 16:55`, with dates where the two ends are on different days. */
export function spanText(from: number, to: number): string {
  // Midnight at the end of a day still belongs to it.
  const sameDay = Math.floor(from / 86_400_000) === Math.floor((to - 1) / 86_400_000)
  if (sameDay) return `${minuteText(from)} – ${minuteText(to)}`
  return `${shortDateText(from)} ${minuteText(from)} – ${shortDateText(to)} ${minuteText(to)}`
}
