/**
 * What views show of a district: two of the measures as they are, and three that follow from them.
 * Knows no Node: the page in the browser uses it as well.
 */
export const SHOWN_MEASURES = ['pickups', 'dropoffs', 'net', 'fare', 'tip'] as const
export type ShownMeasure = (typeof SHOWN_MEASURES)[number]

/** The sums that the shown measures follow from; money in cents. */
export interface ShownSums {
  pickups: number
  dropoffs: number
  fare: number
  tip: number
  total: number
}

export const NO_SUMS: Readonly<ShownSums> = { pickups: 0, dropoffs: 0, fare: 0, tip: 0, total: 0 }

export const MEASURE_TITLES: Readonly<Record<ShownMeasure, string>> = {
  pickups: 'pickups',
  dropoffs: 'dropoffs',
  net: 'net flow',
  fare: 'average fare',
  tip: 'tip share',
}

/**
 * Net flow is dropoffs less pickups: above zero more trips end here than begin. The average fare is
 * in cents, the tip share is of the total, 0–1. Null where there is nothing to divide by.
 */
export function shownValue(measure: ShownMeasure, sums: ShownSums): number | null {
  switch (measure) {
    case 'pickups':
      return sums.pickups
    case 'dropoffs':
      return sums.dropoffs
    case 'net':
      return sums.dropoffs - sums.pickups
    case 'fare':
      return sums.pickups > 0 ? sums.fare / sums.pickups : null
    case 'tip':
      return sums.total > 0 ? sums.tip / sums.total : null
  }
}

/** `1,234`, `+12`, `$14.20`, `12.3 %`; `–` where there is nothing. */
export function formatShown(measure: ShownMeasure, value: number | null): string {
  if (value === null) return '–'
  switch (measure) {
    case 'pickups':
    case 'dropoffs':
      return grouped(value)
    case 'net':
      return signed(value, grouped)
    case 'fare':
      return dollars(value)
    case 'tip':
      return `${(value * 100).toFixed(1)} %`
  }
}

/** A change of the measure, always with its sign; empty for no change that could be seen. */
export function formatChange(measure: ShownMeasure, change: number): string {
  const text = formatShown(measure, Math.abs(change)).replace(/^\+/, '')
  if (/^[$0., %]*$/.test(text)) return ''
  return `${change > 0 ? '+' : '−'}${text}`
}

/** Digits in groups of three: 12,345. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

function dollars(cents: number): string {
  const [whole, fraction] = (Math.abs(cents) / 100).toFixed(2).split('.')
  return `${cents < 0 ? '−' : ''}$${grouped(Number(whole))}.${fraction}`
}

function signed(value: number, format: (value: number) => string): string {
  return value === 0 ? '0' : `${value > 0 ? '+' : '−'}${format(Math.abs(value))}`
}
