/** Starts, kills and restarts the processes of a simulation, and moves the scenery. */
import { textOf } from '../../src/counts/item-values.ts'
import { mergerKey, progressPk, statusKey } from '../../src/counts/keys.ts'
import { RoleLease } from '../../src/merge/role-lease.ts'
import { endLanes } from '../../src/replay/end-lanes.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Run } from '../../src/runs/run.ts'
import type { PutEntry } from '../../src/kinesis/kinesis-port.ts'
import { makeTrips, recordsOf } from './city.ts'
import type { TripFact } from './city.ts'
import { foreignEntries } from './foreign.ts'
import { startMerger, startProducer, startRedrive, startWorker } from './programs.ts'
import type { Started } from './programs.ts'
import type { RunScenario } from './scenario.ts'
import { SimProcess, SIM_EPOCH } from './sim-process.ts'
import type { World } from './simulation.ts'
import { isComplete } from './simulation.ts'

export interface StagedRun {
  scenario: RunScenario
  run: Run
  facts: TripFact[]
  records: Uint8Array
}

export class Stagehand {
  readonly #world: World
  readonly #runs: StagedRun[]
  readonly #workers = new Map<number, Started>()
  readonly #others: Started[] = []
  readonly #oldPuts: PutEntry[] = []
  #names = 0
  #calm = false
  #over = false
  #waiting = 0
  #lastRedrive = false

