/** How long shards stood still because the worker that counted them was killed or frozen. */

/** What the table tells of a shard. */
export interface ShardProgress {
  shardId: string
  /** Last record counted, padded. */
  seq: string
  ended: boolean
  worker: string
}

/** Where shards stood when they lost their worker. */
interface Standstill {
  since: number
  worker: string
  seq: string
}

/** A write that was on its way when its worker was hit may still land within this. */
const LANDING_MILLIS = 1_000

export class TakeOvers {
  readonly millis: number[] = []
  readonly #known = new Map<string, ShardProgress>()
  readonly #still = new Map<string, Standstill>()

  /** `worker` was killed or frozen just now: all that it counted last stands still. */
  hit(worker: string, at: number): void {
    for (const { shardId, ended, seq, worker: last } of this.#known.values()) {
      if (last !== worker || ended || this.#still.has(shardId)) continue
      this.#still.set(shardId, { since: at, worker, seq })
    }
  }

  /** A look at the progress of all shards. */
  observe(shards: readonly ShardProgress[], at: number): void {
    for (const shard of shards) {
      const { shardId, seq, ended, worker } = shard
      this.#known.set(shardId, shard)
      const still = this.#still.get(shardId)
      if (still === undefined) continue
      if (seq === still.seq && !ended) continue
      if (worker === still.worker && at - still.since < LANDING_MILLIS) {
        still.seq = seq
        if (ended) this.#still.delete(shardId)
        continue
      }
      this.#still.delete(shardId)
      this.millis.push(at - still.since)
    }
  }
}
