/** The parts we use of two packages that come without types. */

declare module 'which-polygon' {
  export default function whichPolygon(
    collection: unknown,
  ): (position: [number, number]) => Record<string, unknown> | null
}

declare module 'polygon-lookup' {
  export default class PolygonLookup {
    constructor(collection: unknown)
    search(x: number, y: number): { properties: Record<string, unknown> } | undefined
  }
}
