/**
 * Which column of a file holds what. The names are those of the yellow, green, for-hire and
 * high-volume for-hire files of the NYC Taxi and Limousine Commission, 2009 to 2025
 * (https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page); spelling drifts from month to
 * month, so names are compared by their letters and digits alone.
 */
import { HailstreamError } from '../errors.ts'
import type { ColumnMap } from './column-map.ts'
import { COLUMN_ROLES, normalizeName, type ColumnRole } from './column-role.ts'

export interface Layout {
  /** The 0-based column of each role; -1 where the file has none. */
  readonly columns: Readonly<Record<ColumnRole, number>>
  /**
   * Columns of money which, added to fare and tip, make up the total of a file that does not
   * state it. Empty where the file has a total.
   */
  readonly charges: readonly number[]
}

/** What an end of a trip is in this layout. Positions win where a file has both. */
export type PlaceKind = 'position' | 'zone' | 'none'

/** Normalised names of each role, the first that a header has wins. */
const ALIASES: Readonly<Record<ColumnRole, readonly string[]>> = {
  pickupTime: [
    'tpeppickupdatetime',
    'lpeppickupdatetime',
    'trippickupdatetime',
    'pickupdatetime',
    'pickupdate',
    'pickuptime',
  ],
  dropoffTime: [
    'tpepdropoffdatetime',
    'lpepdropoffdatetime',
    'tripdropoffdatetime',
    'dropoffdatetime',
    'dropoffdate',
    'dropofftime',
  ],
  pickupLon: ['pickuplongitude', 'startlon', 'pickuplon'],
  pickupLat: ['pickuplatitude', 'startlat', 'pickuplat'],
  dropoffLon: ['dropofflongitude', 'endlon', 'dropofflon'],
  dropoffLat: ['dropofflatitude', 'endlat', 'dropofflat'],
  // For-hire files of 2015 and 2016 have one location only, that of the pickup.
  pickupZone: ['pulocationid', 'pickuplocationid', 'locationid'],
  dropoffZone: ['dolocationid', 'dropofflocationid'],
  passengers: ['passengercount'],
  distance: ['tripdistance', 'tripmiles'],
  fare: ['fareamount', 'fareamt', 'basepassengerfare'],
  tip: ['tipamount', 'tipamt', 'tips'],
  total: ['totalamount', 'totalamt'],
}

/**
 * High-volume for-hire files state no total. What the passenger paid is the base fare, the tip and
 * these, so that is what their total is taken to be; otherwise every one of their trips would fall
 * into the tier `none`. Driver pay is not part of it.
 */
const HIGH_VOLUME_FARE = 'basepassengerfare'
const HIGH_VOLUME_CHARGES: ReadonlySet<string> = new Set([
  'tolls',
  'bcf',
  'salestax',
  'congestionsurcharge',
  'airportfee',
  'cbdcongestionfee',
])

/** Finds the columns of `names` by themselves, or as `map` says; throws `INPUT` where it cannot. */
export function layoutOf(names: readonly string[], file: string, map?: ColumnMap): Layout {
  return map === undefined ? knownLayout(names, file) : mappedLayout(names, file, map)
}

export function pickupKind({ columns }: Layout): PlaceKind {
  return placeKind(columns.pickupLon, columns.pickupLat, columns.pickupZone)
}

export function dropoffKind({ columns }: Layout): PlaceKind {
  return placeKind(columns.dropoffLon, columns.dropoffLat, columns.dropoffZone)
}

function placeKind(lon: number, lat: number, zone: number): PlaceKind {
  if (lon >= 0 && lat >= 0) return 'position'
  return zone >= 0 ? 'zone' : 'none'
}

/** The column that a known layout has for `role`; -1 where none of its names is there. */
export function knownColumn(names: readonly string[], role: ColumnRole): number {
  const normalized = names.map(normalizeName)
  const alias = ALIASES[role].find((name) => normalized.includes(name))
  return alias === undefined ? -1 : normalized.indexOf(alias)
}

/** The column called `name`, to the letter or else by letters and digits alone; -1 for none. */
export function columnNamed(names: readonly string[], name: string): number {
  const exact = names.indexOf(name)
  return exact >= 0 ? exact : names.map(normalizeName).indexOf(normalizeName(name))
}

function knownLayout(names: readonly string[], file: string): Layout {
  const columns = emptyColumns()
  for (const role of COLUMN_ROLES) columns[role] = knownColumn(names, role)
  if (columns.pickupTime < 0) {
    throw new HailstreamError('INPUT', {
      subject: file,
      got: `the columns ${listed(names)}`,
      expected: 'a column with the pickup time, such as tpep_pickup_datetime',
      fix:
        'Say which column is which with --columns pickupTime=NAME,pickupLon=NAME,pickupLat=NAME ' +
        '(1-based positions instead of names for a file without a header).',
    })
  }
  const charges: number[] = []
  const normalized = names.map(normalizeName)
  if (columns.total < 0 && normalized[columns.fare] === HIGH_VOLUME_FARE) {
    normalized.forEach((name, column) => {
      if (HIGH_VOLUME_CHARGES.has(name)) charges.push(column)
    })
  }
  return { columns, charges }
}

function mappedLayout(names: readonly string[], file: string, map: ColumnMap): Layout {
  const columns = emptyColumns()
  for (const [role, source] of map.sources) {
    if (typeof source === 'number') {
      // A CSV file without a header says how many columns it has by its rows alone.
      if (names.length > 0 && source > names.length) throw tooFar(file, source, names)
      columns[role] = source - 1
      continue
    }
    const column = columnNamed(names, source)
    if (column < 0) {
      throw new HailstreamError('INPUT', {
        subject: file,
        got: `no column ${JSON.stringify(source)} among ${listed(names)}`,
        expected: `the column that --columns names for ${role}`,
        fix: 'Name one of the columns the file has.',
      })
    }
    columns[role] = column
  }
  return { columns, charges: [] }
}

function tooFar(file: string, position: number, names: readonly string[]): HailstreamError {
  return new HailstreamError('INPUT', {
    subject: file,
    got: `position ${position} in --columns`,
    expected: `one of its ${names.length} columns: ${listed(names)}`,
  })
}

function emptyColumns(): Record<ColumnRole, number> {
  return Object.fromEntries(COLUMN_ROLES.map((role) => [role, -1])) as Record<ColumnRole, number>
}

/** Names fit for a message: printable, on one line, not too many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 24).map((name) => {
    const clean = name.replace(/[^\P{C}]/gu, '�').trim()
    return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean
  })
  return shown.join(', ') + (names.length > shown.length ? `, … (${names.length} in all)` : '')
}
