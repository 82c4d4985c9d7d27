/** Small GeoJSON, written short. */

export type Position = readonly number[]

export function collection(...features: unknown[]): { type: string; features: unknown[] } {
  return { type: 'FeatureCollection', features }
}

export function feature(properties: Record<string, unknown> | null, geometry: unknown): unknown {
  return { type: 'Feature', properties, geometry }
}

export function polygon(...rings: Position[][]): { type: string; coordinates: Position[][] } {
  return { type: 'Polygon', coordinates: rings }
}

export function multiPolygon(...polygons: Position[][][]): unknown {
  return { type: 'MultiPolygon', coordinates: polygons }
}

/** A closed counter-clockwise box. */
export function box(west: number, south: number, east: number, north: number): Position[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

/** One feature a box, with ids 1, 2, 3 … */
export function boxes(...bounds: [number, number, number, number][]): unknown {
  return collection(...bounds.map((each, i) => feature({ id: i + 1 }, polygon(box(...each)))))
}
