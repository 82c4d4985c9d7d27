/** What the charts share: colours of the theme, the naive time axis, and following their box. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { minuteText, shortDateText } from '../../src/page/event-time.ts'
import { darkScheme } from './palette.ts'

/** A colour of the style sheet, as it is now. */
export function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** Right of a chart: half of the label of a tick at its very end. */
export const LABEL_ROOM = 20

/** Ticks of event time: minutes, and the date at midnight. Seconds of uPlot, wall clock as UTC. */
export function timeAxis(): uPlot.Axis {
  return {
    stroke: () => cssColour('--ink-soft'),
    grid: { show: false },
    ticks: { stroke: () => cssColour('--line'), width: 1, size: 4 },
    font: '11px system-ui, sans-serif',
    size: 24,
    gap: 3,
    space: 56,
    values: (_, ticks) =>
      ticks.map((seconds) => {
        const time = seconds * 1000
        return time % 86_400_000 === 0 ? shortDateText(time) : minuteText(time)
      }),
  }
}

export function valueAxis(format: (value: number) => string, size: number): uPlot.Axis {
  return {
    stroke: () => cssColour('--ink-soft'),
    grid: { stroke: () => cssColour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
    size,
    gap: 4,
    space: 26,
    values: (_, ticks) => ticks.map(format),
  }
}

export const NAIVE_DATE = (seconds: number): Date =>
  uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC')

/** Keeps the chart as large as its box, and in the colours of the theme. */
export function keepInBox(box: HTMLElement, chart: () => uPlot | undefined, height: number): void {
  new ResizeObserver(() => {
    const shown = chart()
    const width = box.clientWidth
    if (shown !== undefined && width > 0 && shown.width !== width) shown.setSize({ width, height })
  }).observe(box)
  darkScheme().addEventListener('change', () => chart()?.redraw(false, true))
}
