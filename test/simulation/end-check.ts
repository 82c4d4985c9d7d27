/** What has to be true when everything has come to rest. */
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import {
  CURRENT_KEY,
  DEAD_LETTER_BLOCK,
  dayPk,
  hourPk,
  parsePartialPk,
  partialPk,
  partialPrefix,
  progressPk,
} from '../../src/counts/keys.ts'
import { statusKey } from '../../src/counts/keys.ts'
import { inheritLanes, parseProgress } from '../../src/counts/progress.ts'
import { FOREIGN_RUN } from '../../src/counts/trip-batch.ts'
import { attributesOf, textOf } from '../../src/counts/item-values.ts'
import { runViews } from '../../src/merge/run-view.ts'
import { sumPanes, sumsFrom, sumUnclassified, unclassifiedFrom } from '../../src/merge/columns.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../../src/time/units.ts'
import { differences, endsOf as countEnds } from '../../src/verify/compare.ts'
import type { PaneCounts } from '../../src/verify/recount.ts'
import { parseSpanKey } from '../../src/windows/pane.ts'
import { routesKey } from '../../src/merge/routes-item.ts'
import { listedRoutes, mostFrequent, routesOf } from './routes-watch.ts'
import type { World } from './simulation.ts'
import { isComplete } from './simulation.ts'
import { endsOf, panesOf, timeOf } from './truth.ts'
import type { End } from './truth.ts'

export function checkEnd(world: World): void {
  for (const run of world.ledger.runs.keys()) checkRun(world, run)
  checkForeign(world)
  checkCurrent(world)
}

/** Dashboards follow the run that started last. */
function checkCurrent(world: World): void {
  const { scenario, table, fail } = world
  if (world.lost.happened) return
  const latest = scenario.runs.reduce((a, b) => (b.startsAt > a.startsAt ? b : a))
  const current = table.item(CURRENT_KEY.pk, CURRENT_KEY.sk)
  if (current?.run !== latest.id) {
    fail(`dashboards follow ${textOf(current?.run)}, not ${latest.id}`)
  }
}

/** The ends that the shards have counted, by their progress: all there are, unless some were lost. */
function countedEnds({ ledger, table, generation }: World, run: string): End[] {
  const ends: End[] = []
  for (const progress of table.items(progressPk(generation.id)).map(parseProgress)) {
    for (const entries of ledger.shards.get(progress.shardId)?.get(run)?.values() ?? []) {
      for (const { seq, end } of entries) if (seq <= progress.seq) ends.push(end)
    }
  }
  return ends
}

function checkRun(world: World, run: string): void {
  const { ledger, table, generation, scenario, fail } = world
  const known = ledger.runs.get(run)
  if (known === undefined) return
  const { facts, sent, abandoned } = known
  if (!abandoned && sent.length !== facts.length) {
    fail(`${run}: ${sent.length} of ${facts.length} trips are in the stream`)
  }
  checkLost(world, run)
  const ends = countedEnds(world, run)
  const back = ends.filter(({ kind }) => kind === 'redriven').length
  if (!world.lost.happened && ends.length !== sent.flatMap(endsOf).length + 3 * back) {
    fail(`${run}: the shards have counted ${ends.length} ends`)
  }
  // Nothing can tell that a lane has ended when its last record is lost.
  if (!isComplete(world, run)) return
  if (world.lost.happened) {
    if (!hasPartialsAhead(world, run))
      compare(world, `${run}, by hours`, partialPanes(world, run), hoursOf(world, run))
    return
  }
  const truth = panesOf(ends, scenario.paneMillis)
  compare(world, `${run}, by hours`, truth, hoursOf(world, run))
  checkRoutes(world, run, ends)
  const byDay = panesOf(ends, DAY_MILLIS)
  compare(world, `${run}, by days`, byDay, daysOf(world, run))
  checkEquations(world, run, sent.length, truth)
  const { pk, sk } = statusKey(generation.id, run)
  const status = table.item(pk, sk)
  const gap = Number(status?.gap)
  const trips = Number(status?.trips)
  if (trips !== sent.length || gap !== 0) {
    fail(`${run}: status says ${trips} trips and ${gap} missing of ${sent.length} sent`)
  }
  const died = ends.filter(({ kind }) => kind === 'dead').length
  const dead = died - back
  if (scenario.redrives.length > 0 && dead !== 0) {
    fail(`${run}: ${back} of ${died} dead letters have come back`)
  }
  if (Number(status?.redriven) !== back) {
    fail(`${run}: status says that ${Number(status?.redriven)} letters came back, not ${back}`)
  }
  if (Number(status?.deadLetters) !== dead) {
    fail(`${run}: status says ${Number(status?.deadLetters)} dead letters of ${dead}`)
  }
}

