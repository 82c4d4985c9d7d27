/** What a reader looks at: one run of one generation. */
import type { Generation } from '../counts/generation.ts'
import { parseGeneration } from '../counts/generation.ts'
import {
  CURRENT_KEY,
  GENERATION_PK,
  generationKey,
  RUN_PK,
  runKey,
  statusKey,
} from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import { HailstreamError } from '../errors.ts'
import type { Run } from '../runs/run.ts'
import { parseRun } from '../runs/run.ts'

export interface View {
  generation: Generation
  runId: string
  /** Absent for `foreign`, which no replay made. */
  run: Run | undefined
}

/** The run and generation asked for; what dashboards follow where nothing is asked for. */
export async function resolveView(
  table: TablePort,
  wanted: { run?: string | undefined; generation?: string | undefined },
): Promise<View> {
  const current = await table.get(CURRENT_KEY)
  const generationId =
    wanted.generation ??
    textOrUndefined(current?.generation) ??
    (wanted.run === undefined ? undefined : await newestGeneration(table))
  const runId = wanted.run ?? textOrUndefined(current?.run)
  if (generationId === undefined || runId === undefined) {
    throw new HailstreamError('RUN', {
      subject: 'Counts',
      got: 'none yet',
      expected: 'a run that was counted',
      fix: 'Start `hailstream count` and `hailstream replay`.',
    })
  }
  const generation = await table.get(generationKey(generationId))
  if (generation === undefined) {
    throw new HailstreamError('GENERATION', {
      subject: '--generation',
      got: generationId,
      expected: await oneOf(table, GENERATION_PK),
    })
  }
  const run = await table.get(runKey(runId))
  if (run === undefined && wanted.run !== undefined && runId !== 'foreign') {
    throw new HailstreamError('RUN', {
      subject: '--run-id',
      got: runId,
      expected: await oneOf(table, RUN_PK),
    })
  }
  const parsed = run === undefined ? undefined : parseRun(run)
  if (parsed?.state === 'deleted') {
    throw new HailstreamError('RUN', {
      subject: `Run ${runId}`,
      got: 'a run that was deleted',
      expected: await oneOf(table, RUN_PK),
    })
  }
  return { generation: parseGeneration(generation), runId, run: parsed }
}

export async function statusOf(table: TablePort, view: View): Promise<Item | undefined> {
  return table.get(statusKey(view.generation.id, view.runId))
}

/** Before any run has a watermark nothing is followed; its status can be asked for all the same. */
async function newestGeneration(table: TablePort): Promise<string | undefined> {
  const generations = (await table.query(GENERATION_PK)).map(parseGeneration)
  return generations.sort((a, b) => b.createdAt - a.createdAt).at(0)?.id
}

async function oneOf(table: TablePort, pk: string): Promise<string> {
  const items = await table.query(pk)
  return items.length === 0
    ? 'one that was counted; there is none yet'
    : `one of ${items.map((item) => item.sk).join(', ')}`
}

function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Throws `USAGE` for a district that the view cannot have counts of; undefined is any. */
export function checkDistrict(district: string | undefined, view: View): void {
  const { ids, zones } = view.generation.districts
  if (district === undefined || zones || district === 'NONE' || ids.includes(district)) return
  throw new HailstreamError('USAGE', {
    subject: '--district',
    got: district,
    expected: `one of the ${ids.length} districts, such as ${ids.slice(0, 3).join(', ')}`,
  })
}
