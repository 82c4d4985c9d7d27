/** What a demo is of: the files and districts it is given, or the made-up ones. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { chooseDistricts } from '../consumers/districts.ts'
import type { LocalPair } from '../localstack/local-pair.ts'
import { startLocalPair } from '../localstack/local-pair.ts'
import { replay } from '../producers/replay.ts'
import { sampleCityPath } from '../samples/city-file.ts'
import { SAMPLE_CITY_NOTE } from '../samples/city.ts'
import { DEFAULT_SAMPLE_TRIPS, writeSampleTrips } from '../samples/sample-trips.ts'
import type { ExitCode, Program } from '../src/program/program.ts'
import { count, say } from '../src/program/program.ts'
import type { DemoOptions } from './commands/demo.ts'

/**
 * The pair starts while the input is made and looked at: neither needs the other, and somebody waits.
 * It is stopped again where the input is of no use.
 */
export async function pairAndInput(
  options: DemoOptions,
  folder: string,
  program: Program,
): Promise<{ pair: LocalPair; input: DemoOptions }> {
  const cancel = new AbortController()
  const starting = startLocalPair({
    signal: AbortSignal.any([program.drain, cancel.signal]),
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
  })
  const choosing = chooseInput(options, folder, program).catch((error: unknown) => {
    cancel.abort(error)
    throw error
  })
  const [input, pair] = await Promise.allSettled([choosing, starting])
  if (input.status === 'fulfilled' && pair.status === 'fulfilled') {
    return { pair: pair.value, input: input.value }
  }
  if (pair.status === 'fulfilled') await pair.value.stop()
  throw input.status === 'rejected' ? input.reason : (pair as PromiseRejectedResult).reason
}

/** Files that can be read again, and districts that can be read at all. */
export async function chooseInput(
  options: DemoOptions,
  folder: string,
  program: Program,
): Promise<DemoOptions> {
  const input = { ...options }
  if (options.files.length === 0) {
    const { trips, date } = DEFAULT_SAMPLE_TRIPS
    const file = join(folder, `sample-trips-${date}.csv`)
    await writeSampleTrips(file)
    say(
      program,
      `No files given: ${count(trips)} made-up trips of ${date}. README says where real ones are.`,
    )
    input.files = [file]
    input.quarantine ??= join(folder, 'rejected.ndjson')
    if (options.districts === undefined) {
      input.districts = sampleCityPath()
      input.districtId = 'id'
      say(program, SAMPLE_CITY_NOTE)
    }
  }
  if (input.files.includes('-')) {
    const copy = join(folder, 'stdin')
    await pipeline(program.stdin, createWriteStream(copy))
    input.files = input.files.map((file) => (file === '-' ? copy : file))
  }
  const { idProperty } = await chooseDistricts(input, program)
  return { ...input, ...(idProperty !== undefined && { districtId: idProperty }) }
}

export function forecast(input: DemoOptions, program: Program): Promise<ExitCode> {
  const { columns, duration, ...rest } = input
  const command = {
    ...rest,
    ...(duration !== undefined && { durationMillis: duration }),
    ...(columns !== undefined && { columns: columns.map, columnsText: columns.text }),
  }
  return replay(command, program)
}
