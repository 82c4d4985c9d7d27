/** What a command is run with in a bench: the real clock and the real dice, on an embedded pair. */
import type { LocalPair } from '../localstack/local-pair.ts'
import type { Program } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'

/** Everything that is said goes to stderr: stdout is for the figures. */
export function benchProgram({ environment }: Pick<LocalPair, 'environment'>): Program {
  return {
    environment: { ...process.env, ...environment },
    stdin: process.stdin,
    stdout: process.stderr,
    stderr: process.stderr,
    clock: systemClock,
    random: systemRandom,
    drain: new AbortController().signal,
    colour: false,
  }
}
