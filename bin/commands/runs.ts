import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

const RUN = [{ name: '<run>', description: 'name of the run' }]

/** `runs list`, `runs end RUN`, `runs delete RUN`. */
export function addRuns(line: CommandLine): void {
  const runs = line.group('runs', 'list, end or delete runs')
  line.add<Names & { json?: boolean }>(
    {
      name: 'list',
      description: 'the runs of the table, oldest first',
      options: [...options.names(), options.option('--json', 'NDJSON')],
      async bind(parsed) {
        const { listRuns } = await import('../../consumers/runs.ts')
        return (program) => listRuns(parsed, program)
      },
    },
    runs,
  )
  line.add<Names>(
    {
      name: 'end',
      description: 'give a run up: nothing more of it is counted, and nobody waits for it',
      arguments: RUN,
      options: options.names(),
      async bind(parsed, [run]) {
        const { endRun } = await import('../../producers/end-run.ts')
        return (program) => endRun({ ...parsed, run }, program)
      },
    },
    runs,
  )
  line.add<Names & { yes: boolean }>(
    {
      name: 'delete',
      description: 'remove a run that has ended, with its counts',
      arguments: RUN,
      options: [...options.names(), options.option('--yes', 'yes, remove it').default(false)],
      async bind(parsed, [run]) {
        const { deleteRun } = await import('../../consumers/runs.ts')
        return (program) => deleteRun({ ...parsed, run }, program)
      },
    },
    runs,
  )
}