/** The routes of the last half hour are those that a plain count of its dropoffs finds. */
function checkRoutes({ table, generation, fail }: World, run: string, ends: readonly End[]): void {
  const { pk, sk } = routesKey(generation.id, run)
  const item = table.item(pk, sk)
  const status = statusKey(generation.id, run)
  // Of a run that was given up before every lane was heard of there is no watermark.
  if (table.item(status.pk, status.sk)?.asOf === null) return
  const from = Date.parse(`${textOf(item?.from)}Z`)
  const to = Date.parse(`${textOf(item?.to)}Z`)
  const inWindow = ends.filter((end) => timeOf(end) >= from && timeOf(end) < to)
  const expected = mostFrequent(routesOf(inWindow)).join()
  const found = listedRoutes(item)
    .map(({ origin, destination, trips }) => `${origin} ${destination} ${trips}`)
    .join()
  if (item?.final !== true) fail(`${run}: its routes are not final`)
  if (found !== expected) fail(`${run}: its routes should be ${expected}, and are ${found}`)
}

/** Trips that are not counted are told, lane by lane, whatever became of the shards. */
function checkLost(world: World, run: string): void {
  const { ledger, table, generation, lost, fail } = world
  const known = ledger.runs.get(run)
  if (!lost.happened || known === undefined || known.abandoned) return
  const shards = table.items(progressPk(generation.id)).map(parseProgress)
  const view = runViews(shards).get(run)
  const { pk, sk } = statusKey(generation.id, run)
  // Of a complete run the lanes are forgotten; what was lost of it stands in its status.
  const complete = isComplete(world, run)
  const told = complete ? Number(table.item(pk, sk)?.lostTrips) : (view?.gap ?? 0)
  let open = false
  for (const [lane, { next }] of complete ? [] : known.lanes.entries()) {
    const counted = inheritLanes(shards).get(run)?.get(lane)
    if (counted?.ended === true || (counted?.next ?? 0) >= next) continue
    open = true
    const isTold = view?.lost.some((range) => range.lane === lane && range.last === null) === true
    // A lane that nobody has ever heard of holds the run back, by its name.
    if (counted !== undefined && !isTold && !lost.unbegun) {
      fail(`${run}: of lane ${lane} trips from ${counted.next} on are lost in silence`)
    }
  }
  const missing = known.sent.length - tripsInPartials(world, run)
  if (!open && missing > told) fail(`${run}: ${missing} trips are lost, and ${told} are told of`)
}

/** Trips counted by any shard, dead letters included. */
function tripsInPartials(world: World, run: string): number {
  const { pickup } = countEnds(partialPanes(world, run))
  let trips = pickup.districts + deadLettersIn(world, run)
  for (const count of pickup.unclassified.values()) trips += count
  return trips
}

function deadLettersIn({ table, generation }: World, run: string): number {
  const slots = new DistrictSlots(generation.districts.ids, true)
  let dead = 0
  for (const { counts } of table.items(partialPk(generation.id, run, DEAD_LETTER_BLOCK))) {
    if (counts instanceof Uint8Array) dead += BlockCounts.unpack(counts, slots).deadLetters
  }
  return dead
}

