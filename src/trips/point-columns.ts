/** Which two columns of a CSV file hold the point of a row: as told, or as a known header has them. */
import { HailstreamError } from '../errors.ts'
import { normalizeName } from './column-role.ts'
import { columnNamed, knownColumn, listed } from './layouts.ts'

/** 0-based columns. */
export interface PointColumns {
  lon: number
  lat: number
}

/** What `--lon` and `--lat` say: two header names, or two 1-based positions. */
export type PointSource =
  { by: 'name'; lon: string; lat: string } | { by: 'position'; lon: number; lat: number }

const MAX_POSITION = 10_000

/** Undefined where neither is given. Throws `USAGE`. */
export function parsePointSource(
  lon: string | undefined,
  lat: string | undefined,
): PointSource | undefined {
  if (lon === undefined && lat === undefined) return undefined
  if (lon === undefined || lat === undefined) {
    const [given, missing] = lon === undefined ? ['--lat', '--lon'] : ['--lon', '--lat']
    throw usage('--lon and --lat', `${given} without ${missing}`, 'both or neither')
  }
  const source = sourceOf(lon.trim(), lat.trim())
  if (source.lon === source.lat) throw usage('--lon and --lat', `${lon} twice`, 'two columns')
  return source
}

function sourceOf(lon: string, lat: string): PointSource {
  const position = (flag: string, text: string): number | undefined => {
    if (text === '') throw usage(flag, 'nothing', 'a header name or a 1-based position')
    if (!/^\d+$/.test(text)) return undefined
    const value = Number(text)
    if (value >= 1 && value <= MAX_POSITION) return value
    throw usage(flag, text, `a position from 1 to ${MAX_POSITION}`)
  }
  const [x, y] = [position('--lon', lon), position('--lat', lat)]
  if (x !== undefined && y !== undefined) return { by: 'position', lon: x, lat: y }
  if (x === undefined && y === undefined) return { by: 'name', lon, lat }
  throw usage(
    '--lon and --lat',
    'a name and a position',
    'either header names, or positions (for a file without a header)',
  )
}

function usage(subject: string, got: string, expected: string): HailstreamError {
  const fix = 'Example: --lon pickup_longitude --lat pickup_latitude.'
  return new HailstreamError('USAGE', { subject, got, expected, fix })
}

/** Finds named columns, or by default those of the pickup; throws `INPUT` where they are not there. */
export function pointColumnsIn(
  names: readonly string[],
  source: { lon: string; lat: string } | undefined,
  file: string,
): PointColumns {
  if (source === undefined) {
    const [lon, lat] = [knownColumn(names, 'pickupLon'), knownColumn(names, 'pickupLat')]
    if (lon >= 0 && lat >= 0) return { lon, lat }
    throw new HailstreamError('INPUT', {
      subject: file,
      got: `the columns ${listed(names)}`,
      expected: 'a longitude and a latitude of the pickup under a name that is known',
      fix: 'Say which they are with --lon COLUMN --lat COLUMN.',
    })
  }
  const find = (flag: string, name: string): number => {
    const column = columnNamed(names, name)
    if (column >= 0) return column
    throw new HailstreamError('INPUT', {
      subject: file,
      got: `no column ${JSON.stringify(name)} among ${listed(names)}`,
      expected: `the column that ${flag} names`,
      fix: 'Name one of the columns the file has, or give 1-based positions where it has no header.',
    })
  }
  return { lon: find('--lon', source.lon), lat: find('--lat', source.lat) }
}

/** Whether a new column `name` would be taken for one that is there already. */
export function hasColumn(names: readonly string[], name: string): boolean {
  const wanted = normalizeName(name)
  return names.includes(name) || (wanted !== '' && names.map(normalizeName).includes(wanted))
}
