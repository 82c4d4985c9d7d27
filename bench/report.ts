/** What a benchmark says: one row a measurement, as text to read or as one JSON object a line. */
import { parseArgs } from 'node:util'
import type { Spread, Standing } from './rounds.ts'

/** Against a peer `median` and `spread` are of the ratio; else of what `unit` says. */
export interface Row {
  subject: string
  peer: string
  ratio: number | null
  median: number
  /** Least and greatest of all rounds. */
  spread: [number, number]
  unit: string
}

export interface BenchOptions {
  rounds: number
  print(row: Row): void
}

/** Rounds that the goals are stated for. */
const ROUNDS = 9

/** What every benchmark takes: `--rounds N` and `--json`. */
export function benchOptions(defaultRounds = ROUNDS): BenchOptions {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: String(defaultRounds) },
      json: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  if (!(rounds >= 1)) throw new RangeError('--rounds: expected 1 or more')
  return { rounds, print: printer(values.json) }
}

export function printer(json: boolean): (row: Row) => void {
  return json ? printJson : printText
}

function printJson({ subject, peer, ratio, median, spread, unit }: Row): void {
  console.log(JSON.stringify({ subject, peer, ratio, median, spread, unit }))
}

function printText({ subject, peer, ratio, median, spread, unit }: Row): void {
  const against = peer === '' ? '' : `${ratio === null ? 'against' : 'than'} ${peer}`
  const value = `${median} ${unit}`.padStart(20)
  console.log(`${subject.padEnd(46)}${value}  [${spread.join(' … ')}]  ${against}`.trimEnd())
}

/** A row without a peer. */
export function measured(subject: string, { median, min, max }: Spread, unit: string): Row {
  const spread: [number, number] = [rounded(min), rounded(max)]
  return { subject, peer: '', ratio: null, median: rounded(median), spread, unit }
}

/** The rows of a competition: the leader over each peer, then the leader's own rate. */
export function rowsOf(
  subject: string,
  standings: readonly Standing[],
  { factor, unit }: { factor: number; unit: string },
): Row[] {
  const [ours, ...theirs] = standings
  return [
    ...theirs.map(({ name, rate, ratio }): Row => {
      const median = rounded(ratio.median)
      return {
        subject,
        peer: `${name} (${rounded(rate.median * factor)} ${unit})`,
        ratio: median,
        median,
        spread: [rounded(ratio.min), rounded(ratio.max)],
        unit: '×',
      }
    }),
    measured(subject, scaled(ours.rate, factor), unit),
  ]
}

export function scaled({ median, min, max }: Spread, factor: number): Spread {
  return { median: median * factor, min: min * factor, max: max * factor }
}

/** Three digits that count. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
