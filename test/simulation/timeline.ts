interface Entry {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

export type Outcome = 'done' | 'out of time' | 'runaway'

/**
 * The one virtual time of a simulation: a queue of events, run one at a time in the order of their
 * times, and of their making where times are equal. Everything that follows from an event through
 * promises alone happens before the next one.
 */
export class Timeline {
  now = 0
  /** Events run so far. */
  events = 0
  readonly #heap: Entry[] = []
  #order = 0

  /** Runs `run` in `millis`; what is returned takes that back. */
  after(millis: number, run: () => void): () => void {
    const entry: Entry = { at: this.now + Math.max(0, millis), order: this.#order++, run }
    this.#push(entry)
    return () => {
      entry.run = undefined
    }
  }

  /** Goes on until `done` holds; gives up after `limitMillis` or `maxEvents`, whichever is first. */
  async run(done: () => boolean, limitMillis: number, maxEvents: number): Promise<Outcome> {
    const until = this.now + limitMillis
    const lastEvent = this.events + maxEvents
    for (;;) {
      await settled()
      if (done()) return 'done'
      if (this.events >= lastEvent) return 'runaway'
      const next = this.#heap.at(0)
      if (next === undefined || next.at > until) {
        this.now = until
        return 'out of time'
      }
      this.#pop()
      if (next.run === undefined) continue
      this.now = next.at
      this.events++
      next.run()
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(entry, heap[parent])) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
      if (!isBefore(heap[child], last)) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Resolves when everything that promises alone can do has been done. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
