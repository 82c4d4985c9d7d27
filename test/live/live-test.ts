/**
 * The whole way with real processes, on a stream and tables that are there for nothing else: known
 * files in, every figure reconciled, everything removed whatever happens.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Child } from '../../bin/child.ts'
import { destroy, init } from '../../bin/init.ts'
import type { Names, Program } from '../../src/program/program.ts'
import { messageOf } from '../../src/errors.ts'
import { systemClock } from '../../src/time/clock.ts'
import { seededRandom, systemRandom } from '../../src/time/random.ts'
import type { Account } from './accounts.ts'
import { accounts, endsOf } from './accounts.ts'
import { FOREIGN_TRIPS, putForeignRecords, UNREADABLE } from './foreign-records.ts'
import { KnownCity } from './known-city.ts'
import type { KnownTrips } from './known-trips.ts'
import { knownTrips } from './known-trips.ts'
import type { OwnClients } from './own-clients.ts'
import { ownClients } from './own-clients.ts'
import { readStream } from './stream-reading.ts'
import { TableReading } from './table-reading.ts'

type Environment = Program['environment']

export interface LiveTest {
  names: Names
  /** Holds the files; its owner removes it. */
  folder: string
  known: KnownTrips
  environment: Environment
  /** Another endpoint for the replay, say. */
  replayEnvironment?: Environment
  shards: number
  workers: number
  /** How long everything may take to be counted. */
  patienceMillis: number
  signal: AbortSignal
  say(line: string): void
}

const DISTRICTS = 'districts.geojson'

/** A stream and tables that nobody else has. */
export function throwAwayNames(random: () => number): Names {
  const suffix = Math.floor(random() * 36 ** 8)
    .toString(36)
    .padStart(8, '0')
  const name = `hailstream-live-${suffix}`
  return { stream: name, table: `${name}-counts`, application: name }
}

/** Writes districts and trips into `folder`. */
export async function writeKnownFiles(
  folder: string,
  options: { trips: number; seed: number },
): Promise<KnownTrips> {
  const random = seededRandom(options.seed)
  const city = new KnownCity(random)
  const known = knownTrips(city, options.trips, random)
  await writeFile(join(folder, DISTRICTS), JSON.stringify(city.geojson()))
  for (const [name, text] of known.files) await writeFile(join(folder, name), text)
  return known
}

/** Runs it, and removes what it made, whatever happens. */
export async function runLiveTest(test: LiveTest): Promise<Account[]> {
  const clients = ownClients(test.environment)
  const children: Child[] = []
  let results: Account[] = []
  try {
    results = await reconcile(test, clients, children)
  } catch (error) {
    // Where nothing can be reached nothing can be removed: the first error says why.
    await clear(test, children).catch((second: unknown) => test.say(messageOf(second)))
    throw error
  } finally {
    clients.destroy()
  }
  await clear(test, children)
  return results
}

async function clear(test: LiveTest, children: readonly Child[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop()))
  await destroy({ ...test.names, yes: true }, programOf(test.environment, test.say))
}

async function reconcile(
  test: LiveTest,
  clients: OwnClients,
  children: Child[],
): Promise<Account[]> {
  const { names, folder, environment, signal, say, known } = test
  const plan = { ...names, shards: test.shards, reset: false, yes: false }
  await init(plan, programOf(environment, say))
  const named = ['--stream', names.stream, '--table', names.table]
  const start = (name: string, args: string[], env = environment): Child => {
    const child = new Child(name, args, env, { onTalk: (line) => say(`${name}: ${line}`) })
    children.push(child)
    return child
  }
  signal.throwIfAborted()
  for (let i = 1; i <= test.workers; i++) {
    const districts = ['--districts', join(folder, DISTRICTS), '--district-id', 'id']
    const letters = ['--dead-letters', join(folder, `dead-letters-${i}.ndjson`)]
    const own = ['--application', names.application, '--worker', `live-${i}`]
    start(`worker ${i}`, ['count', ...districts, ...named, ...letters, ...own])
  }
  const quarantine = join(folder, 'rejected.ndjson')
  const files = [...known.files.keys()].map((name) => join(folder, name))
  const options = ['--speed', 'max', '--quarantine', quarantine]
  const replay = start(
    'replay',
    ['replay', ...options, ...named, ...files],
    test.replayEnvironment ?? environment,
  )
  const failed = Promise.race(children.map((child) => child.failed())).then(({ message }) => {
    throw new Error(message)
  })
  failed.catch(() => undefined)
  const orFails = <T>(work: Promise<T>): Promise<T> => Promise.race([work, failed, aborted(signal)])
  await putForeignRecords(clients.kinesis, names.stream)
  await orFails(replay.exited)

  const table = new TableReading(clients.dynamodb, names.table)
  const deadline = systemClock.monotonicMillis() + test.patienceMillis
  const run = String((await table.run()).sk)
  const until = async (look: () => Promise<boolean>): Promise<void> => {
    while (!(await look()) && systemClock.monotonicMillis() < deadline) {
      await systemClock.sleep(250, signal)
      signal.throwIfAborted()
    }
  }
  let generation = ''
  await orFails(
    until(async () => {
      generation = (await table.generation()) ?? ''
      return (await table.status(generation, run)).complete === true
    }),
  )
  // What others put never ends: wait for as much of it as there is.
  await orFails(
    until(async () => {
      const others = await table.status(generation, 'foreign')
      const { inDistricts, unclassified } = endsOf(
        await table.counts(generation, 'foreign'),
        'pickup',
      )
      return Number(others.deadLetters) >= UNREADABLE && inDistricts + unclassified >= FOREIGN_TRIPS
    }),
  )
  const item = await table.run()
  const status = await table.status(generation, run)
  const others = await table.status(generation, 'foreign')
  return accounts({
    known,
    sent: {
      rowsRead: Number(item.rowsRead),
      tripsSent: Number(item.tripsSent),
      rejected: Number(item.rejected),
    },
    quarantined: await quarantinedRows(quarantine),
    stream: await readStream(clients.kinesis, names.stream),
    consumed: await table.consumed(generation),
    deadLetters: { run: Number(status.deadLetters), foreign: Number(others.deadLetters) },
    gap: Number(status.gap),
    counts: await table.counts(generation, run),
    foreign: {
      put: FOREIGN_TRIPS + UNREADABLE,
      unreadable: UNREADABLE,
      counts: await table.counts(generation, 'foreign'),
    },
  })
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(asError(signal.reason))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('stopped')
}

async function quarantinedRows(file: string): Promise<Map<string, number>> {
  const rows = new Map<string, number>()
  for (const line of (await readFile(file, 'utf8')).trim().split('\n')) {
    const { reason } = JSON.parse(line) as { reason: string }
    rows.set(reason, (rows.get(reason) ?? 0) + 1)
  }
  return rows
}

function programOf(environment: Environment, say: (line: string) => void): Program {
  const stderr = new PassThrough()
  stderr.on('data', (chunk: Buffer) => say(String(chunk).trimEnd()))
  return {
    environment,
    stdin: new PassThrough(),
    stdout: stderr,
    stderr,
    clock: systemClock,
    random: systemRandom,
    drain: new AbortController().signal,
    colour: false,
  }
}
