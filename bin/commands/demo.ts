import { HailstreamError } from '../../src/errors.ts'
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
  chaos: boolean
  seed?: number
  minutes?: number
}

/** A whole input in a minute and a half, unless told otherwise. */
const DEFAULT_DURATION_MILLIS = 90_000

export function addDemo(line: CommandLine): void {
  line.add<Omit<DemoOptions, 'files'>>({
    name: 'demo',
    endMillis: 60_000,
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
      ...options.chaos(),
    ],
    async bind(parsed, files) {
      checkWindow(parsed)
      checkOneOf('demo', ['--speed', parsed.speed], ['--duration', parsed.duration])
      checkChaos(parsed)
      if (parsed.csv && !parsed.exit) {
        throw new HailstreamError('USAGE', {
          subject: '--csv',
          got: 'it without --exit',
          expected: 'both: the totals are printed at the end',
        })
      }
      const duration =
        parsed.minutes === undefined ? DEFAULT_DURATION_MILLIS : parsed.minutes * 60_000
      const pace = parsed.speed === undefined ? { duration } : {}
      const { demo } = await import('../demo.ts')
      return (program) => demo({ ...pace, ...parsed, files }, program)
    },
  })
}

/** Trouble is made on demand only, and for a run that comes to an end: it is verified. */
function checkChaos({ chaos, seed, minutes, loop, dryRun }: Omit<DemoOptions, 'files'>): void {
  if (!chaos && (seed !== undefined || minutes !== undefined)) {
    throw new HailstreamError('USAGE', {
      subject: seed === undefined ? '--minutes' : '--seed',
      got: 'it without --chaos',
      expected: 'both or neither',
    })
  }
  checkOneOf('demo', ['--chaos', chaos || undefined], ['--loop', loop || undefined])
  checkOneOf('demo', ['--chaos', chaos || undefined], ['--dry-run', dryRun || undefined])
}
