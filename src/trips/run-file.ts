import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileTrouble, HailstreamError } from '../errors.ts'
import { TRIP_RECORD_BYTES } from './trip-record.ts'

/** Where a sorted run lies in the file, in bytes. */
export interface Run {
  readonly start: number
  readonly end: number
}

/**
 * Sorted runs of records, one behind the other in a single temporary file. The file's name is
 * removed as soon as it is open, so that nothing is left behind however the process ends.
 */
export class RunFile {
  readonly runs: Run[] = []
  readonly #handle: FileHandle
  readonly #directory: string
  #end = 0

  private constructor(handle: FileHandle, directory: string) {
    this.#handle = handle
    this.#directory = directory
  }

  static async create(parent: string = tmpdir()): Promise<RunFile> {
    try {
      const directory = await mkdtemp(join(parent, 'hailstream-sort-'))
      const handle = await open(join(directory, 'runs'), 'wx+').catch(async (error: unknown) => {
        await rm(directory, { recursive: true, force: true })
        throw error
      })
      // Where an open file cannot be removed, close() does it.
      await rm(directory, { recursive: true, force: true }).catch(() => undefined)
      return new RunFile(handle, directory)
    } catch (error) {
      throw temporaryError(error)
    }
  }

  /** Appends one run, given in parts that need only live until the next is asked for. */
  async append(parts: Iterable<Uint8Array>): Promise<void> {
    const start = this.#end
    try {
      for (const part of parts) {
        let written = 0
        while (written < part.length) {
          const left = part.length - written
          written += (await this.#handle.write(part, written, left, this.#end + written))
            .bytesWritten
        }
        this.#end += part.length
      }
    } catch (error) {
      throw temporaryError(error)
    }
    this.runs.push({ start, end: this.#end })
  }

  /** Fills `target` with the records from `position` on, not beyond `end`; answers their bytes. */
  async read(target: Uint8Array, position: number, end: number): Promise<number> {
    const wanted = Math.min(target.length, end - position)
    let filled = 0
    try {
      while (filled < wanted) {
        const left = wanted - filled
        const { bytesRead } = await this.#handle.read(target, filled, left, position + filled)
        if (bytesRead === 0) throw new Error(`the file ends at ${position + filled}`)
        filled += bytesRead
      }
    } catch (error) {
      throw temporaryError(error)
    }
    return filled
  }

  async close(): Promise<void> {
    await this.#handle.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function temporaryError(cause: unknown): HailstreamError {
  return new HailstreamError(
    'INPUT',
    {
      subject: 'Temporary file for sorting',
      got: fileTrouble(cause),
      expected: `room for ${TRIP_RECORD_BYTES} bytes a trip`,
      fix: 'Point TMPDIR at a file system with room.',
    },
    { cause },
  )
}
