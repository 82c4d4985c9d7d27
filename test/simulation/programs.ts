/** The real producer, worker and merger, each in a simulated process. */
import { slotsOf } from '../../src/counts/generation.ts'
import { frontierKey, runKey } from '../../src/counts/keys.ts'
import { messageOf } from '../../src/errors.ts'
import { FanOut } from '../../src/kinesis/fan-out.ts'
import { letterOf, placeOf } from '../../src/letters/letter.ts'
import type { Letter } from '../../src/letters/letter.ts'
import { Merger } from '../../src/merge/merger.ts'
import type { Locator } from '../../src/pipeline/classify.ts'
import { Worker } from '../../src/pipeline/worker.ts'
import type { WorkerEvent } from '../../src/pipeline/worker.ts'
import { redrive } from '../../src/redrive/redriver.ts'
import { Replayer } from '../../src/replay/replayer.ts'
import { runItem } from '../../src/runs/run.ts'
import { seededRandom } from '../../src/time/random.ts'
import { isRetryable, retrying } from '../../src/time/retry.ts'
import { TRIP_RECORD_BYTES, TRIP_RECORD_VERSION } from '../../src/trips/trip-record.ts'
import { LOCATOR, UNKNOWN_VERSION } from './city.ts'
import type { SimProcess } from './sim-process.ts'
import type { World } from './simulation.ts'
import type { StagedRun } from './stagehand.ts'

export interface Started<T = unknown> {
  process: SimProcess
  /** Never rejects; for ever pending when the process dies. */
  done: Promise<T>
  /** Asks it to finish. */
  stop(): void
}

const MERGE_MILLIS = 500

export function startWorker(world: World, process: SimProcess): Started {
  const { scenario, generation, kinesis, table, leases, random, fail } = world
  const stop = new AbortController()
  let began = false
  const polling = kinesis.portOf(process)
  const subscriptions = kinesis.subscriptionsOf(process)
  const worker = new Worker(
    {
      workerId: process.name,
      generation,
      slots: slotsOf(generation),
      locator: failingLocator(world),
      outOfOrdernessMillis: 600_000,
      flushMillis: scenario.flushMillis,
      idleMillis: scenario.fanOut ? 0 : 400,
      readMillis: scenario.fanOut ? 0 : 250,
      readLimit: scenario.readLimit,
      cachedBytes: scenario.cachedBytes,
      touchGroups: scenario.touchGroups,
      failoverMillis: scenario.failoverMillis,
      checkpointMillis: scenario.checkpointMillis,
      writeUnits: scenario.writeUnits,
      mergeUnits: scenario.writeUnits,
      mergeMillis: MERGE_MILLIS,
      rollingMillis: [scenario.paneMillis, 3_600_000],
    },
    {
      kinesis: polling,
      ...(scenario.fanOut && {
        reads: new FanOut({ subscriptions, polling, clock: process.clock }),
      }),
      table: table.portOf(process),
      leases: leases.portOf(process),
      clock: process.clock,
      random: seededRandom(Math.floor(random() * 2 ** 31)),
      keepDeadLetters: async (letters, from) => {
        await process.clock.sleep(1)
        for (const letter of letters) world.letters.push(letterOf(letter, from))
        await process.clock.sleep(1)
      },
      onEvent: (event) => {
        if (event.type === 'shard') began = true
        tell(world, process, event)
      },
    },
  )
  // A table that does not answer may keep a worker from starting; it may not bring one down.
  const done = worker.run(stop.signal).catch((error: unknown) => {
    world.trace(`${process.name} goes down: ${messageOf(error)}`)
    if (began || !isRetryable(error)) {
      fail(`${process.name} went down: ${error instanceof Error ? error.stack : String(error)}`)
    }
  })
  return {
    process,
    done,
    stop: () => {
      stop.abort()
    },
  }
}

/** Handling a batch throws now and then, and in some seeds for a long time. */
function failingLocator({ scenario, timeline, network }: World): Locator {
  const { calmAt, stuckFrom, handlerThrows } = scenario
  const throws = (): boolean => {
    if (timeline.now >= calmAt) return false
    return timeline.now >= stuckFrom || network.happens(handlerThrows)
  }
  return {
    locate: (lon, lat) => LOCATOR.locate(lon, lat),
    locateMany(lons, lats, out) {
      if (lons.length > 0 && throws()) throw new Error('a handler that throws')
      return LOCATOR.locateMany(lons, lats, out)
    },
  }
}

function tell({ trace }: World, { name }: SimProcess, event: WorkerEvent): void {
  if (event.type === 'shard') trace(`${name}: ${event.shardId} ${event.what}`)
  if (event.type === 'trouble') {
    trace(`${name}: ${event.shardId} ${event.parked ? 'is parked' : 'is tried again'}`)
  }
  if (event.type === 'gap') trace(`${name}: ${event.shardId} has lost ${event.parents.join()}`)
  if (event.type === 'lease') {
    const { type } = event.event
    if (type === 'acquired' || type === 'lost') {
      const { leaseKey } = event.event
      trace(`${name}: lease ${leaseKey} ${event.event.type === 'lost' ? event.event.reason : type}`)
    }
    if (type === 'frozen') trace(`${name} notices that it stood still`)
  }
}

