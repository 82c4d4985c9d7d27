import type { Names } from '../../src/program/program.ts'
import type { ColumnMap } from '../../src/trips/column-map.ts'
import type { ReleaseOrder } from '../../src/trips/trip.ts'
import type { CommandLine } from '../command-line.ts'
import { checkOneOf, checkWindow } from '../command-line.ts'
import * as options from '../options.ts'

export interface ReplayOptions {
  columns?: { text: string; map: ColumnMap }
  from?: number
  to?: number
  order: ReleaseOrder
  speed?: number
  duration?: number
  loop: boolean
  runId?: string
  newRun: boolean
  codec: 'binary' | 'json'
  lanes?: number
  quarantine?: string
}

export function addReplay(line: CommandLine): void {
  line.add<Names & ReplayOptions & { allowEmpty?: boolean; dryRun: boolean }>({
    name: 'replay',
    endMillis: 5_000,
    description: 'send trip files into the stream in event-time order',
    files: 'required',
    options: [
      ...options.names(),
      ...options.input(),
      ...options.replaying('1'),
      options.allowEmpty(),
      options.dryRun(),
    ],
    async bind({ columns, duration, ...rest }, files) {
      checkWindow(rest)
      checkOneOf('replay', ['--speed', rest.speed], ['--duration', duration])
      const { replay } = await import('../../producers/replay.ts')
      const command = {
        ...rest,
        files,
        ...(duration !== undefined && { durationMillis: duration }),
        ...(columns !== undefined && { columns: columns.map, columnsText: columns.text }),
      }
      return (program) => replay(command, program)
    },
  })
}
