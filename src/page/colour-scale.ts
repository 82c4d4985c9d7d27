/**
 * Which class of colour a value has. A legend that jumps with every update says nothing: the breaks
 * are round numbers, they grow as soon as values outgrow them, and they shrink only after the values
 * have been much smaller for a while.
 */
import type { ShownMeasure } from '../views/shown-measure.ts'

/** Classes of a scale; six breaks lie between them. */
export const CLASSES = 7

export interface ColourScale {
  /** Ascending; class i holds values from breaks[i − 1] up to, not including, breaks[i]. */
  breaks: readonly number[]
  /** Updates in a row for which smaller breaks would have done. */
  patience: number
}

/** Updates that smaller breaks must have done for before they are taken. */
export const PATIENCE = 30

/** What part of a scale's top six breaks lie at: counts of districts are very uneven. */
const COUNT_PARTS = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7]
const NET_PARTS = [0.1, 0.3, 0.6]
const ROUND = [1, 2, 5]
/** Averages of single trips reach far out: they are classed by what lies between these shares. */
const AVERAGE_SHARES = [0.1, 0.9] as const

/** The scale for these values, given the one shown until now. */
export function nextScale(
  measure: ShownMeasure,
  values: readonly number[],
  shown: ColourScale | undefined,
): ColourScale {
  if (values.length === 0) return shown ?? { breaks: breaksFor(measure, [0]), patience: 0 }
  const wanted = breaksFor(measure, values)
  if (shown === undefined || outgrows(measure, wanted, shown.breaks)) {
    return { breaks: wanted, patience: 0 }
  }
  const smaller = reach(wanted) < reach(shown.breaks) || wanted[0] !== shown.breaks[0]
  if (!smaller) return shown.patience === 0 ? shown : { ...shown, patience: 0 }
  const patience = shown.patience + 1
  return patience >= PATIENCE ? { breaks: wanted, patience: 0 } : { ...shown, patience }
}

/** 0 … CLASSES − 1. */
export function classOf(breaks: readonly number[], value: number): number {
  let low = 0
  let high = breaks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value >= breaks[middle]) low = middle + 1
    else high = middle
  }
  return low
}

function breaksFor(measure: ShownMeasure, values: readonly number[]): number[] {
  switch (measure) {
    case 'pickups':
    case 'dropoffs':
      return countBreaks(Math.max(...values))
    case 'net':
      return netBreaks(Math.max(...values.map(Math.abs)))
    case 'fare':
      return averageBreaks(values, 100)
    case 'tip':
      return averageBreaks(values, 0.01)
  }
}

/** Whole numbers from 1 up: the first class is zero and little more. */
function countBreaks(most: number): number[] {
  return ascending(COUNT_PARTS.map((part) => Math.round(roundUp(most, 10) * part)))
}

/** Alike on both sides of zero; the class in the middle is balance. */
function netBreaks(most: number): number[] {
  const above = ascending(NET_PARTS.map((part) => Math.round(roundUp(most, 5) * part)))
  return [...above.map((value) => 1 - value).reverse(), ...above]
}

/** Six equal steps of a round width; `unit` is the least width. */
function averageBreaks(values: readonly number[], unit: number): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]
  const [low, high] = [at(AVERAGE_SHARES[0]), at(AVERAGE_SHARES[1])]
  const steps = CLASSES - 2
  const width = Math.round(roundUp((high - low) / steps, unit) / unit)
  const first = Math.max(1, Math.round((low + high) / 2 / unit / width - steps / 2))
  return Array.from({ length: CLASSES - 1 }, (_, i) => (first + i) * width * unit)
}

/** The next of 1, 2, 5, 10, 20 … times `unit` that is not below `value`. */
function roundUp(value: number, unit: number): number {
  for (let power = unit; ; power *= 10) {
    for (const digit of ROUND) if (digit * power >= value) return digit * power
  }
}

function ascending(values: readonly number[]): number[] {
  const out: number[] = []
  for (const value of values) out.push(Math.max(value, (out.at(-1) ?? 0) + 1))
  return out
}

function outgrows(
  measure: ShownMeasure,
  wanted: readonly number[],
  shown: readonly number[],
): boolean {
  if (measure === 'fare' || measure === 'tip') {
    // Half of the values or more would fall into the classes at the ends.
    const middle = (wanted[0] + (wanted.at(-1) ?? 0)) / 2
    return middle < shown[0] || middle > (shown.at(-1) ?? 0)
  }
  return reach(wanted) > reach(shown)
}

function reach(breaks: readonly number[]): number {
  return breaks[breaks.length - 1]
}
