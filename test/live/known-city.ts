/**
 * Districts of which it is known, by how a point is made, in which one it lies: nothing here tests
 * whether a point is in a polygon.
 *
 * A grid of quadrangles whose corners are moved by less than a fifth of a cell, so that each is
 * convex: a point between its middle and its outline is in it.
 */
import type { Random } from '../../src/time/random.ts'

type Position = readonly [lon: number, lat: number]

interface Cell {
  district: string
  corners: readonly Position[]
  middle: Position
  /** A hole around the middle, as a share of the way to the outline; 0 for none. */
  hole: number
}

const COLUMNS = 5
const ROWS = 4
const WEST = 10
const SOUTH = 50
const SIZE = 0.5
const HOLE = 0.4
/** In two pieces: one as a MultiPolygon, one as two features that share an id. */
const DISTRICT_OF_CELL = new Map([
  [13, 'D03'],
  [19, 'D18'],
])
const CELL_WITH_HOLE = 7

export class KnownCity {
  readonly #cells: readonly Cell[]

  constructor(random: Random) {
    const moved = (): number => (random() - 0.5) * 0.38 * SIZE
    const corners = Array.from({ length: ROWS + 1 }, (_, row) =>
      Array.from({ length: COLUMNS + 1 }, (_, column): Position => [
        WEST + column * SIZE + moved(),
        SOUTH + row * SIZE + moved(),
      ]),
    )
    this.#cells = Array.from({ length: ROWS * COLUMNS }, (_, cell) => {
      const row = Math.floor(cell / COLUMNS)
      const column = cell % COLUMNS
      const quadrangle = [
        corners[row][column],
        corners[row][column + 1],
        corners[row + 1][column + 1],
        corners[row + 1][column],
      ]
      return {
        district: DISTRICT_OF_CELL.get(cell) ?? `D${String(cell).padStart(2, '0')}`,
        corners: quadrangle,
        middle: mean(quadrangle),
        hole: cell === CELL_WITH_HOLE ? HOLE : 0,
      }
    })
  }

  /** GeoJSON, RFC 7946, with the ids in the property `id`. */
  geojson(): { type: 'FeatureCollection'; features: { geometry: { coordinates: unknown } }[] } {
    const rings = new Map<string, Position[][][]>()
    for (const cell of this.#cells) {
      const polygon = [closed(cell.corners)]
      if (cell.hole > 0) polygon.push(closed(scaled(cell, cell.hole)).reverse())
      rings.set(cell.district, [...(rings.get(cell.district) ?? []), polygon])
    }
    const feature = (id: string, geometry: { type: string; coordinates: unknown }) => ({
      type: 'Feature',
      properties: { id },
      geometry,
    })
    return {
      type: 'FeatureCollection',
      features: [...rings].flatMap(([id, polygons]) =>
        id === DISTRICT_OF_CELL.get(13)
          ? [feature(id, { type: 'MultiPolygon', coordinates: polygons })]
          : polygons.map((coordinates) => feature(id, { type: 'Polygon', coordinates })),
      ),
    }
  }

  /** A point in a district, well away from its outline. */
  inside(random: Random): { district: string; position: Position } {
    const cell = this.#cells[Math.floor(random() * this.#cells.length)]
    const least = cell.hole === 0 ? 0.02 : cell.hole + 0.1
    return { district: cell.district, position: this.#between(cell, least, 0.95, random) }
  }

  /** A point in the hole of a district. */
  inHole(random: Random): Position {
    return this.#between(this.#cells[CELL_WITH_HOLE], 0, HOLE - 0.1, random)
  }

  /** Between shares `least` and `most` of the way from the middle to a point of the outline. */
  #between(cell: Cell, least: number, most: number, random: Random): Position {
    const edge = Math.floor(random() * 4)
    const along = random()
    const outline = toward(cell.corners[edge], cell.corners[(edge + 1) % 4], along)
    const [lon, lat] = toward(cell.middle, outline, least + (most - least) * random())
    return [Number(lon.toFixed(6)), Number(lat.toFixed(6))]
  }
}

function toward(from: Position, to: Position, share: number): Position {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]
}

function scaled({ corners, middle }: Cell, share: number): Position[] {
  return corners.map((corner) => toward(middle, corner, share))
}

function mean(positions: readonly Position[]): Position {
  let [lon, lat] = [0, 0]
  for (const position of positions) {
    lon += position[0] / positions.length
    lat += position[1] / positions.length
  }
  return [lon, lat]
}

function closed(corners: readonly Position[]): Position[] {
  return [...corners, corners[0]]
}
