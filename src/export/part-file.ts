/**
 * A file that grows page by page beside where it will be, with a note of how far it is, so that an
 * export that was cut off goes on. `FILE.part` has the rows; `FILE.part.json` says which export it
 * is, up to which item it is whole, and how many bytes that is. What was written beyond is cut off.
 */
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileTrouble, HailstreamError, systemCode } from '../errors.ts'

/** How far a part is. */
export interface PartNote {
  /** Everything that decides the rows; another export does not go on with this part. */
  export: string
  /** Sort key of the last item whose rows are all in; null before the first. */
  after: string | null
  bytes: number
  rows: number
}

export class PartFile {
  readonly path: string
  readonly #out: string
  readonly #handle: FileHandle
  #note: PartNote

  private constructor(out: string, handle: FileHandle, note: PartNote) {
    this.#out = out
    this.path = partOf(out)
    this.#handle = handle
    this.#note = note
  }

  /** Goes on with the part of the same export, else begins anew. Refuses a file that is there. */
  static async open(out: string, key: string): Promise<PartFile> {
    return told(out, async () => {
      await refuseExisting(out)
      const path = partOf(out)
      const note = await noteOf(out)
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      )
      const goesOn = note !== undefined && note.export === key && note.bytes <= size
      const handle = await open(path, goesOn ? 'r+' : 'w')
      if (!goesOn) {
        return new PartFile(out, handle, { export: key, after: null, bytes: 0, rows: 0 })
      }
      await handle.truncate(note.bytes)
      return new PartFile(out, handle, note)
    })
  }

  get note(): Readonly<PartNote> {
    return this.#note
  }

  /** Makes the rows of items up to `after` durable, and then says so. */
  async append(
    text: string,
    { after, rows }: { after: string | null; rows: number },
  ): Promise<void> {
    await told(this.#out, async () => {
      const bytes = Buffer.from(text)
      let written = 0
      while (written < bytes.length) {
        const at = this.#note.bytes + written
        const { bytesWritten } = await this.#handle.write(
          bytes,
          written,
          bytes.length - written,
          at,
        )
        written += bytesWritten
      }
      await this.#handle.datasync()
      this.#note = {
        ...this.#note,
        after,
        bytes: this.#note.bytes + bytes.length,
        rows: this.#note.rows + rows,
      }
      await writeNote(this.#out, this.#note)
    })
  }

  /** Leaves the part as it is. */
  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** Gives `from`, the part itself unless said otherwise, its final name, in one step. */
  async finish(from = this.path): Promise<void> {
    await told(this.#out, async () => {
      await this.#handle.sync()
      await this.#handle.close()
      await refuseExisting(this.#out)
      await rename(from, this.#out)
      await rm(this.path, { force: true })
      await rm(noteFile(this.#out), { force: true })
    })
  }
}

/** Runs work on the export's files; what fails names the file, and how to go on. */
export async function told<T>(out: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof HailstreamError) throw cause
    const full = systemCode(cause) === 'ENOSPC'
    throw new HailstreamError(
      'OUTPUT',
      {
        subject: `Export file ${basename(out)}`,
        got: fileTrouble(cause),
        expected: 'a file that can be written',
        fix: full
          ? 'Make room and give the same command again: it goes on where it was.'
          : 'Name another with --out.',
      },
      { cause },
    )
  }
}

async function refuseExisting(out: string): Promise<void> {
  const exists = await stat(out).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new HailstreamError('OUTPUT', {
    subject: `Export file ${basename(out)}`,
    got: 'one that is there already',
    expected: 'a name that is free',
    fix: 'Remove it, or name another with --out.',
  })
}

async function noteOf(out: string): Promise<PartNote | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(noteFile(out), 'utf8'))
    return isNote(parsed) ? parsed : undefined
  } catch {
    // No note, or half of one: whatever the part holds, nobody vouches for it.
    return undefined
  }
}

function isNote(value: unknown): value is PartNote {
  return (
    typeof value === 'object' &&
    value !== null &&
    'export' in value &&
    typeof value.export === 'string' &&
    'after' in value &&
    (value.after === null || typeof value.after === 'string') &&
    'bytes' in value &&
    typeof value.bytes === 'number' &&
    'rows' in value &&
    typeof value.rows === 'number'
  )
}

async function writeNote(out: string, note: PartNote): Promise<void> {
  const next = `${noteFile(out)}.new`
  const handle = await open(next, 'w')
  try {
    await handle.writeFile(JSON.stringify(note))
  } finally {
    await handle.close()
  }
  await rename(next, noteFile(out))
}

const partOf = (out: string): string => `${out}.part`
const noteFile = (out: string): string => `${out}.part.json`
