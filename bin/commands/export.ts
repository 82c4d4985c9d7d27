import type { Names } from '../../src/program/program.ts'
import { SPANS } from '../../src/export/export-row.ts'
import type { Span } from '../../src/export/export-row.ts'
import type { CommandLine } from '../command-line.ts'
import { checkWindow } from '../command-line.ts'
import * as options from '../options.ts'

interface ExportOptions extends Names {
  runId?: string
  generation?: string
  from?: number
  to?: number
  of: Span
  format: 'csv' | 'jsonl' | 'parquet'
  out?: string
  readUnits?: number
}

export function addExport(line: CommandLine): void {
  line.add<ExportOptions>({
    name: 'export',
    description: 'the counts as a file: a row for each district in each pane, hour or day',
    options: [
      ...options.names(),
      ...options.view(),
      options.bound('from', 'only from this event time on'),
      options.bound('to', 'only before this event time'),
      options
        .option('--of <spans>', 'rows of panes, hours or days')
        .choices(SPANS)
        .default('panes'),
      options
        .option('--format <name>', 'csv, jsonl or parquet')
        .choices(['csv', 'jsonl', 'parquet'])
        .default('csv'),
      options.option(
        '--out <file>',
        'file to write; the same command goes on with one that was cut off (default: standard output)',
      ),
      options.readUnits(),
    ],
    async bind(parsed) {
      checkWindow(parsed)
      const { exportCounts } = await import('../../consumers/export.ts')
      return (program) => exportCounts(parsed, program)
    },
  })
}
