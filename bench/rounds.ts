/**
 * Interleaved rounds: in every round each contestant runs once, in the same process and one after
 * the other, so that what slows the machine down slows all of them. Ratios are taken within a round.
 */

export interface Contestant {
  name: string
  /** Does its work once; returns how many operations that was. */
  run(): number | Promise<number>
}

export interface Spread {
  median: number
  min: number
  max: number
}

export interface Standing {
  name: string
  /** Operations per second. */
  rate: Spread
  /** Rate of the first contestant over that of this one, round by round. */
  ratio: Spread
}

/** Runs `warmups` rounds that do not count, then `rounds` that do. The first contestant leads. */
export async function compete(
  contestants: readonly Contestant[],
  { rounds, warmups = 1 }: { rounds: number; warmups?: number },
): Promise<Standing[]> {
  const rates = contestants.map((): number[] => [])
  for (let round = -warmups; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const rate = await rateOf(contestant)
      if (round >= 0) rates[i].push(rate)
    }
  }
  return contestants.map(({ name }, i) => ({
    name,
    rate: spreadOf(rates[i]),
    ratio: spreadOf(rates[i].map((rate, round) => rates[0][round] / rate)),
  }))
}

async function rateOf(contestant: Contestant): Promise<number> {
  const startedAt = performance.now()
  const operations = await contestant.run()
  return (operations / (performance.now() - startedAt)) * 1000
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return {
    median: (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2,
    min: sorted[0],
    max: sorted[sorted.length - 1],
  }
}
