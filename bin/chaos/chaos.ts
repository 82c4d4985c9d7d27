/** Carries a schedule of trouble out, on real processes and real connections. */
import type { TcpProxy } from '../../localstack/tcp-proxy.ts'
import type { ReshardRequest } from '../../src/aws/resharding.ts'
import { GENERATION_PK, mergerKey, progressPk } from '../../src/counts/keys.ts'
import { parseProgress } from '../../src/counts/progress.ts'
import type { TablePort } from '../../src/counts/table-port.ts'
import type { Shard } from '../../src/kinesis/shard.ts'
import type { Clock } from '../../src/time/clock.ts'
import type { Post } from './post.ts'
import { chooseReshard } from './reshard-choice.ts'
import type { Scheduled, Trouble } from './schedule.ts'
import type { Survived } from './survived.ts'
import { TakeOvers } from './take-overs.ts'

export interface ChaosPorts {
  /** Straight to the emulators: whoever makes trouble does not suffer from it. */
  table: Pick<TablePort, 'get' | 'query'>
  listShards(): Promise<Shard[]>
  reshard(request: ReshardRequest): Promise<'done' | 'busy'>
  proxies: { kinesis: TcpProxy; dynamodb: TcpProxy }
  workers: readonly Post[]
  replay: Post
  clock: Clock
  /** Told of every trouble once it has happened. */
  tell(text: string): void
}

/** What only the trouble itself knows; the rest is in the table and in what processes say. */
export type ChaosTally = Omit<
  Survived,
  'noticed' | 'putAgain' | 'triedAgain' | 'duplicates' | 'revisions'
>

const WATCH_MILLIS = 200
const AGAIN_MILLIS = 250

export class Chaos {
  readonly #schedule: readonly Scheduled[]
  readonly #ports: ChaosPorts
  readonly #takeOvers = new TakeOvers()
  readonly #kills = { worker: 0, replay: 0, merger: 0 }
  readonly #pending = new Set<Promise<void>>()
  #freezes = 0
  #splits = 0
  #merges = 0
  #silences = 0
  #generation: string | undefined
  /** Some shard has been counted. */
  #counting = false

  constructor(schedule: readonly Scheduled[], ports: ChaosPorts) {
    this.#schedule = schedule
    this.#ports = ports
  }

  /**
   * From the first counts on until all of the schedule has happened; `watch` runs beside it. With `enough` nothing new begins, but who is frozen stays
   * so for the time; with `over` that ends too. All posts are filled, awake and connected afterwards.
   */
  async run(enough: AbortSignal, over: AbortSignal): Promise<void> {
    const { clock, workers, replay, proxies } = this.#ports
    const calm = AbortSignal.any([enough, over])
    // Trouble is to meet people at work.
    while (!calm.aborted && !this.#counting) await clock.sleep(WATCH_MILLIS, calm)
    const began = clock.monotonicMillis()
    // One that has to wait for its victim does not hold the others up.
    const happenings = this.#schedule.map(async ({ atMillis, trouble }) => {
      await clock.sleep(began + atMillis - clock.monotonicMillis(), calm)
      while (!calm.aborted && !(await this.#happens(trouble, over))) {
        await clock.sleep(AGAIN_MILLIS, calm)
      }
    })
    await Promise.all(happenings)
    await Promise.all(this.#pending)
    for (const post of [...workers, replay]) post.wake()
    for (const proxy of [proxies.kinesis, proxies.dynamodb]) proxy.speak()
  }

  /** Looks how far the shards are, again and again, and so at how long they stand still. */
  async watch(until: AbortSignal): Promise<void> {
    const { clock, table } = this.#ports
    while (!until.aborted) {
      const generation = await this.#generationId()
      if (generation !== undefined) {
        const items = await table.query(progressPk(generation))
        this.#counting ||= items.length > 0
        this.#takeOvers.observe(items.map(parseProgress), clock.monotonicMillis())
      }
      await clock.sleep(WATCH_MILLIS, until)
    }
  }

  tally(): ChaosTally {
    const { kinesis, dynamodb } = this.#ports.proxies
    return {
      kills: { ...this.#kills },
      freezes: this.#freezes,
      splits: this.#splits,
      merges: this.#merges,
      silences: this.#silences,
      cut: kinesis.tally.cut + dynamodb.tally.cut,
      requestsCutOff: kinesis.tally.requestsCutOff + dynamodb.tally.requestsCutOff,
      repliesLost: kinesis.tally.repliesLost + dynamodb.tally.repliesLost,
      takeOvers: this.#takeOvers.millis,
    }
  }

  /** False when there is nobody and nothing to trouble just now. */
  async #happens(trouble: Trouble, over: AbortSignal): Promise<boolean> {
    switch (trouble.kind) {
      case 'kill':
        return this.#kill(trouble, over)
      case 'freeze':
        return this.#freeze(trouble, over)
      case 'reshard':
        return this.#reshard(trouble)
      case 'cut':
        return this.#cut(trouble, over)
    }
  }

  async #kill(
    { whom, draw, restartMillis, restartAs }: Extract<Trouble, { kind: 'kill' }>,
    over: AbortSignal,
  ): Promise<boolean> {
    const { replay, clock, tell } = this.#ports
    const victim =
      whom === 'replay' ? replay : whom === 'merger' ? await this.#merger() : this.#worker(draw)
    // A replay that has sent everything is not there to be killed any more.
    if (victim?.running !== true) return whom === 'replay' && replay.over
    const name = victim.holder
    this.#takeOvers.hit(name, clock.monotonicMillis())
    await victim.kill()
    this.#kills[whom]++
    tell(`kill -9 of ${whom === 'merger' ? `${name}, the merger` : name}`)
    this.#later(restartMillis, over, () => victim.restart(restartAs))
    return true
  }

