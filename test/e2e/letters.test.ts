import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { createClients } from '../../src/aws/clients.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { encodeAggregate } from '../../src/kinesis/encode-aggregate.ts'
import type { Letter } from '../../src/letters/letter.ts'
import { letterLine, parseLetter } from '../../src/letters/letter.ts'
import { encodeTrip, TRIP_RECORD_BYTES, TRIP_RECORD_VERSION } from '../../src/trips/trip-record.ts'
import type { Bench } from '../support/bench.ts'
import { untilStatus, withBench } from '../support/bench.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'

export const fileTimeoutMillis = 300_000

const test = suite('dead letters', { timeoutMillis: 120_000 })
const CITY = ['--districts', sampleCityPath(), '--district-id', 'id']
const UNKNOWN_VERSION = 9

/** A trip of the year 2016, of a record version that nobody knows yet. */
function unreadableTrip(minute: number): Uint8Array {
  const data = new Uint8Array(TRIP_RECORD_BYTES)
  encodeTrip(
    {
      pickupTime: Date.UTC(2016, 0, 1, 8, minute),
      dropoffTime: Date.UTC(2016, 0, 1, 9, minute),
      pickup: { kind: 'position', lon: -73.98, lat: 40.75 },
      dropoff: { kind: 'position', lon: -73.98, lat: 40.75 },
      passengers: 1,
      distance: 100,
      fare: 1_000,
      tip: 0,
      total: 1_000,
    },
    new DataView(data.buffer),
    0,
  )
  data[0] = UNKNOWN_VERSION
  return data
}

async function putUnreadable(bench: Bench, trips: number): Promise<void> {
  const clients = createClients(bench.environment)
  try {
    const stream = new KinesisStream(clients.kinesis, 'hailstream')
    const records = Array.from({ length: trips }, (_, i) => unreadableTrip(i))
    await stream.putRecords([
      { partitionKey: 'k', data: encodeAggregate('k', records) },
      { partitionKey: 'k', data: Buffer.from('never was a trip') },
    ])
  } finally {
    clients.destroy()
  }
}

async function putTrip(bench: Bench): Promise<void> {
  const trip = unreadableTrip(0)
  trip[0] = TRIP_RECORD_VERSION
  const clients = createClients(bench.environment)
  try {
    const stream = new KinesisStream(clients.kinesis, 'hailstream')
    await stream.putRecords([{ partitionKey: 'k', data: trip }])
  } finally {
    clients.destroy()
  }
}

/** Puts each letter of a stream once more, as a newer release would read it. */
async function mendInStream(bench: Bench, name: string): Promise<number> {
  const clients = createClients(bench.environment)
  try {
    const stream = new KinesisStream(clients.kinesis, name)
    const letters: Letter[] = []
    for (const { shardId } of await stream.listShards()) {
      const iterator = await stream.shardIterator(shardId, { type: 'TRIM_HORIZON' })
      const reply = await stream.getRecords(iterator, 1_000)
      if (reply === 'expired') throw new Error('an iterator that was new has expired')
      letters.push(...reply.records.map(({ data }) => parseLetter(Buffer.from(data).toString())))
    }
    for (const { data } of letters) if (data[0] === UNKNOWN_VERSION) data[0] = TRIP_RECORD_VERSION
    await stream.putRecords(
      letters.map((letter) => ({
        partitionKey: letter.shard,
        data: Buffer.from(letterLine(letter)),
      })),
    )
    return letters.length
  } finally {
    clients.destroy()
  }
}

/** What a newer release would do: it knows the version. Returns how many letters there are. */
async function mendIn(folder: string): Promise<number> {
  let letters = 0
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n').map(parseLetter)
    letters += lines.length
    for (const { data } of lines) if (data[0] === UNKNOWN_VERSION) data[0] = TRIP_RECORD_VERSION
    await writeFile(path, lines.map((letter) => `${letterLine(letter)}\n`).join(''))
  }
  return letters
}

test('are kept in a folder, and come back once after a fix', async () => {
  await withBench(async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    bench.begin('count', ...CITY, '--dead-letter', 'letters')
    await putUnreadable(bench, 5)
    // Nothing of that run was readable, and its status is there all the same.
    const foreign = ['--run-id', 'foreign']
    const dead = (count: number): Promise<void> =>
      untilStatus(bench, `${count} dead`, (status) => status.deadLetters === count, ...foreign)
    await dead(6)

    const early = await bench.run('redrive', 'letters')
    assert.is(early.code, 1, early.stderr)
    assert.match(early.stderr, /6 dead letters, 0 put back, .* 6 cannot be read yet/)

    assert.is(await mendIn(join(bench.cwd, 'letters')), 6)
    const both = await Promise.all([
      bench.run('redrive', 'letters'),
      bench.run('redrive', 'letters'),
    ])
    for (const { code, stdout, stderr } of both) {
      assert.is(code, 1, stderr)
      assert.match(stdout, /"letters":6,"putBack":\d,"unreadable":1,"total":5/)
    }
    const again = await bench.run('redrive', 'letters', '--run', 'foreign')
    assert.match(again.stderr, /6 dead letters, 0 put back, 5 had come back before, 1 cannot/)
    await dead(1)
    await eventually(
      'five pickups',
      async () => {
        const counts = await bench.run('counts', '--totals', '--csv', ...foreign)
        const pickups = counts.stdout.split('\n').map((line) => Number(line.split(',').at(1)) || 0)
        return pickups.reduce((sum, value) => sum + value, 0) === 5
      },
      40_000,
    )
  })
})

