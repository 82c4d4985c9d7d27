/**
 * A dead letter as it is kept: one line of JSON, in a file or as a record of a stream. Its place is
 * its identity: whoever reads a record again, or an aggregate that was sent twice, writes the same
 * letter, and it is put back once.
 */
import type { DeadLetter } from '../counts/trip-batch.ts'
import { HailstreamError } from '../errors.ts'

export interface Letter {
  generation: string
  run: string
  /** Null for a record that no lane led. `REDRIVE_LANE`: it was put back and is dead again. */
  lane: number | null
  ordinal: number | null
  shard: string
  /** As Kinesis gives it, without padding. */
  sequenceNumber: string
  /** Position of the user record in its Kinesis record. */
  index: number
  reason: string
  data: Uint8Array
  /** `data` is only the beginning: the letter did not fit where it was kept. */
  cut: boolean
}

export function letterOf(
  { seq, index, run, place, reason, data }: DeadLetter,
  { shardId, generation }: { shardId: string; generation: string },
): Letter {
  return {
    generation,
    run,
    lane: place?.lane ?? null,
    ordinal: place?.ordinal ?? null,
    shard: shardId,
    sequenceNumber: seq.replace(/^0+(?=.)/, ''),
    index,
    reason,
    data,
    cut: false,
  }
}

/** What tells one letter of a run from another, however often either was written. */
export function placeOf({ lane, ordinal, shard, sequenceNumber, index }: Letter): string {
  return lane === null ? `${shard} ${sequenceNumber} ${index}` : `${lane} ${ordinal}`
}

/** Without the end of line. */
export function letterLine(letter: Letter): string {
  const { data, cut, ...rest } = letter
  const bytes = Buffer.from(data).toString('base64')
  return JSON.stringify({ ...rest, ...(cut && { cut }), data: bytes })
}

/** Throws `CORRUPT` for a line that is no letter, or only a part of one. */
export function parseLetter(line: string): Letter {
  const parsed = fieldsOf(line)
  const text = (name: string): string => {
    const value = parsed[name]
    if (typeof value !== 'string') throw notALetter(`no ${name}`)
    return value
  }
  const number = (name: string): number => {
    const value = parsed[name]
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw notALetter(`no ${name}`)
    return value
  }
  const inLane = parsed.lane !== null
  return {
    generation: text('generation'),
    run: text('run'),
    lane: inLane ? number('lane') : null,
    ordinal: inLane ? number('ordinal') : null,
    shard: text('shard'),
    sequenceNumber: text('sequenceNumber'),
    index: number('index'),
    reason: text('reason'),
    data: Uint8Array.from(Buffer.from(text('data'), 'base64')),
    cut: parsed.cut === true,
  }
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    throw notALetter('a line that is not JSON')
  }
  if (typeof parsed !== 'object' || parsed === null) throw notALetter('JSON that is no object')
  return { ...parsed }
}

function notALetter(got: string): HailstreamError {
  return new HailstreamError('CORRUPT', {
    subject: 'Dead letter',
    got,
    expected: 'a line that a worker wrote',
  })
}
