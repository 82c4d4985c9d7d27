/**
 * Where records go that are not trips, so that nothing is lost and `redrive` finds them: a file of
 * NDJSON, a folder with one such file a worker, or a Kinesis stream.
 */
import { constants } from 'node:fs'
import { access, mkdir, open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DeadLetter } from '../src/counts/trip-batch.ts'
import { fileTrouble, HailstreamError } from '../src/errors.ts'
import type { KinesisPort, PutEntry } from '../src/kinesis/kinesis-port.ts'
import { PUT_RECORDS_MAX_ENTRIES } from '../src/kinesis/limits.ts'
import type { Letter } from '../src/letters/letter.ts'
import { letterLine, letterOf } from '../src/letters/letter.ts'
import { backoffMillis } from '../src/time/backoff.ts'
import type { RetryPorts } from '../src/time/retry.ts'

export type KeepDeadLetters = (
  letters: readonly DeadLetter[],
  from: { shardId: string; generation: string },
) => Promise<void>

const NEW_LINE = 0x0a

/** Letters are on the disk when it resolves: what follows is a checkpoint beyond them. */
export function deadLetterFile(path: string): KeepDeadLetters {
  let begun = false
  let last: Promise<void> = Promise.resolve()
  const append = async (text: string): Promise<void> => {
    try {
      const file = await open(path, 'a+')
      try {
        // Whoever wrote before may have died in the middle of a line.
        const torn = !begun && (await endsTorn(file))
        await file.appendFile(torn ? `\n${text}` : text)
        await file.datasync()
        begun = true
      } finally {
        await file.close()
      }
    } catch (cause) {
      throw unwritable(path, cause)
    }
  }
  // Shards of a worker share the file, and a line is written whole before the next one begins.
  return (letters, from) => {
    const text = letters.map((letter) => `${letterLine(letterOf(letter, from))}\n`).join('')
    const written = last.then(() => append(text))
    last = written.catch(() => undefined)
    return written
  }
}

/** The folder is made if need be. */
export function deadLetterFolder(folder: string, workerId: string): KeepDeadLetters {
  const keep = deadLetterFile(join(folder, `dead-letters-${workerId}.ndjson`))
  return async (letters, from) => {
    try {
      await mkdir(folder, { recursive: true })
    } catch (cause) {
      throw unwritable(folder, cause)
    }
    await keep(letters, from)
  }
}

/** What a record of the stream takes of a letter's bytes: base64 and the rest stay below 1 MiB. */
const MOST_BYTES = 512 * 1024

export function deadLetterStream(
  kinesis: Pick<KinesisPort, 'putRecords'>,
  ports: RetryPorts,
): KeepDeadLetters {
  return async (letters, from) => {
    let waiting = letters.map((letter) => entryOf(letterOf(letter, from)))
    for (let attempt = 0; waiting.length > 0;) {
      const batch = batchOf(waiting)
      const outcomes = await kinesis.putRecords(batch)
      const failed = batch.filter((_, i) => !outcomes[i].ok)
      waiting = [...failed, ...waiting.slice(batch.length)]
      attempt = failed.length > 0 ? attempt + 1 : 0
      if (failed.length > 0) await ports.clock.sleep(backoffMillis(attempt, ports.random))
    }
  }
}

/** No trip is as long as what has to be cut here; a file keeps it whole. */
function entryOf(letter: Letter): PutEntry {
  const whole = letter.data.length <= MOST_BYTES
  const kept = whole ? letter : { ...letter, data: letter.data.subarray(0, MOST_BYTES), cut: true }
  return { partitionKey: letter.shard, data: Buffer.from(letterLine(kept)) }
}

const BATCH_BYTES = 4 * 1024 * 1024

function batchOf(entries: readonly PutEntry[]): PutEntry[] {
  let bytes = 0
  let end = 0
  while (end < entries.length && end < PUT_RECORDS_MAX_ENTRIES) {
    bytes += entries[end].data.length + entries[end].partitionKey.length
    if (end > 0 && bytes > BATCH_BYTES) break
    end++
  }
  return entries.slice(0, end)
}

async function endsTorn(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== NEW_LINE
}

/** Whether letters can be kept there is tried at the start; the first one may come at night. */
export async function checkDeadLetterPlace(
  place: { folder: string } | { file: string },
): Promise<void> {
  try {
    if ('folder' in place) await mkdir(place.folder, { recursive: true })
    else await access(dirname(place.file), constants.W_OK)
  } catch (cause) {
    throw 'folder' in place
      ? unwritable(place.folder, cause)
      : unwritable(place.file, cause, '--dead-letters')
  }
}

function unwritable(path: string, cause: unknown, option = '--dead-letter'): HailstreamError {
  return new HailstreamError(
    'INPUT',
    {
      subject: `Dead letters in ${basename(path)}`,
      got: fileTrouble(cause),
      expected: 'a place that can be written',
      fix: `Name another with ${option}.`,
    },
    { cause },
  )
}
