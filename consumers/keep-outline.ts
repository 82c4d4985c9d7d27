/** Keeps the outlines of a generation's districts in the table, so that dashboards need no file. */
import type { Generation } from '../src/counts/generation.ts'
import { outlineKey } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { messageOf } from '../src/errors.ts'
import { packOutlineOf } from '../src/outline/outline-file.ts'
import type { Program } from '../src/program/program.ts'
import { say } from '../src/program/program.ts'
import type { DistrictOptions } from './districts.ts'

/** Once a generation. Counting does not depend on it, so a failure is said, and that is all. */
export async function keepOutline(
  table: TablePort,
  generation: Generation,
  { districts: path, districtId: idProperty }: DistrictOptions,
  program: Program,
): Promise<void> {
  if (path === undefined) return
  const key = outlineKey(generation.id)
  try {
    if ((await table.get(key)) !== undefined) return
    const { fingerprint } = generation.districts
    const made = await packOutlineOf({ path, idProperty, fingerprint }, program.drain)
    if (made === undefined || program.drain.aborted) return
    await table.put(
      {
        ...key,
        format: 'topojson+gzip',
        outline: made.outline,
        note: made.note,
        version: 1,
        writtenAt: program.clock.now(),
      },
      { kind: 'absent' },
    )
  } catch (error) {
    if (program.drain.aborted) return
    say(program, `The map will have no outlines of districts: ${messageOf(error)}`)
  }
}
