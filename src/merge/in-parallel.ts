import { asError, concernsAll } from '../errors.ts'
import { isRetryable } from '../time/retry.ts'

/**
 * Works on all items, at most `concurrency` at a time, in their order. One that fails stops none of
 * the others, unless what failed will fail for them too; whoever called gets the first failure once
 * nothing is under way any more.
 */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.slice().reverse()
  const failures: Error[] = []
  const next = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      try {
        await work(item)
      } catch (error) {
        failures.push(asError(error))
        if (isRetryable(error) || concernsAll(error)) queue.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, next))
  if (failures.length > 0) throw failures[0]
}
