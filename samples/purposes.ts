import type { Pull } from './neighbourhoods.ts'

/** Why people take a taxi: between which kinds of place, and when. */
export interface Purpose {
  name: string
  from: keyof Pull
  to: keyof Pull
  /** Relative rate around the middle of each hour, 0 … 23. */
  hours: readonly number[]
  /** Factor by day of the week, Sunday first: early hours belong to the night before. */
  weekdays: readonly number[]
}

/**
 * Made up, to add up to the well-known shape of a New York working day: quiet at four, a morning
 * and a higher evening rush, a dip at the change of shifts around 16:00, a long night at the weekend.
 */
export const PURPOSES: readonly Purpose[] = [
  {
    name: 'to work',
    from: 'home',
    to: 'work',
    hours: [
      0.05, 0.02, 0.02, 0.02, 0.08, 0.4, 1.6, 3.2, 4.2, 3.4, 1.8, 0.9, 0.7, 0.7, 0.7, 0.5, 0.3, 0.3,
      0.3, 0.2, 0.1, 0.1, 0.1, 0.05,
    ],
    weekdays: [0.35, 1, 1, 1, 1, 0.97, 0.45],
  },
  {
    name: 'about',
    from: 'work',
    to: 'work',
    hours: [
      0.1, 0.05, 0.05, 0.03, 0.03, 0.1, 0.2, 0.4, 0.7, 1, 1.7, 2.3, 2.9, 2.7, 2.5, 2.2, 1.5, 1.4,
      1.3, 0.9, 0.6, 0.5, 0.4, 0.2,
    ],
    weekdays: [0.75, 0.95, 1, 1, 1, 1, 0.95],
  },
  {
    name: 'to home',
    from: 'work',
    to: 'home',
    hours: [
      0.3, 0.1, 0.1, 0.05, 0.05, 0.05, 0.1, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 1, 1.3, 1.5, 2.4,
      3.1, 2.7, 2.2, 1.8, 1.4, 0.8,
    ],
    weekdays: [0.6, 1, 1, 1, 1, 0.95, 0.65],
  },
  {
    name: 'out after work',
    from: 'work',
    to: 'night',
    hours: [
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, 0.1, 0.2, 0.4, 0.7, 0.8, 0.5, 0.2, 0.1, 0,
    ],
    weekdays: [0.3, 0.8, 0.9, 1, 1.15, 1.3, 0.6],
  },
  {
    name: 'out from home',
    from: 'home',
    to: 'night',
    hours: [
      0.4, 0.2, 0.1, 0.05, 0, 0, 0, 0, 0, 0, 0.05, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3, 0.7, 1.3, 1.5,
      1.4, 1.1, 0.7,
    ],
    weekdays: [0.7, 0.75, 0.85, 0.95, 1.1, 1.35, 1.6],
  },
  {
    name: 'back from the night',
    from: 'night',
    to: 'home',
    hours: [
      2, 1.5, 1.1, 0.8, 0.55, 0.2, 0.1, 0.05, 0, 0, 0, 0, 0, 0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.2,
      0.5, 1.2, 1.9, 2.3,
    ],
    weekdays: [1.7, 0.6, 0.65, 0.75, 0.85, 1, 2.1],
  },
  {
    name: 'to an airport',
    from: 'home',
    to: 'airport',
    hours: [
      0.03, 0.02, 0.03, 0.08, 0.2, 0.32, 0.35, 0.3, 0.25, 0.2, 0.2, 0.2, 0.25, 0.3, 0.35, 0.35, 0.3,
      0.2, 0.15, 0.1, 0.07, 0.05, 0.04, 0.03,
    ],
    weekdays: [0.8, 0.8, 0.7, 0.7, 0.75, 0.8, 0.6],
  },
  {
    name: 'from an airport to a hotel or home',
    from: 'airport',
    to: 'home',
    hours: [
      0.2, 0.08, 0.04, 0.03, 0.03, 0.05, 0.08, 0.1, 0.12, 0.15, 0.15, 0.15, 0.2, 0.2, 0.25, 0.28,
      0.3, 0.3, 0.32, 0.35, 0.4, 0.42, 0.42, 0.4,
    ],
    weekdays: [0.9, 0.75, 0.7, 0.75, 0.8, 0.8, 0.6],
  },
  {
    name: 'from an airport to work',
    from: 'airport',
    to: 'work',
    hours: [
      0, 0, 0, 0, 0, 0.02, 0.06, 0.12, 0.2, 0.22, 0.2, 0.2, 0.18, 0.15, 0.15, 0.15, 0.12, 0.1, 0.08,
      0.06, 0.05, 0.03, 0, 0,
    ],
    weekdays: [0.5, 0.9, 0.8, 0.8, 0.8, 0.75, 0.4],
  },
]
