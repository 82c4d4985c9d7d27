/** How fast event time goes: watermarks of the last seconds. */

const KEPT_MILLIS = 10_000

export class EventSpeed {
  #marks: { at: number; watermark: number }[] = []

  /** Event seconds a second up to `now` (monotonic ms); null while that is not known, or nil. */
  at(now: number, watermark: number): number | null {
    if (!Number.isFinite(watermark)) return null
    this.#marks.push({ at: now, watermark })
    // One mark older than the window stays, so that the whole window is measured.
    while (this.#marks.length > 2 && this.#marks[1].at <= now - KEPT_MILLIS) this.#marks.shift()
    const [first] = this.#marks
    const seconds = now - first.at
    if (seconds < 1_000) return null
    const speed = (watermark - first.watermark) / seconds
    return speed > 0 ? Math.round(speed * 100) / 100 : null
  }
}
