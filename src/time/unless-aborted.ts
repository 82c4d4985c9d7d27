/**
 * What `work` comes to; undefined as soon as `signal` aborts. Then nobody waits for it any more, nor
 * hears of it if it fails: a service that does not answer keeps its caller for a long time.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (signal.aborted) {
    work.catch(() => undefined)
    return undefined
  }
  const race = new AbortController()
  try {
    return await Promise.race([
      work,
      new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { signal: race.signal })
      }),
    ])
  } finally {
    race.abort()
    work.catch(() => undefined)
  }
}