  async #freeze(
    { draw, millis }: Extract<Trouble, { kind: 'freeze' }>,
    over: AbortSignal,
  ): Promise<boolean> {
    const victim = this.#worker(draw)
    if (victim === undefined) return false
    const { turn, holder: name } = victim
    this.#takeOvers.hit(name, this.#ports.clock.monotonicMillis())
    victim.freeze(millis)
    this.#ports.tell(`SIGSTOP of ${name} for ${(millis / 1000).toFixed(1)} s`)
    this.#later(millis, over, () => {
      // Killed while it was frozen: that was a kill and nothing else.
      if (victim.turn !== turn || !victim.frozen) return
      victim.wake()
      if (!over.aborted) this.#freezes++
    })
    return true
  }

  async #reshard({ what, draw }: Extract<Trouble, { kind: 'reshard' }>): Promise<boolean> {
    const request = chooseReshard(await this.#ports.listShards(), what, draw)
    if (request === undefined || (await this.#ports.reshard(request)) === 'busy') return false
    if (request.what === 'split') this.#splits++
    else this.#merges++
    const shards =
      request.what === 'split'
        ? request.shardId
        : `${request.shardId} and ${request.adjacentShardId}`
    this.#ports.tell(`${request.what} of ${shards}`)
    return true
  }

  #cut(
    { how, where, draw, millis, replies }: Extract<Trouble, { kind: 'cut' }>,
    over: AbortSignal,
  ): boolean {
    const proxy = this.#ports.proxies[where]
    const to = where === 'kinesis' ? 'Kinesis' : 'DynamoDB'
    const { tell } = this.#ports
    if (how === 'silence') {
      proxy.fallSilent()
      tell(`silence of ${to} for ${(millis / 1000).toFixed(1)} s`)
      this.#later(millis, over, () => {
        proxy.speak()
        this.#silences++
      })
      return true
    }
    if (how === 'replies') {
      proxy.loseReplies(replies)
      tell(`the next ${replies === 1 ? 'reply' : `${replies} replies`} of ${to} will be lost`)
      return true
    }
    const cut = how === 'all' ? proxy.cutAll() : proxy.cutOne(draw)
    if (cut > 0) tell(`${cut === 1 ? '1 connection' : `${cut} connections`} to ${to} cut`)
    return cut > 0
  }

  /** Any worker that runs and is awake. */
  #worker(draw: number): Post | undefined {
    const there = this.#ports.workers.filter((post) => post.running && !post.frozen)
    return there.at(Math.floor(draw * there.length))
  }

  /** The worker that merges, if it is there and awake. */
  async #merger(): Promise<Post | undefined> {
    const generation = await this.#generationId()
    if (generation === undefined) return undefined
    const role = await this.#ports.table.get(mergerKey(generation))
    return this.#ports.workers.find((post) => !post.frozen && post.holder === role?.owner)
  }

  async #generationId(): Promise<string | undefined> {
    this.#generation ??= (await this.#ports.table.query(GENERATION_PK)).at(-1)?.sk
    return this.#generation
  }

  #later(millis: number, over: AbortSignal, work: () => void): void {
    const pending = this.#ports.clock.sleep(millis, over).then(() => {
      work()
      this.#pending.delete(pending)
    })
    this.#pending.add(pending)
  }
}
