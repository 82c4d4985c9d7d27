/**
 * Sets of polygons, each known by a small number. What covers a point is such a set, and so is what
 * an edge borders: who crosses an edge leaves the polygons it is in and enters the others. Overlaps,
 * gaps, holes and shared borders need no other rule.
 */

/** The set of no polygons. */
export const EMPTY_SET = 0

/** More sets than any index can have, so that a pair of them makes one exact number. */
const MAX_SETS = 2 ** 26

export class PolygonSets {
  private readonly sets: (readonly number[])[] = [[]]
  private readonly byMembers = new Map<string, number>([['', EMPTY_SET]])
  private readonly differences = new Map<number, number>()

  /** Positions of the polygons, ascending: file order. */
  members(set: number): readonly number[] {
    return this.sets[set]
  }

  of(polygon: number): number {
    return this.intern([polygon])
  }

  /** The polygons that are in one of the two sets but not in both. */
  difference(a: number, b: number): number {
    if (a === EMPTY_SET) return b
    if (b === EMPTY_SET) return a
    const pair = a * MAX_SETS + b
    let result = this.differences.get(pair)
    if (result === undefined) {
      const [inA, inB] = [this.sets[a], this.sets[b]]
      result = this.intern([
        ...inA.filter((each) => !inB.includes(each)),
        ...inB.filter((each) => !inA.includes(each)),
      ])
      this.differences.set(pair, result)
    }
    return result
  }

  private intern(polygons: number[]): number {
    polygons.sort((a, b) => a - b)
    const key = polygons.join()
    let set = this.byMembers.get(key)
    if (set === undefined) {
      set = this.sets.length
      this.sets.push(polygons)
      this.byMembers.set(key, set)
    }
    return set
  }
}
