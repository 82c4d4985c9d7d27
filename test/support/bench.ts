/** A local pair, a folder, and real processes in it that are all ended afterwards. */
import { startLocalPair } from '../../localstack/local-pair.ts'
import { eventually } from './eventually.ts'
import type { Ended, Running } from './hailstream.ts'
import { hailstream, start } from './hailstream.ts'
import { withTempDir } from './temp-dir.ts'

export interface Bench {
  cwd: string
  /** Where the pair is; for clients of the test's own. */
  environment: Record<string, string>
  run(...args: string[]): Promise<Ended>
  begin(...args: string[]): Running
}

export async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    const pair = await startLocalPair()
    const begun: Running[] = []
    const { environment } = pair
    const options = { cwd, environment }
    try {
      await work({
        cwd,
        environment,
        run: (...args) => hailstream(args, options),
        begin: (...args) => {
          const running = start(args, options)
          begun.push(running)
          return running
        },
      })
    } finally {
      for (const running of begun) running.process.kill('SIGKILL')
      await Promise.all(begun.map((running) => running.ended))
      await pair.stop()
    }
  })
}

/** The last line of `status --json`: the run's. */
export async function runStatus(
  bench: Bench,
  ...args: string[]
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { code, stdout } = await bench.run('status', '--json', ...args)
  if (code !== 0) return undefined
  const parsed: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}')
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined
}

export async function untilStatus(
  bench: Bench,
  what: string,
  holds: (status: Readonly<Record<string, unknown>>) => boolean,
  ...args: string[]
): Promise<void> {
  await eventually(
    what,
    async () => {
      const status = await runStatus(bench, ...args)
      return status !== undefined && holds(status)
    },
    60_000,
  )
}