  constructor(world: World) {
    this.#world = world
    const { scenario, random, ledger, kinesis } = world
    this.#runs = scenario.runs.map((of) => {
      const facts = makeTrips({ ...of, count: of.trips }, random)
      const run = runOf(of)
      ledger.addRun(run.id, facts, run.deal)
      return { scenario: of, run, facts, records: recordsOf(facts) }
    })
    const take = kinesis.onRecord
    kinesis.onRecord = (record) => {
      take(record)
      if (world.random() < 0.2) this.#oldPuts.push(record)
    }
  }

  start(): void {
    const { scenario, network, timeline, kinesis } = this.#world
    network.rates = scenario.rates
    network.kills = scenario.kills
    network.freezes = scenario.freezes
    kinesis.faults = scenario.kinesis
    if (scenario.idleMergerUntil > 0) this.#startIdleMerger()
    for (let i = 0; i < scenario.workers; i++) this.#startWorker(i)
    for (let i = 0; i < scenario.strayMergers; i++) this.#startStrayMerger()
    for (const staged of this.#runs) {
      timeline.after(staged.scenario.startsAt, () => {
        void this.#startRun(staged)
      })
    }
    for (const at of scenario.reshards) timeline.after(at, () => this.#reshard())
    for (const at of scenario.trims) timeline.after(at, () => this.#trim())
    for (const at of scenario.redrives) {
      // Two at once, each with letters of its own.
      for (let twin = 0; twin < 2; twin++) {
        this.#waiting++
        timeline.after(at, () => this.#redrive(true))
      }
    }
    for (const at of scenario.losses) timeline.after(at, () => this.#lose())
    for (const at of scenario.restarts) timeline.after(at, () => this.#restartOne())
    this.#startForeign()
  }

  /** No more trouble from here on; what was killed comes back. */
  calm(): void {
    this.#calm = true
    const { network } = this.#world
    network.kills = 0
    network.freezes = 0
    for (const { process } of [...this.#workers.values(), ...this.#others]) process.wake()
  }

  /** Everything sent is counted, merged and final. */
  drained(): boolean {
    const { scenario, ledger, table, generation } = this.#world
    if (this.#waiting > 0) return false
    // A lane whose last record is lost never ends, as far as anyone can tell.
    const complete = this.#runs.every(({ run }) => isComplete(this.#world, run.id))
    if (!(complete || this.#world.lost.happened) || this.#unread() !== undefined) return false
    // Letters are known once their records are counted; then all of them come back.
    if (scenario.redrives.length > 0 && !this.#lastRedrive) {
      this.#lastRedrive = true
      this.#waiting++
      this.#redrive(false)
      return false
    }
    return [...ledger.redriven].every(([run, letters]) => {
      const { pk, sk } = statusKey(generation.id, run)
      return Number(table.item(pk, sk)?.redriven) === letters.length
    })
  }

  describeWaiting(): string {
    const incomplete = this.#runs.filter(({ run }) => !isComplete(this.#world, run.id))
    const status = incomplete.map(({ run }) => {
      const item = this.#world.table.item(`status#${this.#world.generation.id}#${run.id}`, 'status')
      return `${run.id} is not complete (${JSON.stringify(item)})`
    })
    const unread = this.#unread()
    if (unread !== undefined) status.push(`shard ${unread} is not counted to its end`)
    if (this.#waiting > 0) status.push(`${this.#waiting} producers have not finished`)
    if (status.length === 0) status.push('letters that came back are not merged')
    return status.join('; ')
  }

  /**
   * Old requests land again, minutes late; shards are merged that have let the lanes of the run go;
   * every worker is started anew, and so is the merger. None of it may change a count.
   */
  afterlife(): void {
    const { kinesis, timeline, trace, random } = this.#world
    trace('the afterlife: old aggregates land again, and every worker is started anew')
    for (const entry of this.#oldPuts.slice(0, 60)) {
      timeline.after(random() ** 2 * 25_000, () => {
        kinesis.accept(entry)
      })
    }
    for (let merges = Math.floor(random() * 3); merges > 0; merges--) {
      timeline.after(5_000 + random() * 10_000, () => this.#mergeTwo())
    }
    for (const worker of this.#workers.values()) {
      timeline.after(random() * 25_000, () => {
        worker.process.kill()
      })
    }
  }

  end(): void {
    this.#over = true
    for (const { process } of [...this.#workers.values(), ...this.#others]) process.kill()
  }

  /** A shard with records that are not counted yet, and could be. */
  #unread(): string | undefined {
    const { kinesis, table, generation } = this.#world
    for (const shard of kinesis.shards.values()) {
      const last = shard.records.at(-1)?.seq ?? ''
      const progress = table.item(progressPk(generation.id), shard.shardId)
      const behind = textOf(progress?.seq) < last
      if (!shard.trimmed && (behind || (shard.closed && progress?.ended !== true))) {
        return shard.shardId
      }
    }
    return undefined
  }

  #process(kind: string): SimProcess {
    const { timeline, random, scenario, trace } = this.#world
    const name = `${kind}-${this.#names++}`
    const wallMillis = Math.round((random() - 0.5) * 2 * scenario.skewMillis)
    const rate = scenario.skewMillis === 0 ? 1 : 0.999 + 0.002 * random()
    trace(`${name} starts`)
    return new SimProcess(name, timeline, { wallMillis, rate })
  }

  #startWorker(place: number): void {
    const { timeline, random } = this.#world
    if (this.#over) return
    const process = this.#process('worker')
    const started = startWorker(this.#world, process)
    this.#workers.set(place, started)
    const again = (): void => {
      timeline.after(this.#calm ? 500 : random() ** 2 * 8_000, () => this.#startWorker(place))
    }
    process.onDeath(again)
    void started.done.then(() => {
      process.kill()
    })
  }

  /** A worker or a producer is asked to stop, and another takes its place. */
  #restartOne(): void {
    const { random, trace } = this.#world
    const all = [...this.#workers.values(), ...this.#others].filter(({ process }) => !process.dead)
    const one = all.at(Math.floor(random() * all.length))
    if (one === undefined) return
    trace(`${one.process.name} is asked to stop`)
    one.process.deliver(() => {
      one.stop()
    })
  }

  #startStrayMerger(): void {
    const { timeline, random } = this.#world
    if (this.#over || this.#calm) return
    const process = this.#process('merger')
    this.#others.push(startMerger(this.#world, process))
    process.onDeath(() => {
      timeline.after(random() * 8_000, () => this.#startStrayMerger())
    })
  }

  /** Keeps the role of the merger and merges nothing, as one whose rounds hang would. */
  #startIdleMerger(): void {
    const { scenario, timeline, table, generation } = this.#world
    const { failoverMillis, idleMergerUntil } = scenario
    const process = this.#process('idle-merger')
    const lease = new RoleLease(
      { table: table.portOf(process), clock: process.clock },
      { key: mergerKey(generation.id), workerId: process.name, failoverMillis },
    )
    const keep = async (): Promise<void> => {
      for (;;) {
        await lease.keep().catch(() => undefined)
        await process.clock.sleep(failoverMillis / 8)
      }
    }
    this.#others.push({ process, done: keep(), stop: () => undefined })
    timeline.after(idleMergerUntil, () => {
      process.kill()
    })
  }

  async #startRun(staged: StagedRun): Promise<void> {
    const { timeline, trace } = this.#world
    const { run, scenario } = staged
    trace(`run ${run.id}: ${scenario.trips} trips in ${scenario.lanes} lanes`)
    scenario.producers.forEach((_, index) => {
      this.#waiting++
      this.#startProducer(staged, index)
    })
    if (scenario.endsAt !== undefined) {
      timeline.after(scenario.endsAt, () => this.#endRun(staged))
    }
  }

  #startProducer(staged: StagedRun, index: number): void {
    const { timeline, random } = this.#world
    const process = this.#process('producer')
    const started = startProducer(this.#world, process, staged, index)
    this.#others.push(started)
    let finished = false
    process.onDeath(() => {
      if (finished || this.#over) return
      const delay = this.#calm ? 200 : random() * 4_000
      timeline.after(delay, () => this.#startProducer(staged, index))
    })
    void started.done.then((complete) => {
      finished = complete
      if (complete) this.#waiting--
      process.kill()
    })
  }

  /** `hailstream runs end`, by someone who repeats it until it has worked. */
  #endRun({ run }: Pick<StagedRun, 'run'>): void {
    const { kinesis, trace, timeline, random } = this.#world
    const operator = this.#process('operator')
    trace(`${run.id} is given up`)
    let ended = false
    operator.onDeath(() => {
      if (!ended && !this.#over) timeline.after(1_000, () => this.#endRun({ run }))
    })
    const ports = { clock: operator.clock, random: seededRandom(Math.floor(random() * 2 ** 31)) }
    const done = endLanes(run, kinesis.portOf(operator), ports).then(() => {
      ended = true
      operator.kill()
    })
    this.#others.push({ process: operator, done, stop: () => undefined })
  }

  /** `some`: of the letters there are, in any order. It is begun again until it is through. */
  #redrive(some: boolean): void {
    const { timeline, random, letters } = this.#world
    const process = this.#process('redrive')
    const order = letters.map((letter) => ({ letter, at: random() })).sort((a, b) => a.at - b.at)
    const chosen = order.filter(() => !some || random() < 0.7).map(({ letter }) => letter)
    const started = startRedrive(this.#world, process, chosen)
    this.#others.push(started)
    let finished = false
    process.onDeath(() => {
      if (finished || this.#over) return
      timeline.after(this.#calm ? 200 : random() * 2_000, () => this.#redrive(some))
    })
    void started.done.then((through) => {
      finished = through
      if (through) this.#waiting--
      process.kill()
    })
  }

  #startForeign(): void {
    const { scenario, timeline, random, kinesis, ledger } = this.#world
    if (scenario.foreignRecords === 0) return
    for (const entry of foreignEntries(scenario.foreignRecords, ledger.foreign, random)) {
      timeline.after(random() * scenario.calmAt, () => {
        kinesis.accept(entry)
      })
    }
  }

  #reshard(): void {
    const { kinesis, random, trace } = this.#world
    if (random() < 0.15 && kinesis.open().length <= 3) {
      trace('the shard count is doubled')
      for (const { shardId } of kinesis.open()) kinesis.split(shardId)
      return
    }
    const open = kinesis.open()
    if (open.length > 1 && (open.length > 5 || random() < 0.5)) {
      this.#mergeTwo()
      return
    }
    const { shardId } = open[Math.floor(random() * open.length)]
    if (kinesis.split(shardId)) trace(`${shardId} is split`)
  }

  /** Neighbours, any two. */
  #mergeTwo(): void {
    const { kinesis, random, trace } = this.#world
    const open = kinesis.open().sort((a, b) => (a.range.start < b.range.start ? -1 : 1))
    if (open.length < 2) return
    const i = Math.floor(random() * (open.length - 1))
    if (kinesis.merge(open[i].shardId, open[i + 1].shardId)) {
      trace(`${open[i].shardId} and ${open[i + 1].shardId} are merged`)
    }
  }

  /** A shard is closed, and gone before anybody can have read it to its end. */
  #lose(): void {
    const { kinesis, random, lost, trace } = this.#world
    const open = kinesis.open()
    const { shardId } = open[Math.floor(random() * open.length)]
    if (!kinesis.split(shardId)) return
    trace(`${shardId} is split, and trimmed away at once`)
    lost.happened = true
    if (!this.#hasBegun(shardId)) lost.unbegun = true
    kinesis.trim(shardId)
  }

  /** Whether a shard or an ancestor of it was counted at all: else nobody knows what to miss. */
  #hasBegun(shardId: string): boolean {
    const { kinesis, table, generation } = this.#world
    if (table.item(progressPk(generation.id), shardId) !== undefined) return true
    const parents = kinesis.shards.get(shardId)?.parentShardIds ?? []
    return parents.some((parent) => this.#hasBegun(parent))
  }

  /** Retention passes over a closed shard. */
  #trim(): void {
    const { kinesis, table, generation, scenario, random, lost, trace } = this.#world
    const trimmable = [...kinesis.shards.values()].filter((shard) => {
      const progress = table.item(progressPk(generation.id), shard.shardId)
      const counted = progress?.ended === true
      return shard.closed && !shard.trimmed && (counted || scenario.mayLose)
    })
    const shard = trimmable.at(Math.floor(random() * trimmable.length))
    if (shard === undefined) return
    trace(`${shard.shardId} is trimmed away`)
    const progress = table.item(progressPk(generation.id), shard.shardId)
    if (progress?.ended !== true) lost.happened = true
    if (!this.#hasBegun(shard.shardId)) lost.unbegun = true
    kinesis.trim(shard.shardId)
  }
}

function runOf(of: RunScenario): Run {
  return {
    id: of.id,
    plan: {
      files: ['toy.csv'],
      inputFingerprint: of.id,
      order: of.order,
      from: null,
      to: null,
      codec: of.codec,
      passes: 1,
    },
    deal: { lanes: of.lanes, handSize: of.handSize },
    streamName: 'stream',
    streamCreationTime: SIM_EPOCH,
    state: 'running',
    startedAt: SIM_EPOCH + of.startsAt,
    rowsRead: of.trips,
    rejected: 0,
    outsideWindow: 0,
    tripsSent: null,
    finishedAt: null,
  }
}
