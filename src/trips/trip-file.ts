import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { AsyncBuffer } from 'hyparquet'
import { fileTrouble, HailstreamError, messageOf, systemCode } from '../errors.ts'
import { fileChunks } from './file-chunks.ts'

/** The name that means standard input. */
export const STDIN = '-'

const UNZIPPED_BYTES = 256 * 1024
const GZIP_MAGIC = [0x1f, 0x8b]
const PARQUET_MAGIC = [0x50, 0x41, 0x52, 0x31] // PAR1
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04]
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
]

export type TripFile =
  | {
      kind: 'csv'
      /** The text's bytes, decompressed. Each chunk holds until the next is asked for. */
      chunks: AsyncIterable<Uint8Array>
    }
  | { kind: 'parquet'; buffer: AsyncBuffer; close(): Promise<void> }

/** What a program takes, for the errors about what it was given. */
export interface WantedFile {
  expected: string
  /** What to give where a folder was given. */
  ofFolder: (label: string) => string
}

const TRIP_FILE: WantedFile = {
  expected: 'a trip file (CSV, also gzipped, or Parquet)',
  ofFolder: (label) => `Give its files: '${label}/*.csv.gz', say.`,
}

/** What messages call the file: never its whole path. */
export function fileLabel(path: string): string {
  return path === STDIN ? 'standard input' : basename(path)
}

/**
 * Opens a file by what is in it, not by its name. `onBytes` is told of every byte taken from disk.
 * What goes wrong, now or while it is read, is an `INPUT` error in one line.
 */
export async function openTripFile(
  path: string,
  stdin: Readable,
  onBytes: (bytes: number) => void,
  wanted = TRIP_FILE,
): Promise<TripFile> {
  const label = fileLabel(path)
  const source = path === STDIN ? stdin : fileChunks(path)
  const raw = counted(source, label, onBytes, wanted)
  const { head, chunks } = await peek(raw)
  if (startsWith(head, PARQUET_MAGIC)) {
    await raw.return(undefined)
    if (path === STDIN) {
      throw inputError(label, 'a Parquet file', 'CSV', 'Give a Parquet file by its name.')
    }
    return openParquet(path, label, onBytes)
  }
  if (!startsWith(head, GZIP_MAGIC)) return { kind: 'csv', chunks: textOnly(chunks, label, wanted) }
  return { kind: 'csv', chunks: textOnly(gunzipped(chunks, label), label, wanted) }
}

async function* counted(
  source: AsyncIterable<Uint8Array | string>,
  label: string,
  onBytes: (bytes: number) => void,
  wanted: WantedFile,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of source) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      onBytes(bytes.length)
      yield bytes
    }
  } catch (error) {
    throw readError(label, error, wanted)
  }
}

/** The first bytes (4, unless there are fewer), and all of them again. */
async function peek(
  source: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<{ head: Uint8Array; chunks: AsyncIterable<Uint8Array> }> {
  const first: Uint8Array[] = []
  let size = 0
  while (size < 4) {
    const { value, done } = await source.next()
    if (done === true) break
    // One that small is overwritten while the next is waited for.
    first.push(value.length < 4 ? Buffer.from(value) : value)
    size += value.length
  }
  const head = first.length === 1 ? first[0] : Buffer.concat(first)
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      if (head.length > 0) yield head
      yield* source
    } finally {
      await source.return()
    }
  }
  return { head, chunks: chunks() }
}

async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  label: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(copies(chunks))
  const gunzip = createGunzip({ chunkSize: UNZIPPED_BYTES })
  source.once('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) yield chunk
  } catch (error) {
    if (error instanceof HailstreamError) throw error
    throw inputError(
      label,
      `gzip data that cannot be read (${messageOf(error)})`,
      'a whole gzip file',
      'It may have been cut short: fetch it again.',
      error,
    )
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}

/** For a stream, which asks for the next chunk before it is done with the last. */
async function* copies(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

/** Refuses bytes that cannot be the text of a CSV file, by the first of them. */
async function* textOnly(
  chunks: AsyncIterable<Uint8Array>,
  label: string,
  { expected }: WantedFile,
): AsyncGenerator<Uint8Array, void, undefined> {
  let first = true
  for await (const chunk of chunks) {
    if (first) {
      first = false
      if (startsWith(chunk, ZIP_MAGIC)) {
        throw inputError(label, 'a zip archive', expected, 'Unpack it first.')
      }
      if (UTF16_MARKS.some((mark) => startsWith(chunk, mark))) {
        throw inputError(label, 'UTF-16 text', 'UTF-8', 'Convert it first, for example with iconv.')
      }
      if (chunk.includes(0)) {
        throw inputError(label, 'binary data', expected)
      }
    }
    yield chunk
  }
}

async function openParquet(
  path: string,
  label: string,
  onBytes: (bytes: number) => void,
): Promise<TripFile> {
  const handle = await open(path).catch((error: unknown) => {
    throw readError(label, error)
  })
  const { size } = await handle.stat()
  const buffer: AsyncBuffer = {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          bytes.length - filled,
          start + filled,
        )
        if (bytesRead === 0) throw new Error(`the file ends at byte ${start + filled}`)
        filled += bytesRead
      }
      onBytes(filled)
      return bytes.buffer
    },
  }
  return { kind: 'parquet', buffer, close: () => handle.close() }
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte)
}

/** The error for a path that cannot be opened or read. */
export function readError(label: string, cause: unknown, wanted = TRIP_FILE): HailstreamError {
  if (cause instanceof HailstreamError) return cause
  const fix = adviceFor(label, cause, wanted)
  return inputError(label, fileTrouble(cause), wanted.expected, fix, cause)
}

function adviceFor(label: string, cause: unknown, wanted: WantedFile): string | undefined {
  switch (systemCode(cause)) {
    case 'ENOENT':
      return 'Check the name.'
    case 'EISDIR':
      return wanted.ofFolder(label)
    case 'EACCES':
    case 'EPERM':
      return 'Check who may read it.'
    default:
      return undefined
  }
}

export function inputError(
  subject: string,
  got: string,
  expected: string,
  fix?: string,
  cause?: unknown,
): HailstreamError {
  const parts = fix === undefined ? { subject, got, expected } : { subject, got, expected, fix }
  return new HailstreamError('INPUT', parts, { cause })
}
