import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import { checkOneOf, checkWindow } from '../command-line.ts'
import * as options from '../options.ts'
import type { CountOptions } from './count.ts'
import type { ReplayOptions } from './replay.ts'

export interface DemoOptions extends Names, ReplayOptions, CountOptions {
  dryRun: boolean
  files: string[]
  shards: number | 'on-demand'
  workers: number
  top?: number
  exit?: boolean
  csv?: boolean
  dashboard: boolean
  port?: number
  dataDir?: string
}

/** A whole input in a minute and a half, unless told otherwise. */
const DEFAULT_DURATION_MILLIS = 90_000

export function addDemo(line: CommandLine): void {
  line.add<Omit<DemoOptions, 'files'>>({
    name: 'demo',
    description: 'everything on this machine: local pair, workers, replay, live counts',
    files: 'optional',
    options: [
      ...options.names(),
      ...options.input(),
      ...options.replaying(`1.5 minutes in all`),
      ...options.counting(),
      options.dryRun(),
      options.shards(),
      options.workers(),
      options.topN(),
      options.option('--exit', 'end when everything sent is counted; verify, and print the totals'),
      options.option('--csv', 'with --exit: the totals as CSV, nothing else on standard output'),
      options.option('--no-dashboard', 'without the page in the browser'),
      options.port(),
      options.option('--data-dir <dir>', 'keep the counts there'),
    ],
    async bind(parsed, files) {
      checkWindow(parsed)
      checkOneOf('demo', ['--speed', parsed.speed], ['--duration', parsed.duration])
      const pace = parsed.speed === undefined ? { duration: DEFAULT_DURATION_MILLIS } : {}
      const { demo } = await import('../demo.ts')
      return (program) => demo({ ...pace, ...parsed, files }, program)
    },
  })
}
