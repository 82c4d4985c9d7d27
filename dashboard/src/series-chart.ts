/** Pickups and dropoffs of one district, or of the city, over time. */
import uPlot from 'uplot'
import type { SeriesAnswer } from '../../src/page/answers.ts'
import { minuteText, readEventTime, shortDateText } from '../../src/page/event-time.ts'
import { grouped } from '../../src/views/shown-measure.ts'
import { element, setText } from './dom.ts'
import { cssColour, keepInBox, LABEL_ROOM, NAIVE_DATE, timeAxis, valueAxis } from './chart.ts'

const HEIGHT = 118

export class SeriesChart {
  readonly #box: HTMLElement
  readonly #when = element('span')
  readonly #pickups = element('span', { class: 'key pickups' })
  readonly #dropoffs = element('span', { class: 'key dropoffs' })
  #chart: uPlot | undefined

  constructor(box: HTMLElement) {
    this.#box = box
    box.append(element('p', { class: 'keys' }, this.#pickups, this.#dropoffs, this.#when))
    this.#tell(undefined)
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

  /** What lies under the pointer, or else only what is drawn. */
  #tell(chart: uPlot | undefined): void {
    const at = chart?.cursor.idx ?? null
    const say = (name: string, value: number | null | undefined): string =>
      value === null || value === undefined ? name : `${name} ${grouped(value)}`
    const time = at === null ? undefined : chart?.data[0][at]
    setText(this.#pickups, say('pickups', at === null ? null : chart?.data[1][at]))
    setText(this.#dropoffs, say('dropoffs', at === null ? null : chart?.data[2][at]))
    setText(
      this.#when,
      time === undefined ? '' : `${shortDateText(time * 1000)} ${minuteText(time * 1000)}`,
    )
  }

  #options(): uPlot.Options {
    const line = (label: string, colour: string, fill: string): uPlot.Series => ({
      label,
      stroke: () => cssColour(colour),
      fill: () => cssColour(fill),
      width: 1.5,
      points: { show: false },
    })
    return {
      width: Math.max(120, this.#box.clientWidth),
      height: HEIGHT,
      tzDate: NAIVE_DATE,
      padding: [8, LABEL_ROOM, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
      legend: { show: false },
      hooks: { setCursor: [(chart) => this.#tell(chart)] },
      scales: { y: { range: (_, __, most) => [0, Math.max(4, most * 1.1)] } },
      axes: [timeAxis(), valueAxis(grouped, 38)],
      series: [
        {},
        line('pickups', '--pickups', '--pickups-soft'),
        line('dropoffs', '--dropoffs', '--transparent'),
      ],
    }
  }
}
