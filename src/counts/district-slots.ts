/**
 * The districts of a generation as small integers. A set of polygons has a fixed list; zone ids
 * are met as they come, listed in a zone file or not, and get the next free slot.
 */
export class DistrictSlots {
  readonly ids: string[]
  /** Zone ids of trips count as given. */
  readonly zones: boolean
  readonly #slots: Map<string, number>

  constructor(ids: readonly string[], zones: boolean) {
    this.ids = [...ids]
    this.zones = zones
    this.#slots = new Map(ids.map((id, slot) => [id, slot]))
  }

  get size(): number {
    return this.ids.length
  }

  /** The slot of `id`, made when it is new. */
  slotOf(id: string): number {
    let slot = this.#slots.get(id)
    if (slot === undefined) {
      slot = this.ids.length
      this.ids.push(id)
      this.#slots.set(id, slot)
    }
    return slot
  }
}
