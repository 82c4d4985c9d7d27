import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileTrouble, HailstreamError } from '../errors.ts'
import type { RejectReason } from './row-sink.ts'

/** A row that is not a trip, as a line of the quarantine file. */
export interface QuarantinedRow {
  /** Base name. */
  file: string
  /** 1-based; the number of the row where the file has no lines. */
  line: number
  reason: RejectReason
  /** The row as it was, without its line end; at most 64 KiB of it. */
  raw: string
}

/** Text held back before it is written. */
const BUFFER_CHARS = 1 << 20

/**
 * Rejected rows as NDJSON. The file appears, whole, at `close`, and replaces an older one of the
 * same name. Without rows there is no file. A path that is not a file (a pipe, a device) is written
 * to as it is.
 */
export class Quarantine {
  readonly #path: string
  readonly #partPath: string
  #handle: FileHandle | undefined
  #hasPart = false
  #text = ''

  constructor(path: string) {
    this.#path = path
    this.#partPath = `${path}.part`
  }

  add(row: QuarantinedRow): void {
    this.#text += `${JSON.stringify(row)}\n`
  }

  /** Writes what has gathered; call between batches. */
  async relieve(): Promise<void> {
    if (this.#text.length >= BUFFER_CHARS) await this.#try(() => this.#write())
  }

  /** Everything is written when this resolves. */
  async close(): Promise<void> {
    await this.#try(async () => {
      await this.#write()
      await this.#closeHandle()
      if (this.#hasPart) await rename(this.#partPath, this.#path)
      this.#hasPart = false
    })
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    await this.#closeHandle()
    if (this.#hasPart) await rm(this.#partPath, { force: true })
    this.#hasPart = false
  }

  async #write(): Promise<void> {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#handle ??= await this.#open()
    await this.#handle.writeFile(text)
  }

  async #open(): Promise<FileHandle> {
    const existing = await stat(this.#path).catch(() => undefined)
    if (existing?.isFile() === false) return open(this.#path, 'w')
    const handle = await open(this.#partPath, 'w')
    this.#hasPart = true
    return handle
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (cause) {
      throw new HailstreamError(
        'INPUT',
        {
          subject: `Quarantine file ${basename(this.#path)}`,
          got: fileTrouble(cause),
          expected: 'a file that rejected rows can be written to',
          fix: 'Make room, or name another place.',
        },
        { cause },
      )
    }
  }
}
