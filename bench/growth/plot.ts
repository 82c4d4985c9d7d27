/** A plot of costs by size, as SVG: one panel a series, sizes on a logarithmic axis. Pure. */
export interface Series {
  name: string
  /** Size and CPU microseconds a trip, by ascending size. */
  points: readonly (readonly [number, number])[]
}

const PANEL = { width: 240, height: 200, left: 44, top: 34, right: 16, bottom: 40 }

export function growthPlot(series: readonly Series[]): string {
  const width = PANEL.width * series.length
  const panels = series.map((one, i) => panel(one, i * PANEL.width)).join('\n')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height}"` +
      ` width="${width}" height="${PANEL.height}" font-family="sans-serif" font-size="11">`,
    '<title>CPU microseconds a trip, by size</title>',
    `<rect width="${width}" height="${PANEL.height}" fill="white"/>`,
    panels,
    '</svg>',
    '',
  ].join('\n')
}

function panel({ name, points }: Series, left: number): string {
  const x0 = left + PANEL.left
  const x1 = left + PANEL.width - PANEL.right
  const y0 = PANEL.height - PANEL.bottom
  const top = 1.25 * Math.max(...points.map(([, micros]) => micros))
  const first = Math.log(points[0][0])
  const span = Math.log(points[points.length - 1][0]) - first
  const x = (size: number): number => Math.round(x0 + ((Math.log(size) - first) / span) * (x1 - x0))
  const y = (micros: number): number => Math.round(y0 - (micros / top) * (y0 - PANEL.top))
  const line = points.map(([size, micros]) => `${x(size)},${y(micros)}`).join(' ')
  // A trip at any size may cost half as much again as at the first.
  const bound = y(1.5 * points[0][1])
  return [
    `<text x="${(x0 + x1) / 2}" y="16" text-anchor="middle">µs a trip, by ${name}</text>`,
    `<path d="M${x0} ${PANEL.top}V${y0}H${x1}" fill="none" stroke="#444"/>`,
    ...(bound >= PANEL.top
      ? [`<path d="M${x0} ${bound}H${x1}" stroke="#b30000" stroke-dasharray="3 3"/>`]
      : []),
    `<polyline points="${line}" fill="none" stroke="#08519c" stroke-width="2"/>`,
    ...points.flatMap(([size, micros]) => [
      `<circle cx="${x(size)}" cy="${y(micros)}" r="3" fill="#08519c"/>`,
      `<text x="${x(size)}" y="${y(micros) - 8}" text-anchor="middle">${micros.toFixed(2)}</text>`,
      `<text x="${x(size)}" y="${y0 + 16}" text-anchor="middle">${shortened(size)}</text>`,
    ]),
  ].join('\n')
}

function shortened(size: number): string {
  if (size >= 1e6) return `${size / 1e6} M`
  return size >= 10_000 ? `${size / 1e3} k` : String(size)
}
