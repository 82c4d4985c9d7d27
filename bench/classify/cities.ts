/** The district files of the benchmark, and where their trips begin and end. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { parseDistricts } from '../../src/geo/districts.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Collection } from './peers.ts'
import { madeUpPlaces } from './points.ts'
import type { Points } from './points.ts'

export interface City {
  name: string
  collection: Collection
  /** Property that tells districts apart. */
  id: string
  bbox: readonly number[]
  rings: Float64Array[]
  places: Points
}

const SHARED = '../shared/data'
const SAMPLE = 'samples/neighbourhoods.geojson'
const TRIPS = ['trips_2016-01_20k_sorted', 'yellow_2009-2015_fares_50k', 'yellow_2014_sample_10k']

/** The official files where they are beside the repository, else the sample city. */
export function readCities(): City[] {
  if (!existsSync(resolve(SHARED))) return [readCity('sample city', SAMPLE, undefined)]
  const places = readPlaces()
  return [
    readCity('community districts', `${SHARED}/districts/community_districts.geojson`, places),
    readCity('taxi zones', `${SHARED}/districts/taxi_zones.geojson`, places),
  ]
}

function readCity(name: string, file: string, places: Points | undefined): City {
  const collection = JSON.parse(readFileSync(resolve(file), 'utf8')) as Collection
  const { idProperty, bbox, polygons } = parseDistricts(collection, file)
  const rings = polygons.flatMap((polygon) => polygon.rings)
  return {
    name,
    collection,
    id: idProperty,
    bbox,
    rings,
    places: places ?? madeUpPlaces(rings, 50_000, seededRandom(1)),
  }
}

function readPlaces(): Points {
  const lons: number[] = []
  const lats: number[] = []
  for (const trips of TRIPS) {
    const bytes = gunzipSync(readFileSync(resolve(`${SHARED}/trips/${trips}.csv.gz`)))
    const rows: Record<string, string>[] = parse(bytes, { columns: true })
    for (const row of rows) {
      for (const end of ['pickup', 'dropoff']) {
        const lon = Number(row[`${end}_longitude`])
        const lat = Number(row[`${end}_latitude`])
        if (lon < -73 && lat > 40) {
          lons.push(lon)
          lats.push(lat)
        }
      }
    }
  }
  return { lons: Float64Array.from(lons), lats: Float64Array.from(lats) }
}
