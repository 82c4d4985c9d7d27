/**
 * What a trip costs as things grow: `npm run bench:growth [-- --json]`.
 *
 * One operation is one trip; its cost is CPU time of all threads, so that a busy machine changes it
 * less, and the least of three passes. Shards: counted over a transport in memory, one process.
 * Districts: decoded, classified, counted. Rows: read from CSV and sorted within 128 MiB, the rest
 * in temporary files. Each size runs in a process of its own, whose largest memory is told as well.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Cost, Kind } from './growth/step.ts'
import { printer, rounded } from './report.ts'
import { spreadOf } from './rounds.ts'

const SIZES: readonly [Kind, readonly number[]][] = [
  ['shards', [1, 2, 4, 8]],
  ['districts', [5, 50, 500, 2_000]],
  ['rows', [10_000, 100_000, 1_000_000, 10_000_000]],
]

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const print = printer(values.json)
for (const [kind, sizes] of SIZES) {
  let first: { size: number; micros: number } | undefined
  for (const size of sizes) {
    const all: Cost[] = []
    for (let round = 0; round < Number(values.rounds); round++) all.push(await costAt(kind, size))
    const { median, min, max } = spreadOf(all.map(({ micros }) => micros))
    const megabytes = Math.max(...all.map((cost) => cost.megabytes))
    first ??= { size, micros: median }
    print({
      subject: `growth, ${size} ${kind}`,
      peer: `${first.size} ${kind}`,
      ratio: rounded(median / first.micros),
      median: rounded(median),
      spread: [rounded(min), rounded(max)],
      unit: 'µs CPU/trip',
    })
    print({
      subject: `growth, ${size} ${kind}, memory`,
      peer: '',
      ratio: null,
      median: rounded(megabytes),
      spread: [rounded(megabytes), rounded(megabytes)],
      unit: 'MB',
    })
  }
}

function costAt(kind: Kind, size: number): Promise<Cost> {
  const step = fileURLToPath(new URL('./growth/step.js', import.meta.url))
  return new Promise((resolve, reject) => {
    const child = fork(step, [kind, String(size)])
    let cost: Cost | undefined
    child.once('message', (message) => (cost = message as Cost))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (cost === undefined) reject(new Error(`${size} ${kind}: exit code ${code}`))
      else resolve(cost)
    })
  })
}
