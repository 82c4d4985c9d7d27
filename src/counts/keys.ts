/** Where each item of the counts table stands; docs/table.md describes them. */
import { blockKey, parseSpanKey } from '../windows/pane.ts'
import type { ItemKey } from './table-port.ts'

/** The block that holds a run's dead letters, which have no time of their own. */
export const DEAD_LETTER_BLOCK = -Infinity

/** The attribute by which DynamoDB lets items go: Unix seconds. */
export const EXPIRES_AT = 'expiresAt'

export const CURRENT_KEY: ItemKey = { pk: 'current', sk: 'current' }
export const RUN_PK = 'run'
export const GENERATION_PK = 'generation'

export const runKey = (run: string): ItemKey => ({ pk: RUN_PK, sk: run })
export const frontierKey = (run: string): ItemKey => ({ pk: 'frontier', sk: run })
/** The log of the dead letters of a run that come back. */
export const redrivePk = (generation: string, run: string): string => `redrive#${generation}#${run}`
export const generationKey = (generation: string): ItemKey => ({
  pk: GENERATION_PK,
  sk: generation,
})
/** Outlines of a generation's districts, for drawing. */
export const outlineKey = (generation: string): ItemKey => ({ pk: 'outline', sk: generation })
export const progressPk = (generation: string): string => `progress#${generation}`
export const progressKey = (generation: string, shardId: string): ItemKey => ({
  pk: progressPk(generation),
  sk: shardId,
})
/** Notes on shards that are parked. */
export const parkedPk = (generation: string): string => `parked#${generation}`
/** A note that a run is stuck. */
export const stuckKey = (generation: string, run: string): ItemKey => ({
  pk: `stuck#${generation}`,
  sk: run,
})
export const mergerKey = (generation: string): ItemKey => ({
  pk: `merger#${generation}`,
  sk: 'lease',
})
export const mergerStateKey = (generation: string): ItemKey => ({
  pk: `merger#${generation}`,
  sk: 'state',
})

export const partialPrefix = (generation: string, run?: string): string =>
  run === undefined ? `partial#${generation}#` : `partial#${generation}#${run}#`
export const partialPk = (generation: string, run: string, block: number): string =>
  partialPrefix(generation, run) + (block === DEAD_LETTER_BLOCK ? 'dead' : blockKey(block))

/** The run and block that a partial's pk names. */
export function parsePartialPk(pk: string): { run: string; block: number } {
  const [, , run, block] = pk.split('#')
  return { run, block: block === 'dead' ? DEAD_LETTER_BLOCK : parseSpanKey(block) }
}

export const hourPk = (generation: string, run: string): string => `hour#${generation}#${run}`
export const dayPk = (generation: string, run: string): string => `day#${generation}#${run}`
export const rollingPk = (generation: string, run: string): string => `rolling#${generation}#${run}`
export const statusKey = (generation: string, run: string): ItemKey => ({
  pk: `status#${generation}#${run}`,
  sk: 'status',
})
