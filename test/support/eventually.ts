/**
 * Asks again every few milliseconds until `condition` holds. For what another process does; what
 * happens in this one is awaited or driven by a fake clock.
 */
export async function eventually(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  timeoutMillis = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMillis
  while (!(await condition())) {
    if (performance.now() > deadline) {
      const missed = typeof what === 'string' ? what : what()
      throw new Error(`got no end of waiting for "${missed}" within ${timeoutMillis} ms`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
