import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { createClients } from '../../src/aws/clients.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { encodeAggregate } from '../../src/kinesis/encode-aggregate.ts'
import { letterLine, parseLetter } from '../../src/letters/letter.ts'
import { encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import type { Bench } from '../support/bench.ts'
import { untilStatus, withBench } from '../support/bench.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'

export const fileTimeoutMillis = 150_000

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

/** What a newer release would do: it knows the version. Returns how many letters there are. */
async function mendIn(folder: string): Promise<number> {
  let letters = 0
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n').map(parseLetter)
    letters += lines.length
    for (const { data } of lines) if (data[0] === UNKNOWN_VERSION) data[0] = 1
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

test.run()
