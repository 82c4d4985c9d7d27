import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

interface DashboardOptions extends Names {
  runId?: string
  generation?: string
  port?: number
  host: string
}

export function addDashboard(line: CommandLine): void {
  line.add<DashboardOptions>({
    name: 'dashboard',
    description: 'a live map in the browser, and a JSON API, from the table alone',
    options: [...options.names(), ...options.view(), options.port(), options.host()],
    async bind(parsed) {
      const { dashboard } = await import('../../consumers/dashboard.ts')
      const { packageHome } = await import('../package-home.ts')
      return (program) => dashboard({ ...parsed, home: packageHome() }, program)
    },
  })
}
