/** The gate is shut when it must be: something is lost, doubled or moved between two processes. */
import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ListStreamsCommand } from '@aws-sdk/client-kinesis'
import * as assert from 'uvu/assert'
import type { LocalPair } from '../../localstack/local-pair.ts'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { seededRandom } from '../../src/time/random.ts'
import { eventually } from '../support/eventually.ts'
import type { Relay } from '../support/kinesis-relay.ts'
import { startKinesisRelay } from '../support/kinesis-relay.ts'
import { sdkClients } from '../support/sdk.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { runLiveTest, throwAwayNames, writeKnownFiles } from './live-test.ts'

export const fileTimeoutMillis = 240_000

const test = suite('the gate before a release', { timeoutMillis: 60_000 })
const random = seededRandom(9)

let pair: LocalPair

test.before(async () => {
  pair = await startLocalPair()
})

test.after(() => pair.stop())

/** What was wrong with 400 trips. `relay` stands between the replay and Kinesis. */
async function wrongs(
  options: { relay?: Relay; spoil?: (folder: string) => Promise<void> } = {},
): Promise<string[]> {
  const between =
    options.relay === undefined
      ? undefined
      : await startKinesisRelay(pair.kinesisEndpoint, options.relay)
  try {
    return await withTempDir(async (folder) => {
      const known = await writeKnownFiles(folder, { trips: 400, seed: 3 })
      await options.spoil?.(folder)
      const environment = { ...process.env, ...pair.environment }
      const results = await runLiveTest({
        names: throwAwayNames(random),
        folder,
        known,
        environment,
        ...(between !== undefined && {
          replayEnvironment: { ...environment, AWS_ENDPOINT_URL_KINESIS: between.endpoint },
        }),
        shards: 1,
        workers: 1,
        patienceMillis: 30_000,
        signal: new AbortController().signal,
        say: () => undefined,
      })
      return results.filter(({ good }) => !good).map(({ text }) => text)
    })
  } finally {
    await between?.close()
  }
}

/** What is left of all the streams and tables that were made here. */
async function leftOver(): Promise<string[]> {
  const clients = sdkClients(pair)
  const streams = await clients.kinesis.send(new ListStreamsCommand({}))
  const tables = await clients.dynamodb.send(new ListTablesCommand({}))
  clients.destroy()
  return [...(streams.StreamNames ?? []), ...(tables.TableNames ?? [])]
}

/** Entries of a PutRecords that hold trips: heartbeats are short. */
function withTrips(input: Record<string, unknown>): { Data: string }[] {
  const entries = input.Records as { Data: string }[]
  return entries.filter(({ Data }) => Data.length > 400)
}

test('lets through what adds up, and leaves nothing behind', async () => {
  assert.equal(await wrongs(), [])
  assert.equal(await leftOver(), [])
})

test('is shut when a record is dropped on its way', async () => {
  let dropped: unknown
  const found = await wrongs({
    relay: async ({ operation, input }, forward) => {
      if (operation !== 'PutRecords' || dropped !== undefined) return forward(input)
      const [lost] = withTrips(input)
      if (lost === undefined) return forward(input)
      dropped = lost
      const entries = input.Records as unknown[]
      const reply = await forward({ ...input, Records: entries.filter((entry) => entry !== lost) })
      // Nobody tells the replay.
      const replies = reply.body.Records as unknown[]
      replies.splice(entries.indexOf(lost), 0, { SequenceNumber: '1', ShardId: 'shardId-0' })
      return { ...reply, body: { ...reply.body, FailedRecordCount: 0 } }
    },
  })
  assert.ok(dropped)
  assert.match(found.join('\n'), /^trips: .*put 400 ≠ in the stream \d+/m)
  assert.match(found.join('\n'), /^missing from a lane: expected 0 ≠ told [1-9]/m)
  assert.match(found.join('\n'), /^pickups: trips 400 ≠ districts/m)
  assert.match(found.join('\n'), /^counts by pane, .* [1-9]\d* differ$/m)
})

test('is shut when a record is put twice, though it is counted once', async () => {
  let doubled = false
  const found = await wrongs({
    relay: async ({ operation, input }, forward) => {
      if (operation === 'PutRecords' && !doubled && withTrips(input).length > 0) {
        doubled = true
        await forward({ ...input, Records: withTrips(input).slice(0, 1) })
      }
      return forward(input)
    },
  })
  assert.ok(doubled)
  assert.match(found.join('\n'), /^trips: .*put 400 ≠ in the stream \d+/m)
  assert.match(found.join('\n'), /^skipped as seen before: expected 0 ≠ told [1-9]/m)
  assert.not.match(found.join('\n'), /differ$/m)
})

test('is shut when a trip is counted twice', async () => {
  const found = await wrongs({
    spoil: async (folder) => {
      const file = join(folder, 'positions.csv')
      const text = await readFile(file, 'utf8')
      await writeFile(file, text + text.split('\n')[5] + '\n')
    },
  })
  assert.match(found.join('\n'), /^rows: in the files 408 ≠ read 409/m)
  assert.match(found.join('\n'), /^pickups: trips 400 ≠ districts \d+ .* 401$/m)
})

test('is shut when one corner of one district is moved', async () => {
  const found = await wrongs({
    spoil: async (folder) => {
      const file = join(folder, 'districts.geojson')
      const districts = JSON.parse(await readFile(file, 'utf8')) as {
        features: { geometry: { type: string; coordinates: [number, number][][] } }[]
      }
      const moved = districts.features.find(({ geometry }) => geometry.type === 'Polygon')
      const corner = moved?.geometry.coordinates[0][2]
      if (corner === undefined) throw new Error('no polygon')
      corner[0] -= 0.3
      corner[1] -= 0.3
      await writeFile(file, JSON.stringify(districts))
    },
  })
  assert.match(found.join('\n'), /^counts by pane, .* [1-9]\d* differ$/m)
  // Nothing is lost: it is only somewhere else.
  assert.not.match(found.join('\n'), /^(?:trips|consumed|pickups|dropoffs):/m)
})

test('removes what it made when it is interrupted', async () => {
  const script = fileURLToPath(new URL('./livetest.js', import.meta.url))
  const gate = spawn(process.execPath, [script, '--aws', '--trips', '3000', '--workers', '1'], {
    env: { ...process.env, ...pair.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  gate.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const exited = new Promise((resolve) => gate.once('close', resolve))
  await eventually('a lease table', async () => (await leftOver()).length >= 3, 30_000)
  gate.kill('SIGINT')
  assert.is(await exited, 1)
  assert.match(said, /^Makes stream hailstream-live-\w{8} .* costs about 10 cents/m)
  assert.match(said, /^livetest failed: it was interrupted$/m)
  assert.equal(await leftOver(), [])
})

test.run()