/** For each end: trips = Σ districts + unclassified + dead letters. */
function checkEquations(world: World, run: string, sent: number, truth: PaneCounts): void {
  const { table, generation, fail } = world
  const { pk, sk } = statusKey(generation.id, run)
  const dead = Number(table.item(pk, sk)?.deadLetters)
  const counted = countEnds(truth)
  for (const end of ['pickup', 'dropoff'] as const) {
    let unclassified = 0
    for (const count of counted[end].unclassified.values()) unclassified += count
    if (counted[end].districts + unclassified + dead !== sent) {
      fail(
        `${run}: ${sent} trips, but ${counted[end].districts} ${end}s in districts, ` +
          `${unclassified} unclassified and ${dead} dead letters`,
      )
    }
  }
}

function compare(world: World, name: string, truth: PaneCounts, table: PaneCounts): void {
  for (const { pane, id, measure, truth: a, table: b } of differences(truth, table)) {
    world.fail(`${name}: ${measure} of ${id} at ${pane} should be ${a}, and is ${b}`)
    return
  }
}

/** What a lost shard has in partials and not in its progress, no merger needs to have seen. */
function hasPartialsAhead({ table, generation }: World, run: string): boolean {
  const seqs = new Map(table.items(progressPk(generation.id)).map(({ sk, seq }) => [sk, seq]))
  const pks = table.partitionKeys(partialPrefix(generation.id, run))
  return pks.some((pk) => table.items(pk).some(({ sk, seq }) => textOf(seq) > textOf(seqs.get(sk))))
}

/** The sum of all partials, whatever they are. */
function partialPanes({ table, generation }: World, run: string): PaneCounts {
  const panes: PaneCounts = new Map()
  const { paneMillis } = generation.geometry
  const slots = new DistrictSlots(generation.districts.ids, true)
  for (const pk of table.partitionKeys(partialPrefix(generation.id, run))) {
    const { block } = parsePartialPk(pk)
    for (const { counts } of table.items(pk)) {
      if (!(counts instanceof Uint8Array) || block === DEAD_LETTER_BLOCK) continue
      const ofBlock = BlockCounts.unpack(counts, slots)
      for (let i = 0; i < ofBlock.panes; i++) {
        const start = block + i * paneMillis
        const pane = panes.get(start)
        panes.set(start, {
          sums: sumPanes(ofBlock, slots, i, i + 1, pane?.sums),
          unclassified: sumUnclassified(ofBlock, i, i + 1, pane?.unclassified),
        })
      }
    }
  }
  return panes
}

function hoursOf({ table, generation }: World, run: string): PaneCounts {
  const panes: PaneCounts = new Map()
  for (const hour of table.items(hourPk(generation.id, run))) {
    const start = parseSpanKey(hour.sk)
    for (const [name, pane] of Object.entries(attributesOf(hour.panes))) {
      panes.set(start + (parseSpanKey(`1970-01-01T${name}`) % HOUR_MILLIS), {
        sums: sumsFrom(pane),
        unclassified: unclassifiedFrom(attributesOf(pane).unclassified),
      })
    }
  }
  return panes
}

function daysOf({ table, generation }: World, run: string): PaneCounts {
  return new Map(
    table
      .items(dayPk(generation.id, run))
      .map((day) => [
        parseSpanKey(day.sk),
        { sums: sumsFrom(day), unclassified: unclassifiedFrom(day.unclassified) },
      ]),
  )
}

/** Nothing says that a foreign producer has finished; its counts are whole in the partials. */
function checkForeign(world: World): void {
  const { ledger, scenario, fail } = world
  if (world.lost.happened) return
  const ends = countedEnds(world, FOREIGN_RUN)
  const readable = ends.filter(({ kind }) => kind === 'pickup').length
  const dead = ends.filter(({ kind }) => kind === 'dead').length
  const back = ends.filter(({ kind }) => kind === 'redriven').length
  if (dead + readable - back !== ledger.foreignRecords) {
    fail(`foreign: ${dead + readable} of ${ledger.foreignRecords} records are counted`)
  }
  const truth = panesOf(ends, scenario.paneMillis)
  compare(world, 'foreign, by partials', truth, partialPanes(world, FOREIGN_RUN))
  const counted = deadLettersIn(world, FOREIGN_RUN)
  if (counted !== dead) fail(`foreign: ${counted} dead letters of ${dead}`)
}
