/** The equations of the gate: every figure from a source of its own, side by side. */
import type { Counts, KnownTrips } from './known-trips.ts'

export interface Figures {
  known: KnownTrips
  /** What the replay says of itself, in the run item. */
  sent: { rowsRead: number; tripsSent: number; rejected: number }
  /** Reason → rows in the file of rejected rows. */
  quarantined: ReadonlyMap<string, number>
  /** Read from the stream by other code. */
  stream: { trips: number; foreign: number }
  /** What the workers say they took. */
  consumed: { counted: number; skipped: number }
  deadLetters: { run: number; foreign: number }
  gap: number
  counts: Counts
  foreign: { put: number; unreadable: number; counts: Counts }
}

export interface Account {
  text: string
  good: boolean
}

/** Differences that are shown. */
const SHOWN = 10

export function accounts(figures: Figures): Account[] {
  const { known, sent, stream, consumed, deadLetters, counts, foreign } = figures
  const rejected = sumOf(figures.quarantined)
  const lines = [
    equation('rows', [
      ['in the files', known.rows],
      ['read', sent.rowsRead],
      ['trips sent + rejected', sent.tripsSent + sent.rejected],
    ]),
    equation('rejected rows', [
      ['in the files', sumOf(known.rejected)],
      ['told', sent.rejected],
      ['kept', rejected],
    ]),
    ...reasons(known.rejected, figures.quarantined),
    equation('trips', [
      ['in the files', known.trips],
      ['put', sent.tripsSent],
      ['in the stream', stream.trips],
    ]),
    equation('records of others', [
      ['put', foreign.put],
      ['in the stream', stream.foreign],
    ]),
    equation('consumed', [
      ['in the stream', stream.trips + stream.foreign],
      ['counted + dead letters', consumed.counted + deadLetters.run + deadLetters.foreign],
    ]),
    equation('skipped as seen before', [
      ['expected', 0],
      ['told', consumed.skipped],
    ]),
    equation('missing from a lane', [
      ['expected', 0],
      ['told', figures.gap],
    ]),
    equation('dead letters of others', [
      ['put', foreign.unreadable],
      ['told', deadLetters.foreign],
    ]),
  ]
  for (const end of ['pickup', 'dropoff']) {
    const { inDistricts, unclassified } = endsOf(counts, end)
    const ofOthers = endsOf(foreign.counts, end)
    lines.push(
      equation(`${end}s`, [
        ['trips', known.trips],
        [
          `districts ${inDistricts} + unclassified ${unclassified} + dead letters ${deadLetters.run}`,
          inDistricts + unclassified + deadLetters.run,
        ],
      ]),
      equation(`${end}s of others`, [
        ['put', foreign.put],
        [
          'districts + unclassified + dead letters',
          ofOthers.inDistricts + ofOthers.unclassified + deadLetters.foreign,
        ],
      ]),
    )
  }
  return [...lines, ...differences(known.counts, counts)]
}

function equation(subject: string, figures: readonly [string, number][]): Account {
  const good = figures.every(([, value]) => value === figures[0][1])
  const sides = figures.map(([what, value]) => `${what} ${value}`)
  return { text: `${subject}: ${sides.join(good ? ' = ' : ' ≠ ')}`, good }
}

function reasons(known: ReadonlyMap<string, number>, kept: ReadonlyMap<string, number>): Account[] {
  const all = [...new Set([...known.keys(), ...kept.keys()])].sort()
  return all.map((reason) =>
    equation(`rejected as ${reason}`, [
      ['in the files', known.get(reason) ?? 0],
      ['kept', kept.get(reason) ?? 0],
    ]),
  )
}

function differences(known: Counts, counted: Counts): Account[] {
  const keys = [...new Set([...known.keys(), ...counted.keys()])].sort()
  const different = keys.filter((key) => known.get(key) !== counted.get(key))
  const lines = different.slice(0, SHOWN).map((key) => ({
    text: `${key}: known ${known.get(key) ?? 0} ≠ counted ${counted.get(key) ?? 0}`,
    good: false,
  }))
  const text = `counts by pane, district and measure: ${keys.length} compared, ${different.length} differ`
  return [...lines, { text, good: different.length === 0 }]
}

/** All `pickup`s or `dropoff`s. */
export function endsOf(counts: Counts, end: string): { inDistricts: number; unclassified: number } {
  const ends = { inDistricts: 0, unclassified: 0 }
  for (const [key, value] of counts) {
    const [, of, what] = key.split(' ')
    if (what === `${end}s`) ends.inDistricts += value
    if (of === end) ends.unclassified += value
  }
  return ends
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const value of counts.values()) sum += value
  return sum
}
