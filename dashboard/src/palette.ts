/**
 * Colours of the classes. Lightness rises or falls all the way, so they are told apart in grey and
 * with any kind of colour vision; both sides of the diverging ones are orange and blue, which all
 * kinds tell apart. The lowest class, often no trip at all, is the land itself. Light: after ColorBrewer YlGnBu and PuOr (https://colorbrewer2.org, Apache-2.0).
 */
import type { ShownMeasure } from '../../src/views/shown-measure.ts'

export interface Palette {
  sequential: readonly string[]
  diverging: readonly string[]
  /** A district without a value. */
  none: string
  border: string
  chosen: string
  arc: string
}

const LIGHT: Palette = {
  sequential: ['#f6f5ee', '#cbeaa9', '#8ed1b3', '#4fb5c0', '#2590ba', '#2360a4', '#152e78'],
  diverging: ['#b35806', '#e58b33', '#fdc88a', '#f3f2ee', '#b9c6e3', '#6f8cc4', '#2c4f9e'],
  none: '#dfe3e8',
  border: '#8d99a6',
  chosen: '#0b1622',
  arc: '#c2185b',
}

const DARK: Palette = {
  sequential: ['#16293d', '#1d5274', '#1f7690', '#2a9a92', '#5fbf86', '#a8db74', '#f5f07d'],
  diverging: ['#ffbb63', '#cf7f2c', '#77502e', '#22303f', '#2e4f83', '#4c82d0', '#97c8ff'],
  none: '#121c28',
  border: '#3a4c60',
  chosen: '#ffffff',
  arc: '#ff7eb6',
}

export function paletteFor(dark: boolean): Palette {
  return dark ? DARK : LIGHT
}

export function classColours(palette: Palette, measure: ShownMeasure): readonly string[] {
  return measure === 'net' ? palette.diverging : palette.sequential
}

export const darkScheme = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)')
export const calmScheme = (): MediaQueryList => matchMedia('(prefers-reduced-motion: reduce)')
