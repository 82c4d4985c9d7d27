/** Widths of the windows of a chart: few enough to draw, and such as the server takes. */

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const STEPS = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720].map((n) => n * MINUTE)
const MOST_POINTS = 600
/** Longer spans are answered by the day only. */
const MOST_MILLIS = 31 * DAY

/** The narrowest step, a multiple of the pane, that cuts the span into few enough windows. */
export function stepFor(spanMillis: number, paneMillis: number): number {
  if (spanMillis > MOST_MILLIS) return DAY
  const fits = (step: number): boolean =>
    step % paneMillis === 0 && spanMillis / step <= MOST_POINTS
  return [paneMillis, ...STEPS].find(fits) ?? DAY
}

/** `5m`, `1d`. */
export function stepText(stepMillis: number): string {
  return stepMillis >= DAY ? `${stepMillis / DAY}d` : `${stepMillis / MINUTE}m`
}
