/**
 * The event-time clock. It runs from one as-of time to the next while the next but one is awaited,
 * so it moves evenly and is never ahead of what is counted.
 */
import { clockText, dateText, readEventTime, spanText } from '../../src/page/event-time.ts'
import { grouped } from '../../src/views/shown-measure.ts'
import { element, setText } from './dom.ts'
import { calmScheme } from './palette.ts'
import type { PageState } from './store.ts'
import { windowMillis } from './store.ts'

/** An update later than this is a stop, not a slow update. */
const MOST_STRETCH_MILLIS = 2_500

export class ClockView {
  readonly #time = element('span', { class: 'time', text: '--:--:--' })
  readonly #date = element('span', { class: 'date' })
  readonly #speed = element('span', { class: 'speed' })
  readonly #calm = calmScheme()
  #from = NaN
  #to = NaN
  #since = 0
  #stretch = 1_000
  #frame = 0

  constructor(root: HTMLElement) {
    root.append(this.#time, element('span', { class: 'under' }, this.#date, this.#speed))
  }

  draw(state: Readonly<PageState>): void {
    const { status, travel } = state
    if (travel !== null) {
      this.#stop()
      setText(this.#time, clockText(travel.to))
      setText(this.#date, dateText(travel.to - 1))
      setText(this.#speed, spanText(travel.to - windowMillis(state.window), travel.to))
      return
    }
    const time = readEventTime(status?.asOf ?? '')
    const speed = status?.speed ?? null
    setText(this.#speed, speed === null || status?.complete === true ? '' : speedText(speed))
    if (Number.isNaN(time)) return
    if (time !== this.#to) this.#runTo(time)
    else if (this.#frame === 0) this.#show(this.#to)
  }

  #runTo(time: number): void {
    const now = performance.now()
    const shown = this.#at(now)
    const backwards = !(time > shown)
    this.#from = backwards || this.#calm.matches ? time : shown
    this.#stretch = Math.min(MOST_STRETCH_MILLIS, Math.max(100, now - this.#since))
    this.#to = time
    this.#since = now
    if (this.#frame === 0) this.#tick()
  }

  #tick(): void {
    const now = performance.now()
    const time = this.#at(now)
    this.#show(time)
    this.#frame = time < this.#to ? requestAnimationFrame(() => this.#tick()) : 0
  }

  #at(now: number): number {
    const part = Math.min(1, (now - this.#since) / this.#stretch)
    return this.#from + (this.#to - this.#from) * part
  }

  #show(time: number): void {
    setText(this.#time, clockText(time))
    setText(this.#date, dateText(time))
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#from = this.#to
  }
}

function speedText(speed: number): string {
  return `× ${speed < 10 ? speed.toFixed(1) : grouped(speed)}`
}
