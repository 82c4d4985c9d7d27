/** The processes of a demo: each on a post of its own, started as a user would start it. */
import type { Program } from '../src/program/program.ts'
import { count, say } from '../src/program/program.ts'
import { Post } from './chaos/post.ts'
import type { ChaosStage } from './chaos/stage.ts'
import { Child } from './child.ts'
import type { DemoOptions } from './commands/demo.ts'
import { countArguments, dashboardArguments, replayArguments } from './demo-arguments.ts'

export interface Replaying {
  post: Post
  /** Resolves once the replay has read its input. */
  runId: Promise<string>
  stage: ChaosStage | undefined
}

const TELL_MILLIS = 3_000

export function workerPost(
  number: number,
  input: DemoOptions,
  inside: Program,
  stage: ChaosStage | undefined,
): Post {
  return new Post(`worker-${number}`, (_turn, holder) => {
    const onTalk = (line: string): void => stage?.hear(line)
    return new Child(holder, countArguments(input, holder), inside.environment, { onTalk })
  })
}

export function dashboardPost(
  input: DemoOptions,
  { inside, program }: { inside: Program; program: Program },
  onAnswer: (line: string) => void,
): Post {
  // Its address is told once it answers; of its troubles the workers tell as well.
  const onTalk = (line: string): void => {
    if (!line.startsWith('Dashboard http')) return
    say(program, line)
    onAnswer(line)
  }
  const name = 'the dashboard'
  return new Post(
    name,
    () => new Child(name, dashboardArguments(input), inside.environment, { onTalk }),
  )
}

/** `program` hears of it; `inside` is the environment in which it runs. */
export function startReplay(
  input: DemoOptions,
  around: {
    inside: Program
    program: Program
    stage: ChaosStage | undefined
    workers: readonly Post[]
  },
): Replaying {
  const { inside, program, stage, workers } = around
  let toldAt = -Infinity
  let run: string | undefined
  let named: (runId: string) => void = () => undefined
  const runId = new Promise<string>((resolve) => (named = resolve))
  // On a terminal the table of counts has the screen to itself.
  const quiet = input.exit === true || program.stdout.isTTY !== true
  const onTalk = (line: string): void => {
    if (quiet && !line.startsWith('hailstream: ')) say(program, line)
  }
  const onData = (line: Record<string, unknown>): void => {
    if (line.type === 'run' || line.type === 'complete') named((run = String(line.run)))
    if (line.type === 'run') stage?.begin(Number(line.plannedSeconds) * 1000, workers, post)
    const now = program.clock.monotonicMillis()
    if (!quiet || line.type !== 'progress' || now - toldAt < TELL_MILLIS) return
    toldAt = now
    const { eventTime, trips, tripsPerSecond } = line
    say(
      program,
      `${typeof eventTime === 'string' ? eventTime : 'nothing yet'}  ${count(Number(trips))} trips sent, ${count(Number(tripsPerSecond))}/s`,
    )
  }
  const post = new Post('the replay', (turn) => {
    // The same command each time; but a new run is new only once.
    const again =
      run === undefined || !input.newRun ? input : { ...input, runId: run, newRun: false }
    return new Child('the replay', replayArguments(again), inside.environment, {
      onTalk,
      onData: (line) => {
        stage?.sent(turn, line)
        onData(line)
      },
    })
  })
  return { post, runId, stage }
}