/** A merger that never asks whether it has the role, and so is always one too many. */
export function startMerger(world: World, process: SimProcess): Started {
  const { scenario, generation, table, trace, fail } = world
  let stopped = false
  const merger = new Merger(
    {
      generation,
      tickMillis: MERGE_MILLIS,
      rollingMillis: [scenario.paneMillis, 3_600_000],
      concurrency: 4,
    },
    { table: table.portOf(process), clock: process.clock },
    { merged: new Map(), pending: new Map() },
  )
  const run = async (): Promise<void> => {
    while (!stopped) {
      try {
        await merger.tick()
      } catch (error) {
        if (!isRetryable(error)) fail(`${process.name}: ${messageOf(error)}`)
        trace(`${process.name}: ${messageOf(error)}`)
      }
      await process.clock.sleep(MERGE_MILLIS)
    }
  }
  return {
    process,
    done: run(),
    stop: () => {
      stopped = true
    },
  }
}

/**
 * `hailstream redrive` after a release that can read the letters, of some of them in any order;
 * resolves to whether it got to its end.
 */
export function startRedrive(
  world: World,
  process: SimProcess,
  letters: readonly Letter[],
): Started<boolean> {
  const { generation, kinesis, table, random, fail } = world
  const ports = {
    table: table.portOf(process),
    kinesis: kinesis.portOf(process),
    clock: process.clock,
    random: seededRandom(Math.floor(random() * 2 ** 31)),
  }
  const attempt = async (): Promise<boolean> => {
    for (const run of new Set(letters.map((letter) => letter.run))) {
      const entries = letters.flatMap((letter) => {
        const data = letter.run === run ? mended(letter.data) : undefined
        return data === undefined ? [] : [{ place: placeOf(letter), data }]
      })
      await redrive(entries, { generation: generation.id, run, aggregateBytes: 700 }, ports)
    }
    return true
  }
  const done = attempt().catch((error: unknown) => {
    if (!isRetryable(error)) fail(`${process.name}: ${messageOf(error)}`)
    return false
  })
  return { process, done, stop: () => undefined }
}

/** The trip that a record of an unknown version is, now that somebody knows it. */
function mended(data: Uint8Array): Uint8Array | undefined {
  if (data.length !== TRIP_RECORD_BYTES || data[0] !== UNKNOWN_VERSION) return undefined
  const trip = data.slice()
  trip[0] = TRIP_RECORD_VERSION
  return trip
}

/** One attempt at a run, as `hailstream replay` makes it; resolves to whether it is all sent. */
export function startProducer(
  world: World,
  process: SimProcess,
  staged: StagedRun,
  index: number,
): Started<boolean> {
  const { kinesis, random, fail, trace } = world
  const { run, facts, records, scenario } = staged
  const { aggregateBytes, lingerMillis, maxRequests } = scenario.producers[index]
  const { clock } = process
  const table = world.table.portOf(process)
  const ports = { clock, random: seededRandom(Math.floor(random() * 2 ** 31)) }
  const stop = new AbortController()
  const attempt = async (): Promise<boolean> => {
    await retrying(() => table.put(runItem(run), { kind: 'absent' }), ports)
    await retrying(() => table.get(runKey(run.id)), ports)
    const frontier = await retrying(() => table.get(frontierKey(run.id)), ports)
    const acknowledged = Array.isArray(frontier?.acknowledged)
      ? frontier.acknowledged.map(Number)
      : []
    trace(`${process.name} continues ${run.id} at ${acknowledged.join(' ') || 'its beginning'}`)
    const replayer = new Replayer(
      {
        trips: facts.length,
        firstTime: facts.at(0)?.release ?? NaN,
        lastTime: facts.at(-1)?.release ?? NaN,
        slabs: async function* () {
          // Any cut will do.
          const half = Math.floor(facts.length / 2)
          const at = half * (records.length / Math.max(1, facts.length))
          yield { bytes: records.subarray(0, at), count: half }
          yield { bytes: records.subarray(at), count: facts.length - half }
        },
      },
      {
        run,
        speed: scenario.speed,
        aggregateBytes,
        lingerMillis,
        heartbeatMillis: 1_000,
        bufferBytes: 16_000,
        maxRequests,
      },
      {
        ...ports,
        kinesis: kinesis.portOf(process),
        saveFrontier: async (counts) => {
          await retrying(() => table.put({ ...frontierKey(run.id), acknowledged: counts }), ports)
        },
      },
      stop.signal,
      acknowledged,
    )
    const outcome = await replayer.run()
    trace(`${process.name} has ${outcome.complete ? 'sent all' : 'stopped'}`)
    return outcome.complete
  }
  const done = attempt().catch((error: unknown) => {
    if (!isRetryable(error)) {
      fail(`${process.name} went down: ${error instanceof Error ? error.stack : String(error)}`)
    }
    return false
  })
  return {
    process,
    done,
    stop: () => {
      stop.abort()
    },
  }
}