test('hold a shard up while they cannot be kept, and it goes on when they can', async () => {
  await withBench(async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    const inTheWay = join(bench.cwd, 'letters')
    await writeFile(inTheWay, '')
    const refused = await bench.run('count', ...CITY, '--dead-letter', 'letters')
    assert.is(refused.code, 1)
    assert.match(refused.stderr, /Dead letters in letters: .*Name another with --dead-letter/)
    await rm(inTheWay)

    const worker = bench.begin('count', ...CITY, '--dead-letter', 'letters')
    await putTrip(bench)
    const foreign = ['--run-id', 'foreign']
    await untilStatus(bench, 'a trip', (status) => status.trips === 1, ...foreign)
    // Where the folder was, there is a file.
    await rm(inTheWay, { recursive: true })
    await writeFile(inTheWay, '')
    await putUnreadable(bench, 5)
    await untilStatus(
      bench,
      'a shard that is parked',
      ({ parked }) => JSON.stringify(parked) === '["shardId-000000000000"]',
      ...foreign,
    )
    const { stdout } = await bench.run('status', '--json', ...foreign)
    assert.match(
      stdout,
      /"parked":\{"since":"[^"]+","attempts":\d+,"reason":"Dead letters in letters: /,
    )
    assert.is(worker.process.exitCode, null)

    await rm(inTheWay)
    const isFree = ({ deadLetters, parked }: Readonly<Record<string, unknown>>): boolean =>
      deadLetters === 6 && JSON.stringify(parked) === '[]'
    await untilStatus(bench, 'all counted', isFree, ...foreign)
  })
})

test('are kept in a stream, and come back from it once', async () => {
  await withBench(async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    const other = ['--stream', 'letters', '--table', 'letters-table', '--application', 'letters']
    assert.is((await bench.run('init', ...other, '--shards', '2')).code, 0)
    const worker = bench.begin('count', ...CITY, '--dead-letter', 'stream:letters')
    await putUnreadable(bench, 5)
    const foreign = ['--run-id', 'foreign']
    const dead = (count: number): Promise<void> =>
      untilStatus(bench, `${count} dead`, (status) => status.deadLetters === count, ...foreign)
    await dead(6)
    assert.is(worker.process.exitCode, null)

    const early = await bench.run('redrive', 'stream:letters')
    assert.is(early.code, 1, early.stderr)
    assert.match(early.stderr, /6 dead letters, 0 put back, .* 6 cannot be read yet/)

    // A stream keeps what it has: mended letters come after it, and have the last word.
    assert.is(await mendInStream(bench, 'letters'), 6)
    const both = await Promise.all([
      bench.run('redrive', 'stream:letters'),
      bench.run('redrive', 'stream:letters'),
    ])
    for (const { code, stdout, stderr } of both) {
      assert.is(code, 1, stderr)
      assert.match(stdout, /"letters":6,"putBack":\d,"unreadable":1,"total":5/)
    }
    const again = await bench.run('redrive', 'stream:letters')
    assert.match(again.stderr, /6 dead letters, 0 put back, 5 had come back before, 1 cannot/)
    await dead(1)
    await untilStatus(bench, 'five back', (status) => status.redriven === 5, ...foreign)
  })
})

test('are refused before anything is counted where their stream is missing', async () => {
  await withBench(async (bench) => {
    assert.is((await bench.run('init', '--shards', '1')).code, 0)
    const { code, stderr } = await bench.run('count', ...CITY, '--dead-letter', 'stream:nowhere')
    assert.is(code, 1)
    assert.match(stderr, /Kinesis stream nowhere: got .* Make it first, .* --dead-letter\.$/m)
    const own = await bench.run('count', ...CITY, '--dead-letter', 'stream:hailstream')
    assert.is(own.code, 2)
    assert.match(own.stderr, /--dead-letter: got stream hailstream, which is counted/)
    const missing = await bench.run('redrive', 'stream:nowhere')
    assert.is(missing.code, 1)
    assert.match(missing.stderr, /Kinesis stream nowhere: got .* Name the stream, folder or file/)
  })
})

test.run()
