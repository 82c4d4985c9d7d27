/** Letters from where they were kept; each once, by the place where it died. */
import type { Letter } from './letter.ts'
import { parseLetter, placeOf } from './letter.ts'

export class StoredLetters {
  /** `generation run` → place → letter. */
  readonly #feeds = new Map<string, Map<string, Letter>>()
  /** Lines that are no letters: what is left of one that was cut off, mostly. */
  unreadable = 0
  /** Letters that were met more than once. */
  repeated = 0

  add(line: string): void {
    if (line.trim() === '') return
    let letter: Letter
    try {
      letter = parseLetter(line)
    } catch {
      this.unreadable++
      return
    }
    const feed = `${letter.generation} ${letter.run}`
    let ofFeed = this.#feeds.get(feed)
    if (ofFeed === undefined) this.#feeds.set(feed, (ofFeed = new Map<string, Letter>()))
    const place = placeOf(letter)
    if (ofFeed.has(place)) this.repeated++
    // The later line has the last word: whoever mends a letter may do so below it.
    ofFeed.set(place, letter)
  }

  /** By generation and run. */
  feeds(): { generation: string; run: string; letters: ReadonlyMap<string, Letter> }[] {
    return [...this.#feeds].map(([feed, letters]) => {
      const [generation, run] = feed.split(' ')
      return { generation, run, letters }
    })
  }
}
