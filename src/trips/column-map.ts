import { HailstreamError } from '../errors.ts'
import { COLUMN_ROLES, normalizeName, type ColumnRole } from './column-role.ts'

/** What `--columns` says: where each role is found. */
export interface ColumnMap {
  /** Header names, or 1-based positions; never both. */
  readonly sources: ReadonlyMap<ColumnRole, string | number>
  /** False when the columns are given by position: then the first line is a trip already. */
  readonly hasHeader: boolean
}

const SUBJECT = '--columns'

/** Reads `pickupTime=started_at,pickupLon=start_lng,…`; throws `USAGE`. */
export function parseColumns(text: string): ColumnMap {
  const sources = new Map<ColumnRole, string | number>()
  const taken = new Set<string | number>()
  for (const entry of text.split(',')) {
    const equals = entry.indexOf('=')
    const key = (equals < 0 ? entry : entry.slice(0, equals)).trim()
    const value = equals < 0 ? '' : entry.slice(equals + 1).trim()
    const role = COLUMN_ROLES.find((known) => known === key)
    if (role === undefined) {
      throw usage(`the key ${JSON.stringify(key)}`, `one of ${COLUMN_ROLES.join(' ')}`)
    }
    if (value === '') throw usage(`nothing for ${role}`, 'a header name or a 1-based position')
    if (sources.has(role)) throw usage(`${role} twice`, 'each key once')
    const source = /^\d+$/.test(value) ? Number(value) : value
    if (source === 0) throw usage(`position 0 for ${role}`, 'positions from 1')
    if (typeof source === 'number' && source > 10_000) {
      throw usage(`position ${value} for ${role}`, 'a position up to 10000')
    }
    const identity = typeof source === 'number' ? source : normalizeName(source) || source
    if (taken.has(identity)) throw usage(`the column ${value} twice`, 'each column once')
    taken.add(identity)
    sources.set(role, source)
  }
  const kinds = new Set([...sources.values()].map((source) => typeof source))
  if (kinds.size > 1) {
    throw usage(
      'names and positions together',
      'either header names, or positions (for a file without a header)',
    )
  }
  if (!sources.has('pickupTime')) throw usage('no pickupTime', 'at least pickupTime=COLUMN')
  requirePair(sources, 'pickupLon', 'pickupLat')
  requirePair(sources, 'dropoffLon', 'dropoffLat')
  return { sources, hasHeader: !kinds.has('number') }
}

function requirePair(
  sources: ReadonlyMap<ColumnRole, unknown>,
  lon: ColumnRole,
  lat: ColumnRole,
): void {
  if (sources.has(lon) === sources.has(lat)) return
  const [given, missing] = sources.has(lon) ? [lon, lat] : [lat, lon]
  throw usage(`${given} without ${missing}`, 'both or neither')
}

function usage(got: string, expected: string): HailstreamError {
  return new HailstreamError('USAGE', {
    subject: SUBJECT,
    got,
    expected,
    fix: 'Example: --columns pickupTime=started_at,pickupLon=start_lng,pickupLat=start_lat.',
  })
}
