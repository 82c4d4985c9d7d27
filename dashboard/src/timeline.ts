/** The city over time, and the way back: the chart that is dragged to look at the past. */
import uPlot from 'uplot'
import type { SeriesAnswer } from '../../src/page/answers.ts'
import { clockText, dateText, readEventTime, spanText } from '../../src/page/event-time.ts'
import { stepText } from '../../src/page/steps.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { formatShown, MEASURE_TITLES, shownValue } from '../../src/views/shown-measure.ts'
import { cssColour, keepInBox, LABEL_ROOM, NAIVE_DATE, timeAxis, valueAxis } from './chart.ts'
import { element, setHidden, setText } from './dom.ts'
import type { PageState } from './store.ts'
import { shownCounts, windowMillis } from './store.ts'
import { TimeSlider } from './time-slider.ts'

const HEIGHT = 116
/** A run that has just begun has room to the right. */
const LEAST_WINDOWS = 36

export class Timeline {
  readonly #box = element('div', { class: 'timeline-chart' })
  readonly #title = element('h2')
  readonly #span = element('p', { class: 'under' })
  readonly #back = element('button', {
    class: 'back',
    text: 'Return to live',
    attributes: { type: 'button' },
  })
  readonly #slider: TimeSlider
  #chart: uPlot | undefined
  #kind = ''
  #range: [number, number] = [0, 1]
  #state: Readonly<PageState> | undefined

  constructor(root: HTMLElement, onTravel: (to: number | null) => void) {
    this.#slider = new TimeSlider({
      toPixels: (time) => this.#chart?.valToPos(time / 1000, 'x') ?? 0,
      toTime: (pixels) => (this.#chart?.posToVal(pixels, 'x') ?? 0) * 1000,
      onTravel,
      describe: (to) => `${dateText(to - 1)}, ${clockText(to)}`,
    })
    this.#back.addEventListener('click', () => {
      onTravel(null)
      this.#slider.root.focus()
    })
    root.append(
      element('div', { class: 'timeline-head' }, this.#title, this.#span, this.#back),
      this.#box,
    )
    keepInBox(this.#box, () => this.#chart, HEIGHT)
  }

  draw(state: Readonly<PageState>, before: Readonly<PageState>): void {
    const { citySeries, measure, travel, status } = state
    setHidden(this.#back, travel === null)
    const counts = shownCounts(state)
    const shown = counts === null ? '' : spanText(counts.from, counts.to)
    setText(
      this.#span,
      travel === null
        ? 'Drag along the chart, or use the arrow keys, to look back.'
        : (travel.trouble ?? `Looking back at ${shown}`),
    )
    if (citySeries === null || status === null) return
    setText(
      this.#title,
      `${MEASURE_TITLES[measure]} in the city, by ${stepText(citySeries.stepMillis)}`,
    )
    const same = citySeries === before.citySeries && measure === before.measure && state !== before
    if (!same || this.#chart === undefined) this.#drawChart(citySeries, measure)
    this.#state = state
    this.#drawSlider()
  }

  /** Where the slider stands depends on the chart's scale, which follows its data a little later. */
  #drawSlider(): void {
    const { citySeries, travel, status, live, window } = this.#state ?? {}
    if (this.#chart === undefined || !citySeries || !status || !live) return
    if (window === undefined) return
    if (this.#slider.root.parentElement !== this.#chart.over) {
      this.#chart.over.append(this.#slider.root)
    }
    // Counts may be further than the chart, which follows.
    const now = Math.min(live.to, this.#range[1] * 1000)
    const range = {
      least: readEventTime(citySeries.starts[0] ?? citySeries.from) + status.paneMillis,
      most: now,
      stepMillis: status.paneMillis,
    }
    this.#slider.draw(range, travel?.to ?? now, windowMillis(window), !travel)
  }

  #drawChart(series: SeriesAnswer, measure: ShownMeasure): void {
    const kind = measure
    const data = dataOf(series, measure)
    this.#range = spanOf(series)
    if (this.#chart !== undefined && this.#kind === kind) {
      this.#chart.setData(data)
      return
    }
    this.#chart?.destroy()
    this.#kind = kind
    this.#chart = new uPlot(this.#options(measure), data, this.#box)
  }

  #options(measure: ShownMeasure): uPlot.Options {
    const averaged = measure === 'fare' || measure === 'tip'
    const bars = uPlot.paths.bars?.({ size: [0.86, 60], align: 1 })
    const looks = (strong: string): uPlot.Series => ({
      stroke: () => cssColour(averaged ? '--pickups' : strong),
      fill: () => cssColour(averaged ? '--pickups-soft' : strong),
      width: averaged ? 1.5 : 0,
      points: { show: false },
      ...(!averaged && bars !== undefined && { paths: bars }),
    })
    return {
      width: Math.max(200, this.#box.clientWidth),
      height: HEIGHT,
      tzDate: NAIVE_DATE,
      padding: [6, LABEL_ROOM, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { range: () => this.#range },
        y: {
          range: (_, least, most) =>
            averaged
              ? [Math.max(0, least * 0.9), most * 1.05]
              : [Math.min(0, least * 1.1), Math.max(4, most * 1.1)],
        },
      },
      axes: [timeAxis(), valueAxis((value) => formatShown(measure, value), 54)],
      series: [{}, looks('--bar'), looks('--bar-open')],
      hooks: { draw: [() => this.#drawSlider()] },
    }
  }
}

/** The windows that are closed, and the open ones beside them in a weaker colour. */
function dataOf(series: SeriesAnswer, measure: ShownMeasure): uPlot.AlignedData {
  const values = series.starts.map((_, i) =>
    shownValue(measure, {
      pickups: series.pickups[i],
      dropoffs: series.dropoffs[i],
      fare: series.fare[i],
      tip: series.tip[i],
      total: series.total[i],
    }),
  )
  return [
    series.starts.map((start) => readEventTime(start) / 1000),
    values.map((value, i) => (series.final[i] ? value : null)),
    values.map((value, i) => (series.final[i] ? null : value)),
  ]
}

/** From the first window to the end of the last, in seconds; a day that has just begun is not blown up. */
function spanOf({ starts, stepMillis, from }: SeriesAnswer): [number, number] {
  const first = readEventTime(starts[0] ?? from)
  const last = readEventTime(starts.at(-1) ?? from) + stepMillis
  return [first / 1000, Math.max(last, first + LEAST_WINDOWS * stepMillis) / 1000]
}
