import type { Names } from '../../src/program/program.ts'
import { checkOneOf } from '../command-line.ts'
import type { CommandLine } from '../command-line.ts'
import * as options from '../options.ts'

export interface CountOptions {
  districts?: string
  districtId?: string
  pane: number
  start: 'trim-horizon' | 'latest' | number
  writeUnits?: number
  mergeUnits?: number
  outOfOrderness: number
  flush: number
  failover: number
  rolling?: readonly number[]
  deadLetter?: string
  deadLetters?: string
  fanOut: boolean
}

export function addCount(line: CommandLine): void {
  line.add<Names & CountOptions & { worker?: string }>({
    name: 'count',
    endMillis: 15_000,
    description: 'a worker: count the stream by district',
    options: [...options.names(), ...options.counting(), options.worker()],
    async bind({ pane, outOfOrderness, flush, failover, rolling, ...rest }) {
      const { countStream } = await import('../../consumers/count.ts')
      checkOneOf('count', ['--dead-letter', rest.deadLetter], ['--dead-letters', rest.deadLetters])
      const command = {
        ...rest,
        paneMillis: pane,
        outOfOrdernessMillis: outOfOrderness,
        flushMillis: flush,
        failoverMillis: failover,
        ...(rolling !== undefined && { rollingMillis: rolling }),
      }
      return (program) => countStream(command, program)
    },
  })
}
