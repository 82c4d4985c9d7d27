/**
 * One simulation: the real producers, workers and mergers over models of Kinesis and DynamoDB, in
 * one virtual time, with all chance from one seed. The same seed gives the same story.
 */
import { slotsOf } from '../../src/counts/generation.ts'
import type { Generation } from '../../src/counts/generation.ts'
import { textOf } from '../../src/counts/item-values.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { progressKey, statusKey } from '../../src/counts/keys.ts'
import { FOREIGN_RUN } from '../../src/counts/trip-batch.ts'
import type { Letter } from '../../src/letters/letter.ts'
import { unpadSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { PaddedSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { Random } from '../../src/time/random.ts'
import { seededRandom } from '../../src/time/random.ts'
import { CITY } from './city.ts'
import { checkEnd } from './end-check.ts'
import { KinesisModel, NO_KINESIS_FAULTS } from './kinesis-model.ts'
import { LeaseModel } from './lease-model.ts'
import { Ledger } from './ledger.ts'
import { MergedWatch } from './merged-watch.ts'
import { Network, NO_FAULTS } from './network.ts'
import type { Scenario } from './scenario.ts'
import { scenarioOf } from './scenario.ts'
import { SIM_EPOCH } from './sim-process.ts'
import { Stagehand } from './stagehand.ts'
import { TableModel } from './table-model.ts'
import { TableWatch } from './table-watch.ts'
import { Timeline } from './timeline.ts'

export interface SimulationOptions {
  seed: number
  /** No trouble of any kind. */
  calm?: boolean
  /** Gets the story, line by line. */
  trace?: (line: string) => void
}

export interface Verdict {
  seed: number
  /** What was wrong; undefined when nothing was. */
  failure: string | undefined
  virtualMillis: number
  events: number
  counts: Record<string, number>
}

/** Everything there is in one simulation. */
export interface World {
  scenario: Scenario
  timeline: Timeline
  random: Random
  network: Network
  kinesis: KinesisModel
  table: TableModel
  leases: LeaseModel
  ledger: Ledger
  generation: Generation
  /** Dead letters as workers kept them, some of them more than once. */
  letters: Letter[]
  /** Whether a shard was trimmed before it was counted to its end. */
  lost: {
    happened: boolean
    /** Before it or an ancestor of it was begun: nobody knows how far its lanes were. */
    unbegun: boolean
  }
  trace(line: string): void
  fail(why: string): void
}

/** With the faults over, everything sent has to be counted, merged and final within this time. */
const DRAIN_MILLIS = 240_000
const MAX_EVENTS = 400_000
const AFTERLIFE_MILLIS = 30_000

export async function simulate(options: SimulationOptions): Promise<Verdict> {
  const { seed, calm = false } = options
  const timeline = new Timeline()
  let failure: string | undefined
  const trace = (line: string): void => {
    options.trace?.(`${(timeline.now / 1_000).toFixed(3).padStart(9)}  ${line}`)
  }
  const fail = (why: string): void => {
    if (failure !== undefined) return
    failure = why
    trace(`WRONG: ${why}`)
  }
  const onRejection = (reason: unknown): void => {
    fail(`nobody heard of an error: ${reason instanceof Error ? reason.stack : String(reason)}`)
  }
  process.on('unhandledRejection', onRejection)
  try {
    const world = makeWorld(seed, calm, timeline, trace, fail)
    const stagehand = new Stagehand(world)
    const failed = (): boolean => failure !== undefined
    const { scenario, network, kinesis } = world
    stagehand.start()
    await timeline.run(failed, scenario.calmAt, MAX_EVENTS)
    trace('the faults are over')
    network.rates = { kinesis: NO_FAULTS, table: NO_FAULTS, leases: NO_FAULTS }
    kinesis.faults = NO_KINESIS_FAULTS
    stagehand.calm()
    if (!failed()) {
      const outcome = await timeline.run(
        () => failed() || stagehand.drained(),
        DRAIN_MILLIS,
        MAX_EVENTS,
      )
      if (outcome !== 'done') fail(`${outcome}: ${stagehand.describeWaiting()}`)
    }
    if (!failed() && scenario.afterlife) {
      stagehand.afterlife()
      const slow = { ...NO_FAULTS, slow: 0.3 }
      network.rates = { kinesis: slow, table: slow, leases: NO_FAULTS }
      await timeline.run(failed, AFTERLIFE_MILLIS, MAX_EVENTS)
      network.rates = { kinesis: NO_FAULTS, table: NO_FAULTS, leases: NO_FAULTS }
      await timeline.run(() => failed() || stagehand.drained(), DRAIN_MILLIS, MAX_EVENTS)
    }
    if (!failed()) checkEnd(world)
    stagehand.end()
    return {
      seed,
      failure,
      virtualMillis: timeline.now,
      events: timeline.events,
      counts: {
        ...network.counts,
        ...kinesis.counts,
        ...world.table.counts,
        duplicates: duplicatesIn(world),
        lateTrips: revisionsIn(world),
      },
    }
  } finally {
    process.off('unhandledRejection', onRejection)
  }
}

function makeWorld(
  seed: number,
  calm: boolean,
  timeline: Timeline,
  trace: (line: string) => void,
  fail: (why: string) => void,
): World {
  const scenario = scenarioOf(seededRandom(seed * 7 + 1), calm)
  const random = seededRandom(seed * 7 + 2)
  const generation: Generation = {
    id: 'city-sim',
    districts: CITY,
    geometry: { paneMillis: scenario.paneMillis, blockMillis: scenario.blockMillis },
    streamName: 'stream',
    streamCreationTime: SIM_EPOCH,
    leaseTable: 'leases',
    startTimestamp: null,
    createdAt: SIM_EPOCH,
  }
  const network = new Network({
    timeline,
    random,
    trace,
    freezeMillis: () => scenario.failoverMillis * (0.2 + 3 * random() ** 2),
  })
  const kinesis = new KinesisModel(timeline, network, random, scenario.shards)
  const table = new TableModel(network, fail)
  const ledger = new Ledger({ blockMillis: scenario.blockMillis, fail })
  kinesis.onRecord = (record) => {
    ledger.take(record)
  }
  const { paneMillis } = scenario
  const lost = { happened: false, unbegun: false }
  const hasLost = (): boolean => lost.happened
  const watch = new TableWatch({
    generation: generation.id,
    geometry: generation.geometry,
    slots: slotsOf(generation),
    kinesis,
    ledger,
    table,
    merged: new MergedWatch({ paneMillis, ledger, hasLost, fail }),
    hasLost,
    fail,
  })
  table.onPut = (item, previous, by) => {
    trace(`${by.name} writes ${toldOf(item)}`)
    watch.see(item, previous)
  }
  const leases = new LeaseModel(network, {
    fail,
    isTrimmed: (shardId) => kinesis.shards.get(shardId)?.trimmed === true,
    progressOf: (shardId) => {
      const { pk, sk } = progressKey(generation.id, shardId)
      const item = table.item(pk, sk)
      const seq = textOf(item?.seq)
      const sequenceNumber = seq === '' ? '' : unpadSequenceNumber(seq as PaddedSequenceNumber)
      return { sequenceNumber, ended: item?.ended === true }
    },
  })
  return {
    scenario,
    timeline,
    random,
    network,
    kinesis,
    table,
    leases,
    ledger,
    generation,
    letters: [],
    lost,
    trace,
    fail,
  }
}

/** An item in the words of the story. */
function toldOf(item: Item): string {
  const [kind, , run] = item.pk.split('#')
  const seq = item.seq === undefined ? '' : `, up to …${textOf(item.seq).slice(-7)}`
  const final = item.final === true ? ', final' : ''
  const version = item.version === undefined ? '' : `, version ${Number(item.version)}`
  return `${kind} ${item.sk}${run === undefined ? '' : ` of ${run}`}${seq}${version}${final}`
}

function duplicatesIn({ table, generation }: World): number {
  return table
    .items(`progress#${generation.id}`)
    .reduce((sum, { duplicates }) => sum + Number(duplicates), 0)
}

function revisionsIn({ table, generation, ledger }: World): number {
  let revisions = 0
  for (const run of [...ledger.runs.keys(), FOREIGN_RUN]) {
    for (const hour of table.items(`hour#${generation.id}#${run}`)) {
      revisions += Number(hour.revision)
    }
  }
  return revisions
}

/** Whether the status of a run says that all of it is counted, merged and final. */
export function isComplete({ table, generation }: World, run: string): boolean {
  const { pk, sk } = statusKey(generation.id, run)
  return table.item(pk, sk)?.complete === true
}
