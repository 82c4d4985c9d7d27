import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

export function addRedrive(line: CommandLine): void {
  line.add<Names & { run?: string }>({
    name: 'redrive',
    endMillis: 5_000,
    description: 'put dead letters back after a fix, each once',
    arguments: [
      { name: '<from>', description: 'a folder or file of dead letters, or stream:NAME' },
    ],
    options: [...options.names(), options.option('--run <name>', 'of this run only')],
    async bind(parsed, [from]) {
      const { redriveLetters } = await import('../../producers/redrive.ts')
      return (program) => redriveLetters({ ...parsed, from }, program)
    },
  })
}
