import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

export function addLocal(line: CommandLine): void {
  line.add<{ dataDir?: string; writeEnv?: string }>({
    name: 'local',
    endMillis: 20_000,
    description: 'an emulated Kinesis and DynamoDB in the foreground',
    options: [
      options.option('--data-dir <dir>', 'keep their data there (default: in memory)'),
      options.option('--write-env <file>', 'write what the other commands need: KEY=value lines'),
    ],
    async bind(parsed) {
      const { runLocal } = await import('../../localstack/local-command.ts')
      return async ({ drain, stdout, stderr }) => {
        await runLocal({ ...parsed, signal: drain, stdout, stderr })
        return 0
      }
    },
  })
}
