/** Pictures out of block elements: bars to an eighth of a column, and sparklines. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** A bar of `share` (0–1) of `columns`; anything above zero is seen. */
export function blockBar(share: number, columns: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * columns * 8)
  const seen = share > 0 ? Math.max(1, eighths) : eighths
  return '█'.repeat(Math.floor(seen / 8)) + EIGHTHS[seen % 8]
}

/** The last values as levels between their least and their most; a space where one is missing. */
export function sparkline(values: readonly (number | null)[], columns: number): string {
  const last = columns > 0 ? values.slice(-columns) : []
  const known = last.filter((value) => value !== null)
  if (known.length < 2) return ''
  const least = Math.min(...known)
  const most = Math.max(...known)
  return last
    .map((value) => {
      if (value === null) return ' '
      return LEVELS[most === least ? 0 : Math.round(((value - least) / (most - least)) * 7)]
    })
    .join('')
}
