import type { Readable } from 'node:stream'
import type { ColumnMap } from './column-map.ts'
import { CsvReader } from './csv-reader.ts'
import { dropoffKind, pickupKind, type Layout } from './layouts.ts'
import { Quarantine } from './quarantine.ts'
import type { ReleaseOrder } from './trip.ts'
import { fileLabel, openTripFile } from './trip-file.ts'
import { TripIntake } from './trip-intake.ts'
import { TripSorter, type SortedTrips, type TripSlab } from './trip-sorter.ts'
import { ZoneWriter } from './zone-id.ts'

export interface TripSourceOptions {
  /** Paths as `expandFiles` gives them; `-` is standard input. Read in this order. */
  files: readonly string[]
  columns?: ColumnMap | undefined
  order: ReleaseOrder
  /** First release time of the window, wall-clock ms; default: no bound. */
  from?: number | undefined
  /** End of the window on the release time, exclusive, wall-clock ms; default: no bound. */
  to?: number | undefined
  /** Bytes of records in memory before they go to temporary files; default 128 MiB. */
  memoryBytes?: number | undefined
  tempDir?: string | undefined
  /** Where rejected rows are written; nowhere by default. */
  quarantinePath?: string | undefined
  stdin?: Readable | undefined
  signal?: AbortSignal | undefined
  /** Called between batches; bytes as they are on disk. */
  onProgress?: ((rowsRead: number, bytesRead: number) => void) | undefined
}

/** What was in the files. `rowsRead` = `trips` + `rejected` + `outsideWindow`, always. */
export interface TripSummary {
  rowsRead: number
  trips: number
  rejected: number
  /** Only reasons that occurred. */
  rejectedByReason: Record<string, number>
  outsideWindow: number
  /** Ends of trips whose zone id is too long for a record, and is sent as missing. */
  zoneTooLong: number
  /** Base names. */
  files: readonly string[]
  /** Release times of the first and the last trip, wall-clock ms; NaN when there is none. */
  firstTime: number
  lastTime: number
  /** Whether a file with trips gives zone ids; whether one gives positions. */
  hasZones: boolean
  hasPositions: boolean
}

export interface TripSource {
  readonly summary: TripSummary
  /** The trips in release order; may be asked for again when it has ended. */
  slabs(): AsyncIterable<TripSlab>
  close(): Promise<void>
}

const DEFAULT_MEMORY_BYTES = 128 * 1024 * 1024

/** Reads all files and puts their trips in order. Throws `INPUT`, and then leaves nothing behind. */
export async function openTrips(options: TripSourceOptions): Promise<TripSource> {
  const { order, quarantinePath, tempDir } = options
  const sorter = new TripSorter({
    order,
    memoryBytes: options.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    tempDir,
  })
  const quarantine = quarantinePath === undefined ? undefined : new Quarantine(quarantinePath)
  try {
    const summary = await readFiles(options, sorter, quarantine)
    const trips = await sorter.finish()
    await quarantine?.close()
    return sourceOf(summary, trips)
  } catch (error) {
    await sorter.abandon()
    await quarantine?.abandon()
    throw error
  }
}

async function readFiles(
  options: TripSourceOptions,
  sorter: TripSorter,
  quarantine: Quarantine | undefined,
): Promise<TripSummary> {
  const { files, columns, order, signal, onProgress } = options
  const { from = -Infinity, to = Infinity, stdin = process.stdin } = options
  const intake = new TripIntake({ records: sorter.records, order, from, to, quarantine })
  const zones = new ZoneWriter()
  let bytesRead = 0
  let hasZones = false
  let hasPositions = false

  const onBatch = async (): Promise<void> => {
    signal?.throwIfAborted()
    await sorter.relieve()
    await quarantine?.relieve()
    onProgress?.(intake.rowsRead, bytesRead)
  }
  for (const path of files) {
    const file = fileLabel(path)
    const tripsBefore = intake.trips
    intake.file = file
    const opened = await openTripFile(path, stdin, (bytes) => (bytesRead += bytes))
    const shared = { file, sink: intake, zones, columns }
    let layout: Layout | undefined
    if (opened.kind === 'parquet') {
      const { buffer } = opened
      // Loaded where it is needed: a replay of CSV that goes on after a kill has no time to lose.
      layout = await import('./parquet-reader.ts')
        .then(({ readParquet }) => readParquet({ ...shared, buffer, onBatch }))
        .finally(() => opened.close())
    } else {
      const reader = new CsvReader(shared)
      for await (const chunk of opened.chunks) {
        reader.push(chunk)
        await onBatch()
      }
      reader.end()
      await onBatch()
      layout = reader.layout
    }
    if (layout !== undefined && intake.trips > tripsBefore) {
      const kinds = [pickupKind(layout), dropoffKind(layout)]
      hasZones ||= kinds.includes('zone')
      hasPositions ||= kinds.includes('position')
    }
  }
  const { rowsRead, trips, rejected, rejectedByReason, outsideWindow } = intake
  return {
    rowsRead,
    trips,
    rejected,
    rejectedByReason: { ...rejectedByReason },
    outsideWindow,
    zoneTooLong: intake.zonesTooLong,
    files: files.map(fileLabel),
    firstTime: trips === 0 ? NaN : intake.firstTime,
    lastTime: trips === 0 ? NaN : intake.lastTime,
    hasZones,
    hasPositions,
  }
}

function sourceOf(summary: TripSummary, trips: SortedTrips): TripSource {
  let closed = false
  return {
    summary,
    slabs() {
      if (closed) throw new Error('Trip source: slabs() after close()')
      return trips.slabs()
    },
    async close() {
      if (closed) return
      closed = true
      await trips.close()
    },
  }
}

export { expandFiles, fingerprintFiles } from './file-list.ts'
export type { TripSlab } from './trip-sorter.ts'
