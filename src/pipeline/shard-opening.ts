/** Where a shard is taken up, as the tables and the stream say it now; `shardStart` decides. */
import type { Generation } from '../counts/generation.ts'
import { progressKey, progressPk, statusKey } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import { parseProgress, progressCondition, progressItem } from '../counts/progress.ts'
import type { TablePort } from '../counts/table-port.ts'
import type { KinesisPort } from '../kinesis/kinesis-port.ts'
import type { Shard } from '../kinesis/shard.ts'
import { byId } from '../kinesis/shard.ts'
import type { ShardStart, StartPosition } from './shard-start.ts'
import { isOrphan, shardStart } from './shard-start.ts'

export interface OpeningPorts {
  kinesis: Pick<KinesisPort, 'listShards' | 'shardIterator'>
  table: TablePort
  /** Repeats what fails for a passing reason, until the lease is lost. */
  persist<T>(work: () => Promise<T>, lost: AbortSignal): Promise<T>
}

/** `gone` when the shard was trimmed away, `unlisted` when it is there all the same. */
export type Opening = (ShardStart & { shard: Shard }) | 'gone' | 'unlisted'

export class ShardOpening {
  readonly #generation: Generation
  readonly #ports: OpeningPorts

  constructor(generation: Generation, ports: OpeningPorts) {
    this.#generation = generation
    this.#ports = ports
  }

  async open(shardId: string, lost: AbortSignal): Promise<Opening> {
    const { kinesis, table, persist } = this.#ports
    const { id, startTimestamp } = this.#generation
    const listed = byId(await persist(() => kinesis.listShards(), lost))
    const shard = listed.get(shardId)
    if (shard === undefined) return this.#unlisted(shardId, lost)
    const keys = [shardId, ...shard.parentShardIds].map((each) => progressKey(id, each))
    const items = await persist(() => table.getMany(keys), lost)
    const progress = new Map<string, Progress>(items.map((item) => [item.sk, parseProgress(item)]))
    const initial: StartPosition =
      startTimestamp === null
        ? { type: 'TRIM_HORIZON' }
        : { type: 'AT_TIMESTAMP', timestamp: startTimestamp }
    const others = isOrphan(shard, listed, progress)
      ? await persist(() => table.query(progressPk(id)), lost)
      : []
    const start = shardStart(shard, listed, progress, initial, others.map(parseProgress))
    if (start.kind === 'start' && !progress.has(shardId)) {
      const lanes = await this.#withoutCompleteRuns(start.progress.lanes, lost)
      return { ...start, progress: { ...start.progress, lanes }, shard }
    }
    return { ...start, shard }
  }

  /**
   * Of a run that is complete one parent may have forgotten the lanes, while the other still has what
   * it once inherited and never saw grow. Without lanes every record of it is known for a duplicate.
   * To be asked after the parents' progress was read: a run that is not complete then was whole in it.
   */
  async #withoutCompleteRuns(
    lanes: Progress['lanes'],
    lost: AbortSignal,
  ): Promise<Progress['lanes']> {
    const { table, persist } = this.#ports
    const { id } = this.#generation
    const keys = [...lanes.keys()].map((run) => statusKey(id, run))
    const statuses = await persist(() => table.getMany(keys), lost)
    const complete = new Set(
      statuses.filter((status) => status.complete === true).map((status) => status.pk),
    )
    return new Map([...lanes].filter(([run]) => !complete.has(statusKey(id, run).pk)))
  }

  /**
   * A listing may lag behind, and whoever made the lease has seen a later one: only the shard itself
   * can say that it is gone.
   */
  async #unlisted(shardId: string, lost: AbortSignal): Promise<'gone' | 'unlisted'> {
    const { kinesis, persist } = this.#ports
    const oldest = { type: 'TRIM_HORIZON' } as const
    const iterator = await persist(() => kinesis.shardIterator(shardId, oldest), lost)
    return iterator === 'gone' ? 'gone' : 'unlisted'
  }

  /** What was counted of a shard that is gone stays as it is, and is known not to be all. */
  async noteTrimmed(shardId: string, lost: AbortSignal): Promise<void> {
    const { table, persist } = this.#ports
    const { id } = this.#generation
    const item = await persist(() => table.get(progressKey(id, shardId)), lost)
    if (item === undefined || item.ended === true) return
    const over: Progress = { ...parseProgress(item), ended: true, trimmed: true }
    // Refused: someone else has noted it, and only that can be.
    await persist(() => table.put(progressItem(id, over), progressCondition(over)), lost)
  }
}
