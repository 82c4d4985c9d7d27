import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

export function addInit(line: CommandLine): void {
  line.add<Names & { shards: number | 'on-demand'; reset: boolean; yes: boolean }>({
    name: 'init',
    description: 'make the stream and the counts table, and wait until they are active',
    options: [
      ...options.names(),
      options.shards(),
      options.option('--reset', 'remove what is there first; all counts are lost').default(false),
      options.option('--yes', 'yes, remove it').default(false),
    ],
    async bind(parsed) {
      const { init } = await import('../init.ts')
      return (program) => init(parsed, program)
    },
  })
}

export function addDestroy(line: CommandLine): void {
  line.add<Names & { yes: boolean }>({
    name: 'destroy',
    description: 'remove the stream and all tables',
    options: [...options.names(), options.option('--yes', 'yes, remove them').default(false)],
    async bind(parsed) {
      const { destroy } = await import('../init.ts')
      return (program) => destroy(parsed, program)
    },
  })
}
