/** [lon, lat] in degrees. */
export type Position = readonly [lon: number, lat: number]

/** An unclosed ring: the last position is not the first one again. */
export type Ring = readonly Position[]

/** Positions that satisfy `a·lon + b·lat ≤ c`. */
export interface HalfPlane {
  a: number
  b: number
  c: number
}

/** A degree of longitude over a degree of latitude, in the middle of New York (cos 40.72°). */
export const LON_SCALE = 0.7579

/** `lon lat, lon lat, …` → positions. */
export function parsePositions(text: string): Position[] {
  return text.split(',').map((pair) => {
    const numbers = pair.trim().split(/\s+/).map(Number)
    if (numbers.length !== 2 || numbers.some(Number.isNaN)) {
      throw new Error(`position: got ${JSON.stringify(pair)}, expected "lon lat"`)
    }
    return [numbers[0], numbers[1]]
  })
}

/** The same as a ring, turned counter-clockwise. */
export function parseRing(text: string): Ring {
  const ring = parsePositions(text)
  return signedArea(ring) < 0 ? ring.reverse() : ring
}

/** Positive for a counter-clockwise ring; square degrees. */
export function signedArea(ring: Ring): number {
  let twice = 0
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    twice += ring[j][0] * ring[i][1] - ring[i][0] * ring[j][1]
  }
  return twice / 2
}

/** Even-odd. */
export function ringHas(ring: Ring, lon: number, lat: number): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i]
    const [x2, y2] = ring[j]
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/** What is nearer to `mine` than to `other`, a degree of longitude being shorter than one of latitude. */
export function nearerTo(mine: Position, other: Position): HalfPlane {
  const k = LON_SCALE * LON_SCALE
  return {
    a: 2 * k * (other[0] - mine[0]),
    b: 2 * (other[1] - mine[1]),
    c: k * (other[0] * other[0] - mine[0] * mine[0]) + other[1] * other[1] - mine[1] * mine[1],
  }
}

interface Crossing {
  position: Position
  /** Where along the line; the line is walked with the half-plane on its left. */
  along: number
  /** The chain of kept positions that starts here; undefined where a chain ends. */
  chain: Position[] | undefined
}

/**
 * The part of a simple ring in a half-plane: no ring, one, or several where the line cuts off
 * more than one bay. Orientation is kept.
 */
export function clipRing(ring: Ring, { a, b, c }: HalfPlane): Ring[] {
  const excess = ring.map(([lon, lat]) => a * lon + b * lat - c)
  const first = excess.findIndex((value, i) => value > 0 && excess[(i + 1) % ring.length] <= 0)
  if (first === -1) return excess[0] <= 0 ? [ring] : []

  const crossings: Crossing[] = []
  const ends = new Map<Position[], Crossing>()
  let chain: Position[] = []
  for (let step = 0; step < ring.length; step++) {
    const i = (first + step) % ring.length
    const j = (i + 1) % ring.length
    const kept = excess[j] <= 0
    if (excess[i] <= 0 !== kept) {
      const share = excess[i] / (excess[i] - excess[j])
      const lon = ring[i][0] + share * (ring[j][0] - ring[i][0])
      const lat = ring[i][1] + share * (ring[j][1] - ring[i][1])
      if (kept) chain = []
      const crossing: Crossing = {
        position: [lon, lat],
        along: b * -lon + a * lat,
        chain: kept ? chain : undefined,
      }
      crossings.push(crossing)
      chain.push(crossing.position)
      if (!kept) ends.set(chain, crossing)
    }
    if (kept) chain.push(ring[j])
  }
  return joinChains(crossings, ends)
}

/** Along the line, inside alternates with outside: crossings 0–1, 2–3 … are the new edges. */
function joinChains(crossings: Crossing[], ends: ReadonlyMap<Position[], Crossing>): Ring[] {
  crossings.sort((p, q) => p.along - q.along)
  const rings: Ring[] = []
  const used = new Set<Position[]>()
  for (const { chain: start } of crossings) {
    if (start === undefined || used.has(start)) continue
    const ring: Position[] = []
    let chain: Position[] | undefined = start
    while (chain !== undefined && !used.has(chain)) {
      used.add(chain)
      ring.push(...chain)
      const end: Crossing | undefined = ends.get(chain)
      const at = end === undefined ? -1 : crossings.indexOf(end)
      chain = at === -1 ? undefined : crossings[at ^ 1].chain
    }
    rings.push(ring)
  }
  return rings
}
