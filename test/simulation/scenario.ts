/** What one seed is about: sizes, and which kinds of trouble, how often. All from the seed. */
import type { Random } from '../../src/time/random.ts'
import type { ReleaseOrder } from '../../src/trips/trip.ts'
import type { KinesisFaults } from './kinesis-model.ts'
import { NO_KINESIS_FAULTS } from './kinesis-model.ts'
import type { FaultRates, Service } from './network.ts'
import { NO_FAULTS } from './network.ts'

export interface RunScenario {
  id: string
  trips: number
  firstTime: number
  spanMillis: number
  longestMillis: number
  order: ReleaseOrder
  codec: 'binary' | 'json'
  unreadable: number
  lanes: number
  handSize: number
  speed: number
  /** Aggregate sizes, one per producer of the run. */
  producers: { aggregateBytes: number; lingerMillis: number; maxRequests: number }[]
  startsAt: number
  /** When `runs end` gives it up, ms; undefined = never. */
  endsAt: number | undefined
}

export interface Scenario {
  shards: number
  workers: number
  /** Mergers beside those of the workers, which ask nobody. */
  strayMergers: number
  /** A process that has the merger's role until then, and does nothing with it, ms. */
  idleMergerUntil: number
  paneMillis: number
  blockMillis: number
  failoverMillis: number
  flushMillis: number
  checkpointMillis: number
  cachedBytes: number
  /** Of a progress: with few, a merger that is slow has to look at all partials. */
  touchGroups: number
  readLimit: number
  runs: RunScenario[]
  foreignRecords: number
  /** Faults end then, ms. */
  calmAt: number
  rates: Record<Service, FaultRates>
  kinesis: KinesisFaults
  kills: number
  freezes: number
  /** Times of splits, merges and restarts, ms. */
  reshards: number[]
  restarts: number[]
  trims: number[]
  /** Shards may be trimmed before they are counted to their end. */
  mayLose: boolean
  /** Workers read by enhanced fan-out. */
  fanOut: boolean
  /** How often handling a batch throws; from `stuckFrom` to the calm it always does, ms. */
  handlerThrows: number
  stuckFrom: number
  /** When dead letters that can be read by then are put back, ms; empty = never. */
  redrives: number[]
  /** Times at which a shard is split, and the parent trimmed away there and then, ms. */
  losses: number[]
  /** Of a shard's flushes and of merging. */
  writeUnits: number
  skewMillis: number
  /** After everything is complete, old aggregates land again, and the workers are started anew. */
  afterlife: boolean
}

const MINUTE = 60_000
const HOUR = 3_600_000

