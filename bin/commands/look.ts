/** The commands that look: tail, counts, status, verify. */
import type { Names } from '../../src/program/program.ts'
import type { ColumnMap } from '../../src/trips/column-map.ts'
import type { ReleaseOrder } from '../../src/trips/trip.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { SHOWN_MEASURES } from '../../src/views/shown-measure.ts'
import type { CommandLine } from '../command-line.ts'
import { checkOneOf, checkWindow } from '../command-line.ts'
import * as options from '../options.ts'

interface ViewOptions extends Names {
  runId?: string
  generation?: string
}

interface TailOptions extends ViewOptions {
  rolling?: number
  by: ShownMeasure
  top?: number
  district?: string
  json?: boolean
}

export function addTail(line: CommandLine): void {
  line.add<TailOptions>({
    name: 'tail',
    description: 'follow the rolling counts: a live view on a terminal, else a line a change',
    options: [
      ...options.names(),
      ...options.view(),
      options.rolling(),
      options
        .option('--by <measure>', 'measure shown, and sorted by')
        .choices(SHOWN_MEASURES)
        .default('pickups'),
      options.topN(),
      options.option('--district <id>', 'only this district'),
      options.option('--json', 'NDJSON, one object a change'),
    ],
    async bind({ rolling, ...rest }) {
      const { tail } = await import('../../consumers/tail.ts')
      const command = { ...rest, ...(rolling !== undefined && { rollingMillis: rolling }) }
      return (program) => tail(command, program)
    },
  })
}

interface CountsOptions extends ViewOptions {
  totals?: boolean
  window?: number
  from?: number
  to?: number
  district?: string
  json?: boolean
  csv?: boolean
}

export function addCounts(line: CommandLine): void {
  line.add<CountsOptions>({
    name: 'counts',
    description: 'the counts as they stand: totals, or window by window',
    options: [
      ...options.names(),
      ...options.view(),
      options.option('--totals', 'one row a district over the whole run (the default)'),
      options.window(),
      options.bound('from', 'only panes from this event time on'),
      options.bound('to', 'only panes before this event time'),
      options.option('--district <id>', 'only this district, or NONE'),
      options.option('--json', 'NDJSON, with every measure'),
      options.option('--csv', 'CSV'),
    ],
    async bind({ json, csv, totals, window, ...rest }) {
      checkWindow(rest)
      checkOneOf('counts', ['--totals', totals], ['--window', window])
      checkOneOf('counts', ['--json', json], ['--csv', csv])
      const { counts } = await import('../../consumers/counts.ts')
      const format = json === true ? 'json' : csv === true ? 'csv' : 'text'
      const command = {
        ...rest,
        format,
        ...(window !== undefined && { windowMillis: window }),
      } as const
      return (program) => counts(command, program)
    },
  })
}

export function addStatus(line: CommandLine): void {
  line.add<ViewOptions & { json?: boolean }>({
    name: 'status',
    description: 'who counts what, how far behind, and what holds the run back',
    options: [...options.names(), ...options.view(), options.option('--json', 'NDJSON')],
    async bind(parsed) {
      const { status } = await import('../../consumers/status.ts')
      return (program) => status(parsed, program)
    },
  })
}

interface VerifyOptions extends ViewOptions {
  districts?: string
  districtId?: string
  columns?: { text: string; map: ColumnMap }
  from?: number
  to?: number
  order: ReleaseOrder
  timeout: number
}

export function addVerify(line: CommandLine): void {
  line.add<VerifyOptions>({
    name: 'verify',
    isVerdict: true,
    description: 'recount the files in batch and compare the table with that, to the trip',
    files: 'required',
    options: [
      ...options.names(),
      ...options.districts(),
      ...options.view('the newest that replayed these files', 'the newest with these districts'),
      ...options.input(),
      options.timeout(),
    ],
    async bind({ columns, timeout, ...rest }, files) {
      checkWindow(rest)
      const { verify } = await import('../../consumers/verify.ts')
      const command = {
        ...rest,
        files,
        timeoutMillis: timeout,
        ...(columns !== undefined && { columns: columns.map, columnsText: columns.text }),
      }
      return (program) => verify(command, program)
    },
  })
}
