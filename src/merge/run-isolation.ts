/**
 * Keeps what is wrong with one run from all others: a run whose merging fails rests, is noted as
 * stuck, and is tried again at a slow pace until it works. What concerns all runs, or passes, is
 * thrown on: then the round as a whole is tried again.
 */
import { statusKey } from '../counts/keys.ts'
import { stuckItem, stuckNow } from '../counts/stuck.ts'
import type { TablePort } from '../counts/table-port.ts'
import { asError, concernsAll, messageOf, withoutPaths } from '../errors.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { isRetryable } from '../time/retry.ts'

export interface IsolationPorts {
  table: TablePort
  clock: Clock
  /** The run could not be merged; others go on. */
  onStuck?(run: string, error: Error): void
}

/** From the first failure on; there is one merger, so nothing has to be left to chance. */
const PAUSES = { baseMillis: 1_000, capMillis: 30_000 }

export class RunIsolation {
  readonly #generation: string
  readonly #ports: IsolationPorts
  readonly #resting = new Map<string, { failures: number; until: number }>()

  constructor(generation: string, ports: IsolationPorts) {
    this.#generation = generation
    this.#ports = ports
  }

  /** Does `work` on the run, unless the run rests. */
  async attempt(run: string, work: () => Promise<void>): Promise<void> {
    const { clock } = this.#ports
    const rest = this.#resting.get(run)
    if (rest !== undefined && clock.monotonicMillis() < rest.until) return
    try {
      await work()
      this.#resting.delete(run)
    } catch (error) {
      if (isRetryable(error) || concernsAll(error)) throw error
      const failures = (rest?.failures ?? 0) + 1
      const pause = backoffMillis(failures, () => 1, PAUSES)
      this.#resting.set(run, { failures, until: clock.monotonicMillis() + pause })
      this.#ports.onStuck?.(run, asError(error))
      await this.#note(run, withoutPaths(messageOf(error)))
    }
  }

  async #note(run: string, reason: string): Promise<void> {
    const { table, clock } = this.#ports
    const note = stuckItem(this.#generation, { run, statusAt: 0, since: 0, attempts: 0, reason })
    const status = await table.get(statusKey(this.#generation, run))
    const earlier = stuckNow(await table.get(note), status)
    await table.put({
      ...note,
      statusAt: Number(status?.writtenAt ?? 0),
      since: earlier?.since ?? clock.now(),
      attempts: (earlier?.attempts ?? 0) + 1,
    })
  }
}
