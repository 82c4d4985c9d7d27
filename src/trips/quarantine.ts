import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { HailstreamError, messageOf } from '../errors.ts'
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
 * Rejected rows as NDJSON. The file appears, whole, at the first `close` after a row was added;
 * an older one of the same name is replaced then. Without rows there is no file.
 */
export class Quarantine {
  readonly #path: string
  #handle: FileHandle | undefined
  #text = ''

  constructor(path: string) {
    this.#path = path
  }

  add(row: QuarantinedRow): void {
    this.#text += `${JSON.stringify(row)}\n`
  }

  /** Writes what has gathered; call between batches. */
  async relieve(): Promise<void> {
    if (this.#text.length >= BUFFER_CHARS) await this.#write()
  }

  async close(): Promise<void> {
    await this.#write()
    const handle = this.#handle
    if (handle === undefined) return
    await this.#try(async () => {
      await handle.close()
      this.#handle = undefined
      await rename(this.#partPath, this.#path)
    })
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    if (this.#handle === undefined) return
    await this.#handle.close()
    this.#handle = undefined
    await rm(this.#partPath, { force: true })
  }

  get #partPath(): string {
    return `${this.#path}.part`
  }

  async #write(): Promise<void> {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    await this.#try(async () => {
      this.#handle ??= await open(this.#partPath, 'w')
      await this.#handle.writeFile(text)
    })
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (cause) {
      throw new HailstreamError(
        'INPUT',
        {
          subject: `Quarantine file ${basename(this.#path)}`,
          got: messageOf(cause).replace(/,? '[^']*'/g, ''),
          expected: 'a file that rejected rows can be written to',
          fix: 'Make room, or name another place.',
        },
        { cause },
      )
    }
  }
}
