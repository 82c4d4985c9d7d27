/** Writes the leaves (leaves.ts): the simplest kind that is right everywhere in a part. */
import { LINE, MESH, NOWHERE, WEDGE, pointer } from './code.ts'
import { districtOf, isLeftOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { MESH_POLYGONS } from './leaves.ts'
import { turn } from './side.ts'

/** A part of the grid, and what is known about it. */
export interface Part {
  /** Degrees of its south-west corner, and the set of polygons that hold the corner. */
  lon: number
  lat: number
  set: number
  /** Every edge that touches it. */
  edges: readonly number[]
}

/**
 * The code of a part that one line or one bend divides; undefined when there is more in it. Rings
 * are closed, so at least two edges meet in every vertex: an edge that is alone in a part runs right
 * through it, and of two that meet, both run out of it.
 */
export function writeSimpleLeaf(draft: Draft, part: Part): number | undefined {
  const { ends, borders } = draft.edges
  const [first, second] = part.edges
  const a = ends[2 * first]
  const b = ends[2 * first + 1]
  if (part.edges.length === 1) {
    return writeHalves(draft, part, LINE, [a, b], isLeftOf(draft, a, b, part.lon, part.lat))
  }
  // They may meet outside of the part, and others with them; then they border other polygons.
  if (part.edges.length !== 2 || borders[first] !== borders[second]) return undefined
  const c = ends[2 * second]
  const d = ends[2 * second + 1]
  if (b === c) return writeWedge(draft, part, a, b, d)
  if (b === d) return writeWedge(draft, part, a, b, c)
  if (a === c) return writeWedge(draft, part, b, a, d)
  return a === d ? writeWedge(draft, part, b, a, c) : undefined
}

function writeWedge(draft: Draft, part: Part, a: number, v: number, b: number): number | undefined {
  const { lons, lats } = draft.edges
  const bend = turn(lons[a], lats[a], lons[v], lats[v], lons[b], lats[b])
  if (bend === undefined) return undefined
  const [from, to] = bend === 'left' ? [a, b] : [b, a]
  const isInner =
    isLeftOf(draft, from, v, part.lon, part.lat) && isLeftOf(draft, v, to, part.lon, part.lat)
  return writeHalves(draft, part, WEDGE, [from, v, to], isInner)
}

/** `isFirst`: whether the corner of the part is in the half whose result comes first. */
function writeHalves(
  draft: Draft,
  part: Part,
  kind: number,
  path: readonly number[],
  isFirst: boolean,
): number {
  const border = draft.edges.borders[part.edges[0]]
  const here = districtOf(draft, part.set)
  const beyond = districtOf(draft, draft.sets.difference(part.set, border))
  if (here === beyond) return here
  const at = draft.leaves.length
  for (const vertex of path) draft.leaves.push(draft.edges.lons[vertex], draft.edges.lats[vertex])
  if (isFirst) draft.leaves.push(here, beyond)
  else draft.leaves.push(beyond, here)
  return pointer(kind, at)
}

/** The code of a part with any number of edges in it. */
export function writeMesh(draft: Draft, part: Part): number {
  const { sets, edges, districts } = draft
  const inPlay = new Set(part.edges.flatMap((edge) => sets.members(edges.borders[edge])))
  // A polygon that holds the whole part: those behind it in the file cannot show.
  const backdrop = sets.members(part.set).find((polygon) => !inPlay.has(polygon))
  const shown = [...inPlay].filter((each) => backdrop === undefined || each < backdrop)
  shown.sort((a, b) => a - b)
  let code = backdrop === undefined ? NOWHERE : districts[backdrop]
  // More polygons than bits: a chain of leaves, each falling through to the next.
  while (shown.length > 0) {
    const start = Math.floor((shown.length - 1) / MESH_POLYGONS) * MESH_POLYGONS
    code = writeLink(draft, part, shown.splice(start), code)
  }
  return code
}

function writeLink(draft: Draft, part: Part, polygons: number[], otherwise: number): number {
  const results = polygons.map((polygon) => draft.districts[polygon])
  if (results.every((result) => result === otherwise)) return otherwise

  const bitOf = new Map(polygons.map((polygon, bit) => [polygon, 1 << bit]))
  const bitsOf = (set: number): number =>
    draft.sets.members(set).reduce((bits, polygon) => bits | (bitOf.get(polygon) ?? 0), 0)
  const { leaves } = draft
  const { lons, lats, ends, borders } = draft.edges
  const at = leaves.length
  leaves.push(part.lon, part.lat, bitsOf(part.set) | (1 << polygons.length), 0)
  for (const edge of part.edges) {
    const flips = bitsOf(borders[edge])
    if (flips === 0) continue
    let [a, b] = [ends[2 * edge], ends[2 * edge + 1]]
    if (!isLeftOf(draft, a, b, part.lon, part.lat)) [a, b] = [b, a]
    leaves.push(lons[a], lats[a], lons[b], lats[b], flips)
    leaves[at + 3]++
  }
  leaves.push(...results, otherwise)
  return pointer(MESH, at)
}
