/**
 * Routes for `verify`. The merged items tell those of the last half hour only; of every other pane
 * they are in the partials, one for each shard and block, and so those are read.
 */
import { BlockCounts } from '../src/counts/block-counts.ts'
import { slotsOf } from '../src/counts/generation.ts'
import { partialPk } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { inParallel } from '../src/merge/in-parallel.ts'
import { addRoute } from '../src/merge/routes-item.ts'
import type { PaneRoutes } from '../src/verify/recount.ts'
import { routesIn } from '../src/verify/recount.ts'
import type { View } from '../src/views/view.ts'
import { spanStart } from '../src/windows/pane.ts'

const QUERIES_AT_ONCE = 16
/** A query each: a month in blocks of half an hour takes 1,488. */
const MAX_BLOCKS = 2_000

export interface ComparedRoutes {
  truth: PaneRoutes
  table: PaneRoutes
  /** Blocks that were not looked at: there are too many. */
  leftOut: number
}

/** The routes of the newest blocks in which the truth, or any count of the table, has something. */
export async function compareRoutes(
  table: TablePort,
  view: View,
  truth: PaneRoutes,
  panes: Iterable<number>,
): Promise<ComparedRoutes> {
  const { blockMillis } = view.generation.geometry
  const all = new Set([...panes, ...truth.keys()].map((pane) => spanStart(pane, blockMillis)))
  const blocks = [...all].sort((a, b) => b - a).slice(0, MAX_BLOCKS)
  const chosen = new Set(blocks)
  return {
    truth: new Map([...truth].filter(([pane]) => chosen.has(spanStart(pane, blockMillis)))),
    table: await routesOfBlocks(table, view, blocks),
    leftOut: all.size - blocks.length,
  }
}

async function routesOfBlocks(
  table: TablePort,
  view: View,
  blocks: readonly number[],
): Promise<PaneRoutes> {
  const slots = slotsOf(view.generation)
  const { paneMillis } = view.generation.geometry
  const routes: PaneRoutes = new Map()
  await inParallel(blocks, QUERIES_AT_ONCE, async (block) => {
    for (const { counts } of await table.query(partialPk(view.generation.id, view.runId, block))) {
      if (!(counts instanceof Uint8Array)) continue
      BlockCounts.unpack(counts, slots).routes.each((pane, origin, destination, trips) => {
        const ofPane = routesIn(routes, block + pane * paneMillis)
        addRoute(ofPane, slots.ids[origin], slots.ids[destination], trips)
      })
    }
  })
  return routes
}
