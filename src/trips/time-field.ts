import { CSV_BYTE, endsField } from './csv-bytes.ts'
import { wallClock } from './wall-clock.ts'

const SPACE = CSV_BYTE.space
const LETTER_T = 84
const LETTER_Z = 90
/** ' UTC' as a word. */
const SPACE_UTC = 0x43545520
/** What words XOR to 0 … 9 where they have digits, and to 0 where they have their separators. */
const YYYY = 0x30303030
const DASH_MM_DASH = 0x2d30302d
const DD_H = 0x30303030
const H_COLON_MM = 0x30303a30
const COLON_SS = 0x0030303a
/** The highest bits of four bytes. Adding 0x7f less n makes that of a byte 1 when it is more than n. */
const HIGH_BITS = 0x80808080

/**
 * Reads times in their usual spelling straight from bytes; remembers the month, because that of the
 * next is most often the same.
 */
export class TimeField {
  /** `2016` and `-01-` as they are written, the first midnight and the number of days. */
  #year = 0
  #month = 0
  #monthStart = 0
  #monthDays = 0

  /**
   * `2016-01-01 00:03:45`, also with `T`, and with ` UTC` or `Z` behind, as wall-clock milliseconds.
   * Answers as the readers of number-fields.ts do, and looks at 24 bytes at least.
   */
  read(b: DataView, at: number, length: number, out: DataView, target: number): number {
    const year = b.getInt32(at, true)
    const month = b.getInt32(at + 4, true)
    if ((year !== this.#year || month !== this.#month) && !this.#enterMonth(year, month)) return -1
    const separator = b.getUint8(at + 10)
    if (separator !== SPACE && separator !== LETTER_T) return -1
    const dayHour = (b.getInt32(at + 8, true) ^ DD_H) & 0xff00ffff
    const hourMinute = b.getInt32(at + 12, true) ^ H_COLON_MM
    const second = (b.getInt32(at + 16, true) ^ COLON_SS) & 0x00ffffff
    const wrong =
      (dayHour + 0x7d00767c) |
      dayHour |
      (hourMinute + 0x767a7f76) |
      hourMinute |
      ((second + 0x00767a7f) | second)
    if ((wrong & HIGH_BITS) !== 0) return -1
    const day = (dayHour & 0xff) * 10 + ((dayHour >>> 8) & 0xff)
    const hours = (dayHour >>> 24) * 10 + (hourMinute & 0xff)
    if (day < 1 || day > this.#monthDays || hours > 23) return -1
    const minutes = ((hourMinute >>> 16) & 0xff) * 10 + (hourMinute >>> 24)
    const seconds = ((second >>> 8) & 0xff) * 10 + (second >>> 16)
    const sinceMonth = (((day - 1) * 24 + hours) * 60 + minutes) * 60 + seconds
    let stop = at + 19
    const byte = b.getUint8(stop)
    if (byte === LETTER_Z) stop++
    else if (byte === SPACE && b.getInt32(stop, true) === SPACE_UTC) stop += 4
    if (!endsField(b, stop, length)) return -1
    out.setFloat64(target, this.#monthStart + sinceMonth * 1000, true)
    return stop
  }

  /** False when they are not the year and month of one. */
  #enterMonth(year: number, month: number): boolean {
    const y = year ^ YYYY
    const m = month ^ DASH_MM_DASH
    if ((((y + 0x76767676) | y | (m + 0x7f76767f) | m) & HIGH_BITS) !== 0) return false
    const centuries = (y & 0xff) * 10 + ((y >>> 8) & 0xff)
    const yearNumber = centuries * 100 + ((y >>> 16) & 0xff) * 10 + (y >>> 24)
    const monthNumber = ((m >>> 8) & 0xff) * 10 + ((m >>> 16) & 0xff)
    const start = wallClock(yearNumber, monthNumber, 1, 0, 0, 0)
    if (Number.isNaN(start)) return false
    let days = 28
    while (!Number.isNaN(wallClock(yearNumber, monthNumber, days + 1, 0, 0, 0))) days++
    this.#year = year
    this.#month = month
    this.#monthStart = start
    this.#monthDays = days
    return true
  }
}
