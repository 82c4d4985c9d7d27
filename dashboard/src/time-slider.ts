/** A slider over a chart: where in the past the page looks, pane by pane, or now. */
import { element } from './dom.ts'

export interface SliderRange {
  /** Ends of windows that can be looked at, event milliseconds. */
  least: number
  most: number
  stepMillis: number
}

export interface SliderPort {
  /** Pixels from the left edge of the slider. */
  toPixels(time: number): number
  toTime(pixels: number): number
  /** Null: back to now. */
  onTravel(to: number | null): void
  describe(to: number): string
}

const HOUR_MILLIS = 3_600_000

export class TimeSlider {
  readonly root = element('div', {
    class: 'slider',
    attributes: { role: 'slider', tabindex: '0', 'aria-label': 'Time of the counts' },
  })
  readonly #band = element('span', { class: 'band' })
  readonly #thumb = element('span', { class: 'thumb' })
  readonly #port: SliderPort
  #range: SliderRange = { least: 0, most: 0, stepMillis: 1 }
  #at = 0
  #live = true

  constructor(port: SliderPort) {
    this.#port = port
    this.root.append(this.#band, this.#thumb)
    this.root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      this.root.setPointerCapture(event.pointerId)
      this.#drag(event)
    })
    this.root.addEventListener('pointermove', (event) => {
      if (this.root.hasPointerCapture(event.pointerId)) this.#drag(event)
    })
    this.root.addEventListener('keydown', (event) => this.#press(event))
  }

  /** `at`: the end of the window that is shown. */
  draw(range: SliderRange, at: number, windowMillis: number, live: boolean): void {
    this.#range = range
    this.#at = at
    this.#live = live
    const right = this.#port.toPixels(at)
    const left = Math.max(0, this.#port.toPixels(at - windowMillis))
    this.#band.style.transform = `translateX(${left}px)`
    this.#band.style.width = `${Math.max(0, right - left)}px`
    this.#thumb.style.transform = `translateX(${right}px)`
    this.root.dataset.live = String(live)
    const minutes = (time: number): string => String(Math.round(time / 60_000))
    this.root.setAttribute('aria-valuemin', minutes(range.least))
    this.root.setAttribute('aria-valuemax', minutes(range.most))
    this.root.setAttribute('aria-valuenow', minutes(at))
    this.root.setAttribute('aria-valuetext', live ? `now, ${this.#port.describe(at)}` : this.#port.describe(at)) // prettier-ignore
  }

  #drag(event: PointerEvent): void {
    const { left } = this.root.getBoundingClientRect()
    this.#travel(this.#port.toTime(event.clientX - left))
  }

  #press(event: KeyboardEvent): void {
    const { stepMillis, least } = this.#range
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: -stepMillis,
      ArrowDown: -stepMillis,
      ArrowRight: stepMillis,
      ArrowUp: stepMillis,
      PageDown: -HOUR_MILLIS,
      PageUp: HOUR_MILLIS,
    }
    if (event.key in moves) this.#travel(this.#at + moves[event.key])
    else if (event.key === 'Home') this.#travel(least)
    else if (event.key === 'End' || event.key === 'Escape') this.#port.onTravel(null)
    else return
    event.preventDefault()
  }

  /** Past the last final pane lies now. */
  #travel(time: number): void {
    const { least, most, stepMillis } = this.#range
    if (most <= least && this.#live) return
    const to = Math.max(least, Math.round(time / stepMillis) * stepMillis)
    this.#port.onTravel(to > most || (to === most && time > this.#at) ? null : to)
  }
}
