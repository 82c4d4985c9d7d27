/** `report fares-by-hour`, `report tips`, `report top`. */
import type { Option } from 'commander'
import type { Names } from '../../src/program/program.ts'
import type { CommandLine } from '../command-line.ts'
import { checkOneOf, checkWindow } from '../command-line.ts'
import * as options from '../options.ts'

interface ReportOptions extends Names {
  runId?: string
  generation?: string
  from?: number
  to?: number
  json?: boolean
  csv?: boolean
}

interface TopOptions extends ReportOptions {
  by: 'pickups' | 'dropoffs'
  n: number
}

const shared = (): Option[] => [
  ...options.names(),
  ...options.view(),
  options.bound('from', 'only panes from this event time on'),
  options.bound('to', 'only panes before this event time'),
  options.option('--json', 'NDJSON'),
  options.option('--csv', 'CSV'),
]

export function addReport(line: CommandLine): void {
  const group = line.group('report', 'fares by hour, tips, and the districts with most trips')
  line.add<ReportOptions>(
    {
      name: 'fares-by-hour',
      description: 'the average fare of each pickup hour of the day',
      options: shared(),
      async bind(parsed) {
        const command = formatted(parsed)
        const { reportFares } = await import('../../consumers/report.ts')
        return (program) => reportFares(command, program)
      },
    },
    group,
  )
  line.add<ReportOptions>(
    {
      name: 'tips',
      description: 'trips by tip tier and fare tier, shares of the total',
      options: shared(),
      async bind(parsed) {
        const command = formatted(parsed)
        const { reportTips } = await import('../../consumers/report.ts')
        return (program) => reportTips(command, program)
      },
    },
    group,
  )
  line.add<TopOptions>(
    {
      name: 'top',
      description: 'the districts with most trips',
      options: [
        ...shared(),
        options.firstN(),
        options
          .option('--by <measure>', 'order by')
          .choices(['pickups', 'dropoffs'])
          .default('pickups'),
      ],
      async bind(parsed) {
        const command = formatted(parsed)
        const { reportTop } = await import('../../consumers/report.ts')
        return (program) => reportTop(command, program)
      },
    },
    group,
  )
}

function formatted<T extends ReportOptions>(
  parsed: T,
): Omit<T, 'json' | 'csv'> & { format: 'text' | 'json' | 'csv' } {
  const { json, csv, ...rest } = checkWindow(parsed)
  checkOneOf('report', ['--json', json], ['--csv', csv])
  return { ...rest, format: json === true ? 'json' : csv === true ? 'csv' : 'text' }
}
