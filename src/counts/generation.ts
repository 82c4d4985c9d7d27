/**
 * A generation: one way of counting one stream. Its identity is everything that decides a count;
 * two that differ in any of it never mix, they stand beside each other in the table.
 */
import { textOf } from './item-values.ts'
import { createHash } from 'node:crypto'
import { HailstreamError } from '../errors.ts'
import { formatDuration } from '../time/units.ts'
import type { WindowGeometry } from '../windows/pane.ts'
import { chooseGeometry, PACKED_BYTES_PER_ROUTE } from '../windows/pane.ts'
import { DistrictSlots } from './district-slots.ts'
import { generationKey } from './keys.ts'
import {
  MEASURES,
  REASONS,
  ROUTES_MILLIS,
  ROUTES_TOP,
  SEMANTICS_VERSION,
  SUMS,
  TIERS,
} from './measures.ts'
import type { Item, Value } from './table-port.ts'

/** The districts as counting needs them; `geo` makes one of a district file. */
export interface CountedDistricts {
  /** Base name without extension, for people; `zones` where only zone ids are counted. */
  name: string
  ids: readonly string[]
  names: readonly string[]
  fingerprint: string
  /** Zone ids of trips count as given. */
  zones: boolean
}

export interface Generation {
  id: string
  districts: CountedDistricts
  geometry: WindowGeometry
  streamName: string
  streamCreationTime: number
  /** Its own: leases are worth nothing without the progress of this table and this stream. */
  leaseTable: string
  /** Where the stream is begun, for every worker there will be: epoch ms, or null = trim horizon. */
  startTimestamp: number | null
  /** Epoch ms of its first worker's start. */
  createdAt: number
}

/** What is counted without a district file: zone ids, as they come. */
export const ZONES_ONLY: CountedDistricts = {
  name: 'zones',
  ids: [],
  names: [],
  fingerprint: 'zone-ids-as-given',
  zones: true,
}

/** How many zones there may be where no file says; TLC has 265. */
const ASSUMED_ZONES = 265
/** DynamoDB's item limit is 400 KB; what is left is for keys, totals and growth. */
export const MAX_ITEM_BYTES = 350_000

export function makeGeneration(options: {
  districts: CountedDistricts
  paneMillis: number
  stream: { name: string; creationTime: number }
  /** Name of the counts table. */
  table: string
  application: string
  startTimestamp: number | null
  now: number
}): Generation {
  const { districts, paneMillis, stream, startTimestamp, now } = options
  const geometry = chooseGeometry(paneMillis, Math.max(districts.ids.length, 1))
  const blockOfZones = chooseGeometry(paneMillis, ASSUMED_ZONES)
  const chosen = districts.zones && districts.ids.length === 0 ? blockOfZones : geometry
  checkItemSize(districts, chosen)
  const digest = digestOf([
    districts.fingerprint,
    districts.zones,
    chosen.paneMillis,
    chosen.blockMillis,
    SUMS,
    TIERS,
    REASONS,
    SEMANTICS_VERSION,
    stream.name,
  ])
  const name = districts.name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40)
  const id = `${name}-${formatDuration(paneMillis)}-${digest}`
  return {
    id,
    districts,
    geometry: chosen,
    streamName: stream.name,
    streamCreationTime: stream.creationTime,
    leaseTable: leaseTableName(id, options),
    startTimestamp,
    createdAt: now,
  }
}

/**
 * A lease says who counts a shard, and that it was counted to its end: into this table, from this
 * stream. Another table, or either of them made again, begins with other leases.
 */
function leaseTableName(id: string, options: Parameters<typeof makeGeneration>[0]): string {
  const { table, stream, application, now } = options
  return `${application}-${id}-${digestOf([table, stream.creationTime, now]).slice(0, 6)}`
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)
}

export function slotsOf(generation: Generation): DistrictSlots {
  return new DistrictSlots(generation.districts.ids, generation.districts.zones)
}

/**
 * The largest that each kind of item can become: every district with every measure in every pane of
 * an hour, in every hour of a day, in both parts of a rolling window; in a partial, with trips to
 * every other district. A number takes about a byte for
 * two digits and two more; names take their bytes; lists and maps take one more an entry.
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(
  districts: CountedDistricts,
  geometry: WindowGeometry,
): Record<'hour' | 'day' | 'rolling' | 'partial', number> {
  const assumed = districts.ids.length === 0 ? ASSUMED_ZONES : 0
  const ids = districts.ids.length + assumed
  let idBytes = 4 * assumed
  for (const id of districts.ids) idBytes += Buffer.byteLength(id) + 1
  const row = 3 * MEASURES + 8
  const panes = 3_600_000 / geometry.paneMillis
  let named = row
  for (const name of [...SUMS, ...TIERS, 'tiers']) named += name.length
  return {
    hour: panes * (idBytes + ids * row) + 4_096,
    // Its hours have the sums alone, which are larger than those of a pane.
    day: 24 * (idBytes + ids * 5 * SUMS.length) + idBytes + ids * row + 4_096,
    rolling: 2 * (idBytes + ids * named) + 4_096,
    partial:
      (geometry.blockMillis / geometry.paneMillis) *
        (ids * row + ids ** 2 * PACKED_BYTES_PER_ROUTE) +
      idBytes +
      4_096,
  }
}

function checkItemSize(districts: CountedDistricts, geometry: WindowGeometry): void {
  const sizes = itemBytes(districts, geometry)
  for (const kind of ['hour', 'day', 'rolling', 'partial'] as const) {
    if (sizes[kind] <= MAX_ITEM_BYTES) continue
    const pane = kind === 'hour' ? ' or a longer --pane' : ''
    throw new HailstreamError('GENERATION', {
      subject: `Districts of ${districts.name}`,
      got: `${districts.ids.length} districts, whose ${kind} items could reach ${Math.round(sizes[kind] / 1000)} KB`,
      expected: `at most ${MAX_ITEM_BYTES / 1000} KB an item`,
      fix: `Use fewer districts${pane}.`,
    })
  }
}

export function generationItem(generation: Generation): Item {
  const { id, districts, geometry, ...rest } = generation
  return {
    ...generationKey(id),
    ...rest,
    districtsName: districts.name,
    ids: districts.ids,
    names: districts.names,
    fingerprint: districts.fingerprint,
    zones: districts.zones,
    pane: formatDuration(geometry.paneMillis),
    paneMillis: geometry.paneMillis,
    block: formatDuration(geometry.blockMillis),
    blockMillis: geometry.blockMillis,
    measures: SUMS,
    tiers: TIERS,
    routes: {
      window: ROUTES_MILLIS % geometry.paneMillis === 0 ? formatDuration(ROUTES_MILLIS) : null,
      top: ROUTES_TOP,
    },
    semantics: SEMANTICS_VERSION,
  }
}

export function parseGeneration(item: Item): Generation {
  const texts = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : [])
  return {
    id: item.sk,
    districts: {
      name: textOf(item.districtsName),
      ids: texts(item.ids),
      names: texts(item.names),
      fingerprint: textOf(item.fingerprint),
      zones: item.zones === true,
    },
    geometry: { paneMillis: Number(item.paneMillis), blockMillis: Number(item.blockMillis) },
    streamName: textOf(item.streamName),
    streamCreationTime: Number(item.streamCreationTime),
    leaseTable: textOf(item.leaseTable),
    startTimestamp: item.startTimestamp === null ? null : Number(item.startTimestamp),
    createdAt: Number(item.createdAt),
  }
}
