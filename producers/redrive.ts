/**
 * `hailstream redrive`: puts dead letters back after a fix. Each comes back once, whoever puts it
 * back and however often; what still cannot be read stays where it is.
 */
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { parseGeneration } from '../src/counts/generation.ts'
import { generationKey, runKey } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { fileTrouble, HailstreamError } from '../src/errors.ts'
import { GET_RECORDS_MAX_RECORDS } from '../src/kinesis/limits.ts'
import type { Letter } from '../src/letters/letter.ts'
import { StoredLetters } from '../src/letters/stored-letters.ts'
import { paceFor } from '../src/program/pace.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import { mend } from '../src/redrive/mend.ts'
import { redrive } from '../src/redrive/redriver.ts'

export interface RedriveCommand extends Names {
  /** A folder of NDJSON files, one such file, or `stream:NAME`. */
  from: string
  run?: string
}

const STREAM = /^stream:(.+)$/
const NAME_LETTERS = 'Name the stream, folder or file that a worker kept them in.'
const NAME_STREAM = 'Name the stream they came from with --stream.'
const POLL_MILLIS = 250

export async function redriveLetters(command: RedriveCommand, program: Program): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const kinesis = new KinesisStream(clients.kinesis, command.stream, NAME_STREAM)
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const stored = new StoredLetters()
    const name = STREAM.exec(command.from)?.at(1)
    if (name === undefined) await readFiles(command.from, stored)
    else await readStream(new KinesisStream(clients.kinesis, name, NAME_LETTERS), stored, program)
    if (stored.unreadable > 0) {
      say(program, `Lines that are no letters, passed over: ${count(stored.unreadable)}.`)
    }
    const feeds = stored
      .feeds()
      .filter(({ run }) => command.run === undefined || command.run === run)
    if (feeds.length === 0) say(program, 'There are no dead letters to put back.')
    let left = 0
    for (const { generation, run, letters } of feeds) {
      await checkFeed(table, kinesis, generation, run)
      const entries = [...letters].flatMap(([place, letter]) => entryOf(place, letter))
      const { aggregateBytes } = paceFor(clients.emulated.kinesis)
      const { added, total } = await redrive(
        entries,
        { generation, run, aggregateBytes },
        { table, kinesis, clock: program.clock, random: program.random },
      )
      const unreadable = letters.size - entries.length
      left += unreadable
      print(program, { generation, run, letters: letters.size, putBack: added, unreadable, total })
      say(
        program,
        `Run ${run}: ${count(letters.size)} dead letters, ${count(added)} put back, ` +
          `${count(entries.length - added)} had come back before, ${count(unreadable)} cannot be read yet.`,
      )
    }
    return left > 0 ? 1 : 0
  } finally {
    clients.destroy()
  }
}

function entryOf(place: string, { data, cut }: Letter): { place: string; data: Uint8Array }[] {
  const record = cut ? undefined : mend(data)
  return record === undefined ? [] : [{ place, data: record }]
}

/** Letters come back where they died: to a generation that is there, of this stream. */
async function checkFeed(
  table: TablePort,
  kinesis: KinesisStream,
  generation: string,
  run: string,
): Promise<void> {
  const item = await table.get(generationKey(generation))
  if (item === undefined) {
    throw new HailstreamError('GENERATION', {
      subject: `Dead letters of run ${run}`,
      got: `generation ${generation}`,
      expected: 'a generation of this table',
      fix: 'Name the table they were counted into with --table.',
    })
  }
  const { streamName, streamCreationTime } = parseGeneration(item)
  const stream = await kinesis.describe()
  if (stream.name !== streamName || stream.creationTime !== streamCreationTime) {
    throw new HailstreamError('STREAM', {
      subject: `Dead letters of generation ${generation}`,
      got: `stream ${stream.name} made at ${new Date(stream.creationTime).toISOString()}`,
      expected: `${streamName} made at ${new Date(streamCreationTime).toISOString()}`,
      fix: NAME_STREAM,
    })
  }
  const runItem = await table.get(runKey(run))
  if (runItem?.state === 'deleted') {
    throw new HailstreamError('RUN', {
      subject: `Dead letters of run ${run}`,
      got: 'a run that was deleted',
      expected: 'one that has counts',
      fix: 'Name another with --run.',
    })
  }
}

async function readFiles(path: string, stored: StoredLetters): Promise<void> {
  try {
    for (const name of await filesIn(path)) {
      const file = await open(name)
      for await (const line of file.readLines()) stored.add(line)
    }
  } catch (cause) {
    throw new HailstreamError(
      'INPUT',
      {
        subject: `Dead letters in ${basename(path)}`,
        got: fileTrouble(cause),
        expected: 'a folder or file of them, or stream:NAME',
      },
      { cause },
    )
  }
}

async function filesIn(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith('.ndjson'))
  return names.sort().map((name) => join(path, name))
}

/** All that is in the stream now, shard by shard. */
async function readStream(
  kinesis: KinesisStream,
  stored: StoredLetters,
  program: Program,
): Promise<void> {
  for (const { shardId } of await kinesis.listShards()) {
    let iterator: string | undefined = await kinesis.shardIterator(shardId, {
      type: 'TRIM_HORIZON',
    })
    while (iterator !== undefined && iterator !== 'gone') {
      const reply = await kinesis.getRecords(iterator, GET_RECORDS_MAX_RECORDS)
      if (reply === 'expired') throw new Error('an iterator that was new has expired')
      for (const { data } of reply.records) stored.add(Buffer.from(data).toString('utf8'))
      const atTip = reply.records.length === 0 && reply.millisBehindLatest === 0
      iterator = atTip ? undefined : reply.nextIterator
      if (iterator !== undefined) await program.clock.sleep(POLL_MILLIS, program.drain)
    }
  }
}
