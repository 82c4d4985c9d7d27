/**
 * Panes of the past that were fetched. Only final ones are kept; a late trip may still revise them,
 * so they are forgotten whenever the number of revisions moved.
 */
import type { PaneAnswer, PanesAnswer } from './answers.ts'
import { readEventTime } from './event-time.ts'

const MOST_PANES = 2_000

export interface PaneSpan {
  from: number
  to: number
}

export class PaneCache {
  readonly #paneMillis: number
  /** Start → pane; null where nothing happened. */
  readonly #panes = new Map<number, PaneAnswer | null>()
  #revisions: number

  constructor(paneMillis: number, revisions: number) {
    this.#paneMillis = paneMillis
    this.#revisions = revisions
  }

  get size(): number {
    return this.#panes.size
  }

  revised(revisions: number): void {
    if (revisions === this.#revisions) return
    this.#revisions = revisions
    this.#panes.clear()
  }

  /** Keeps what is final in an answer, the panes in which nothing happened too. */
  add(answer: PanesAnswer): void {
    const to = Math.min(readEventTime(answer.to), finalUntil(answer))
    const present = new Map(answer.panes.map((pane) => [readEventTime(pane.from), pane]))
    const from = readEventTime(answer.from)
    for (let start = from; start + this.#paneMillis <= to; start += this.#paneMillis) {
      const pane = present.get(start)
      if (pane?.final !== false) this.#keep(start, pane ?? null)
    }
  }

  /** The panes of [from, to), or undefined while some of them are not here. */
  get({ from, to }: PaneSpan): PaneAnswer[] | undefined {
    const found: PaneAnswer[] = []
    for (let start = from; start < to; start += this.#paneMillis) {
      const pane = this.#panes.get(start)
      if (pane === undefined) return undefined
      if (pane !== null) found.push(pane)
    }
    return found
  }

  #keep(start: number, pane: PaneAnswer | null): void {
    this.#panes.delete(start)
    this.#panes.set(start, pane)
    if (this.#panes.size <= MOST_PANES) return
    const [oldest] = this.#panes.keys()
    this.#panes.delete(oldest)
  }
}

/** End of what is final in an answer, by the answer itself: what the page knows else may be newer. */
export function finalUntil({
  final,
  to,
  asOf,
}: Pick<PanesAnswer, 'final' | 'to' | 'asOf'>): number {
  if (final) return readEventTime(to)
  return asOf === null ? -Infinity : readEventTime(asOf)
}