/** `calm`: no trouble of any kind. */
export function scenarioOf(random: Random, calm = false): Scenario {
  const between = (low: number, high: number): number =>
    low + Math.floor(random() * (high - low + 1))
  const oneOf = <T>(...values: T[]): T => values[Math.floor(random() * values.length)]
  const sometimes = (chance: number): boolean => random() < chance
  const calmAt = between(25_000, 50_000)
  const times = (count: number): number[] =>
    Array.from({ length: count }, () => random() * calmAt).sort((a, b) => a - b)

  const paneMillis = oneOf(5 * MINUTE, 10 * MINUTE, 15 * MINUTE)
  const blockMillis = oneOf(1, 2, HOUR / paneMillis / 2, HOUR / paneMillis) * paneMillis
  const twoRuns = sometimes(0.3)
  const runs: RunScenario[] = []
  for (let i = 0; i < (twoRuns ? 2 : 1); i++) {
    const trips = twoRuns ? between(60, 200) : between(100, 400)
    const spanMillis = between(2, 9) * HOUR
    const handSize = oneOf(1, 4, 10, 25)
    const aggregateBytes = (): number => between(2, 14) * 90 + 200
    runs.push({
      id: `run${i}`,
      trips,
      firstTime: Date.UTC(2016, 0, 1, between(17, 23)),
      spanMillis,
      longestMillis: between(10, 150) * MINUTE,
      order: oneOf('pickup', 'pickup', 'dropoff'),
      codec: oneOf('binary', 'binary', 'json'),
      unreadable: 0,
      lanes: between(2, 8),
      handSize,
      speed: sometimes(0.15) ? Infinity : spanMillis / between(15_000, 40_000),
      producers: Array.from({ length: sometimes(0.3) ? 2 : 1 }, () => ({
        aggregateBytes: aggregateBytes(),
        lingerMillis: between(50, 1_000),
        maxRequests: between(1, 4),
      })),
      startsAt: i === 0 ? 0 : between(0, 10_000),
      endsAt: i > 0 && sometimes(0.6) && !calm ? between(12_000, 30_000) : undefined,
    })
  }
  for (const run of runs) {
    if (run.codec === 'binary' && sometimes(0.3)) run.unreadable = 0.03
  }

  const kindsOfTrouble = sometimes(0.15) ? 0.1 : 0.45
  const rate = (most: number): number =>
    !calm && sometimes(kindsOfTrouble) ? random() ** 2 * most : 0
  const rates = (): FaultRates => ({
    fail: rate(0.2),
    loseReply: rate(0.2),
    late: rate(0.1),
    slow: rate(0.3),
    stale: rate(0.5),
    kill: rate(0.03),
    freeze: rate(0.03),
  })
  const kinesis: KinesisFaults = calm
    ? NO_KINESIS_FAULTS
    : {
        partialPut: rate(0.4),
        tight: sometimes(0.1),
        expireIterator: rate(0.1),
        repeatRead: rate(0.4),
        shortRead: rate(0.4),
        dropSubscription: rate(0.1),
        stickSubscription: rate(0.3),
        hidesEnds: sometimes(0.2),
      }
  const reshards = calm || sometimes(0.3) ? 0 : between(1, 6)
  const scenario: Scenario = {
    shards: between(1, 4),
    workers: between(1, 3),
    strayMergers: !calm && sometimes(0.3) ? 1 : 0,
    idleMergerUntil: !calm && sometimes(0.25) ? between(10_000, 45_000) : 0,
    paneMillis,
    blockMillis,
    failoverMillis: oneOf(2_000, 3_000, 5_000),
    flushMillis: oneOf(100, 500, 1_000),
    checkpointMillis: between(500, 4_000),
    cachedBytes: oneOf(0, 20_000, 1_000_000),
    touchGroups: 24,
    readLimit: oneOf(3, 20, 1_000),
    runs,
    foreignRecords: sometimes(0.4) ? between(5, 60) : 0,
    calmAt,
    rates: calm
      ? { kinesis: NO_FAULTS, table: NO_FAULTS, leases: NO_FAULTS }
      : { kinesis: rates(), table: rates(), leases: rates() },
    kinesis,
    kills: calm ? 0 : between(0, 12),
    freezes: calm ? 0 : between(0, 10),
    reshards: times(reshards),
    restarts: times(calm || sometimes(0.6) ? 0 : between(1, 2)),
    trims: times(reshards > 0 && sometimes(0.4) ? between(1, 4) : 0),
    mayLose: reshards > 0 && twoRuns === false && sometimes(0.2),
    writeUnits: oneOf(Infinity, Infinity, 15),
    skewMillis: calm || sometimes(0.5) ? 0 : between(1_000, 300_000),
    handlerThrows: 0,
    stuckFrom: Infinity,
    redrives: [],
    losses: [],
    afterlife: sometimes(0.5),
    fanOut: sometimes(0.25),
  }
  // Last of all, so that no other seed is about something else for it.
  const losses = scenario.mayLose ? times(between(1, 3)) : []
  const redrives = sometimes(0.6) ? [...times(between(1, 4)), calmAt + 100] : []
  const touchGroups = sometimes(0.3) ? between(1, 4) : scenario.touchGroups
  const handlerThrows = !calm && sometimes(0.3) ? random() ** 2 * 0.2 : 0
  const stuckFrom = !calm && sometimes(0.15) ? between(1_000, calmAt) : Infinity
  return {
    ...scenario,
    losses,
    redrives: scenario.mayLose ? [] : redrives,
    touchGroups,
    handlerThrows,
    stuckFrom,
  }
}
