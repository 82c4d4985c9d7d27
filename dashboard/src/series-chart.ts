/** Pickups and dropoffs of one district, or of the city, over time. */
import uPlot from 'uplot'
import type { SeriesAnswer } from '../../src/page/answers.ts'
import { minuteText, readEventTime, shortDateText } from '../../src/page/event-time.ts'
import { grouped } from '../../src/views/shown-measure.ts'
import { cssColour, keepInBox, NAIVE_DATE, timeAxis, valueAxis } from './chart.ts'

const HEIGHT = 150

export class SeriesChart {
  readonly #box: HTMLElement
  #chart: uPlot | undefined

  constructor(box: HTMLElement) {
    this.#box = box
    keepInBox(box, () => this.#chart, HEIGHT)
  }

  draw(series: SeriesAnswer | null): void {
    if (series === null) return
    // A window that is still filling looks like a fall.
    const closed = (values: readonly number[]): (number | null)[] =>
      values.map((value, i) => (series.final[i] ? value : null))
    const data: uPlot.AlignedData = [
      series.starts.map((start) => readEventTime(start) / 1000),
      closed(series.pickups),
      closed(series.dropoffs),
    ]
    if (this.#chart === undefined) this.#chart = new uPlot(this.#options(), data, this.#box)
    else this.#chart.setData(data)
  }

  #options(): uPlot.Options {
    const line = (label: string, colour: string, fill: string): uPlot.Series => ({
      label,
      stroke: () => cssColour(colour),
      fill: () => cssColour(fill),
      width: 1.5,
      points: { show: false },
      value: (_, value: number | null) => (value === null ? '–' : grouped(value)),
    })
    return {
      width: Math.max(120, this.#box.clientWidth),
      height: HEIGHT,
      tzDate: NAIVE_DATE,
      padding: [8, 8, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
      legend: { live: true },
      scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] } },
      axes: [timeAxis(), valueAxis(grouped, 38)],
      series: [
        {
          label: '',
          value: (_, seconds) => `${shortDateText(seconds * 1000)} ${minuteText(seconds * 1000)}`,
        },
        line('pickups', '--pickups', '--pickups-soft'),
        line('dropoffs', '--dropoffs', '--transparent'),
      ],
    }
  }
}
