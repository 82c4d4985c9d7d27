/** Keeps one merger going among all workers of a generation. */
import type { Generation } from '../counts/generation.ts'
import { mergerKey, mergerStateKey } from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import type { WrittenPartials } from '../counts/written-partials.ts'
import type { Clock } from '../time/clock.ts'
import { Waker } from '../time/waker.ts'
import { hourKey, parseSpanKey } from '../windows/pane.ts'
import { attributesOf, listOf, textOf } from '../counts/item-values.ts'
import type { MergerSettings, MergerState } from './merger.ts'
import { Merger } from './merger.ts'
import { RoleLease } from './role-lease.ts'

export interface MergerRoleOptions extends MergerSettings {
  workerId: string
  failoverMillis: number
}

export interface MergerRolePorts {
  table: TablePort
  clock: Clock
  written?: WrittenPartials
  /** Whether there are write units left for a round. */
  mayWrite(): boolean
  onWrite?(item: Item): void
  onStuck?(run: string, error: Error): void
  onError(error: unknown): void
}

/** How often a worker looks whether the role is free. */
const LOOK_MILLIS = 500

/** Pending hours kept for the next merger; with more than these it looks at all partials instead. */
const MAX_PENDING = 5_000

/** Runs until `stop`; then merges once more and gives the role up. */
export async function runMergerRole(
  options: MergerRoleOptions,
  ports: MergerRolePorts,
  stop: AbortSignal,
): Promise<void> {
  const { clock, table } = ports
  const { generation, workerId, failoverMillis, tickMillis } = options
  const lease = new RoleLease(ports, { key: mergerKey(generation.id), workerId, failoverMillis })
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      ports.onError(error)
      return undefined
    }
  }
  // Whoever has just got the role begins at once: until then nothing is merged.
  const waker = new Waker(clock)
  stop.addEventListener('abort', () => waker.wake(), { once: true })
  const renewing = (async (): Promise<void> => {
    while (!stop.aborted) {
      const had = lease.held
      await attempt(() => lease.keep())
      if (lease.held && !had) waker.wake()
      await clock.sleep(lease.held ? failoverMillis / 4 : Math.min(LOOK_MILLIS, tickMillis), stop)
    }
  })()
  let merger: Merger | undefined
  // A stream at rest costs nothing: a state that stands in the table already is not written again.
  let written = ''
  const round = async (): Promise<void> => {
    if (!lease.held) {
      merger = undefined
      written = ''
      return
    }
    merger ??= new Merger(options, ports, await readState(table, generation))
    await merger.tick()
    const item = stateItem(generation, merger.state())
    const text = JSON.stringify(item)
    if (item === undefined || text === written) return
    await table.put(item)
    written = text
  }
  while (!stop.aborted) {
    if (ports.mayWrite()) await attempt(round)
    if (!stop.aborted) await waker.sleep(tickMillis)
  }
  await renewing
  await attempt(round)
  await attempt(() => lease.release())
}

async function readState(table: TablePort, generation: Generation): Promise<MergerState> {
  const item = await table.get(mergerStateKey(generation.id))
  return {
    merged: new Map(
      Object.entries(attributesOf(item?.merged)).map(([shard, seq]) => [shard, textOf(seq)]),
    ),
    pending: new Map(
      Object.entries(attributesOf(item?.pending)).map(([run, hours]) => [
        run,
        listOf(hours).map((hour) => parseSpanKey(textOf(hour))),
      ]),
    ),
  }
}

/** Nothing while too much is pending: the next merger then starts from an older state. */
function stateItem(generation: Generation, state: MergerState): Item | undefined {
  let pending = 0
  for (const hours of state.pending.values()) pending += hours.length
  if (pending > MAX_PENDING) return undefined
  return {
    ...mergerStateKey(generation.id),
    merged: Object.fromEntries(state.merged),
    pending: Object.fromEntries(
      [...state.pending]
        .filter(([, hours]) => hours.length > 0)
        .map(([run, hours]) => [run, hours.map(hourKey)]),
    ),
  }
}
