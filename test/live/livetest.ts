/**
 * The gate before a release: `npm run livetest [-- --trips N --seed N --workers N --aws]`.
 *
 * Makes a stream and tables of its own, sends known files through real processes, reconciles every
 * figure, removes all of it again, and exits 0 when everything adds up, else 1. On an embedded pair
 * unless `--aws` is given: then on what the AWS environment names, which costs money on AWS.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { messageOf } from '../../src/errors.ts'
import { systemRandom } from '../../src/time/random.ts'
import { runLiveTest, throwAwayNames, writeKnownFiles } from './live-test.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
// Assume failure: only a run that came to a good end takes this back.
process.exitCode = 1

const SHARDS = 2
/** Kinesis bills a shard by the hour, and a write of the tables by the item: rounded up by far. */
const COST =
  'about 10 cents: 2 provisioned shards for an hour at most, and some 20,000 writes of on-demand ' +
  'tables (us-east-1 list prices of 2026-11)'

const { values } = parseArgs({
  options: {
    trips: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    aws: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

const [trips, workers, seed] = [
  wholeNumber('--trips', values.trips, 1),
  wholeNumber('--workers', values.workers, 1),
  wholeNumber('--seed', values.seed, 0),
]

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value
  say(`livetest: ${name}: got ${JSON.stringify(text)}, expected a whole number from ${least}.`)
  process.exit(2)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

const stop = new AbortController()
const names = throwAwayNames(systemRandom)
const byHand = `hailstream destroy --yes --stream ${names.stream} --table ${names.table} --application ${names.application}`
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) {
      if (values.aws) say(`Not everything was removed: ${byHand}`)
      process.exit(130)
    }
    say('Stopping, and removing what was made. Once more to leave it behind.')
    stop.abort(new Error('it was interrupted'))
  })
}

const folder = await mkdtemp(join(tmpdir(), 'hailstream-live-'))
const pair = values.aws ? undefined : await startLocalPair()
try {
  // As it is, and no copy: then the SDK reads profiles and session tokens by itself.
  const environment =
    pair === undefined
      ? process.env
      : { ...process.env, HAILSTREAM_EMULATED: 'yes', ...pair.environment }
  say(
    pair === undefined
      ? `Makes stream ${names.stream} and tables ${names.table}, ${names.application}-…; on AWS that costs ${COST}. Should it be killed: ${byHand}`
      : 'On an embedded pair.',
  )
  const known = await writeKnownFiles(folder, { trips, seed })
  const results = await runLiveTest({
    names,
    folder,
    known,
    environment,
    shards: SHARDS,
    workers,
    patienceMillis: 300_000,
    signal: stop.signal,
    say: values.verbose ? say : () => undefined,
  })
  for (const { text, good } of results)
    process.stdout.write(`${good ? 'ok   ' : 'WRONG'}  ${text}\n`)
  const good = results.every((account) => account.good)
  process.stdout.write(good ? 'Everything adds up.\n' : 'It does not add up.\n')
  if (good) process.exitCode = 0
} catch (error) {
  say(`livetest failed: ${messageOf(error)}`)
} finally {
  await pair?.stop()
  await rm(folder, { recursive: true, force: true })
}
