/**
 * `npm run simulate:mutations -- [NAME …] [--seeds N]`: breaks one guard at a time and looks whether
 * the simulation notices. Exit 1 when a mutant survives, or when its place in the code is gone.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { broken } from './mutate.ts'
import type { Mutation } from './mutations.ts'
import { MUTATIONS } from './mutations.ts'
import { runSeeds } from './seed-pool.ts'
import type { Verdict } from './simulation.ts'

process.exitCode = 1

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '200' }, json: { type: 'boolean', default: false } },
})
const chosen = MUTATIONS.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
)
const startedAt = performance.now()
let survivors = 0
for (const mutation of chosen) {
  checkPlace(mutation)
  const caught = await hunt(mutation)
  const line =
    caught === undefined
      ? `SURVIVED  ${mutation.name}: ${mutation.guard}`
      : `caught by seed ${String(caught.seed).padStart(3)}  ${mutation.name}: ${firstLine(caught)}`
  process.stdout.write(`${line}\n`)
  if (caught === undefined) survivors++
}
const seconds = Math.round((performance.now() - startedAt) / 1_000)
process.stdout.write(
  `${chosen.length - survivors} of ${chosen.length} mutants caught, in ${seconds} s\n`,
)
if (survivors === 0 && chosen.length > 0) process.exitCode = 0

/** The seed that catches the mutant: of those simulated, the lowest. */
async function hunt(mutation: Mutation): Promise<Verdict | undefined> {
  const wrong: Verdict[] = []
  await runSeeds({
    first: 1,
    count: Number(values.seeds),
    mutation: mutation.name,
    seedMillis: 30_000,
    enough: () => wrong.length > 0,
    onVerdict: (verdict) => {
      if (verdict.failure !== undefined) wrong.push(verdict)
    },
  })
  return wrong.sort((a, b) => a.seed - b.seed).at(0)
}

/** Throws here, and not in a child, where it would look like a mutant that was caught. */
function checkPlace(mutation: Mutation): void {
  const file = new URL(`../../src/${mutation.module}.js`, import.meta.url)
  broken(readFileSync(file, 'utf8'), mutation)
}

function firstLine({ failure }: Verdict): string {
  return (failure ?? '').split('\n')[0].slice(0, 160)
}
