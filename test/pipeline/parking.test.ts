import * as assert from 'uvu/assert'
import { parkedPk, progressPk } from '../../src/counts/keys.ts'
import { parkedNow, parseParked } from '../../src/counts/parked.ts'
import type { ParkedShard } from '../../src/counts/parked.ts'
import { parseProgress } from '../../src/counts/progress.ts'
import { HailstreamError } from '../../src/errors.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { KinesisPort } from '../../src/kinesis/kinesis-port.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import { isOfOneShard, isParked, pauseAfter, troubleAfter } from '../../src/pipeline/parking.ts'
import type { WorkerEvent } from '../../src/pipeline/worker.ts'
import { openShards } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { plainGeneration, plainWorker } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('a shard whose records make their handler throw')

const SHARDS = ['shard-a', 'shard-b']
const RECORDS = 20
const POISON = 'poison'
const generation = plainGeneration()

/** Two shards of as many foreign records; the sixth of the first is one that its handler fears. */
function stream(): KinesisPort {
  const dataOf = (shardId: string, n: number): Uint8Array =>
    Buffer.from(shardId === SHARDS[0] && n === 6 ? POISON : 'no trip')
  return openShards(SHARDS, (shardId, n) => (n < RECORDS ? [dataOf(shardId, n + 1)] : []))
}

class Stage {
  readonly clock = new FakeClock()
  readonly table = new MemoryTable()
  readonly leases = new MemoryLeaseStore()
  readonly events: WorkerEvent[] = []
  /** What the handler throws at the record it fears. */
  thrown: Error | undefined = new TypeError('not that one')
  outcome = 'running'
  readonly #stop = new AbortController()

  start(): void {
    const worker = plainWorker(
      { generation, flushMillis: 0, checkpointMillis: 0 },
      {
        kinesis: stream(),
        table: this.table,
        leases: this.leases,
        clock: this.clock,
        keepDeadLetters: (letters) => {
          const feared = letters.some(({ data }) => Buffer.from(data).toString() === POISON)
          if (feared && this.thrown !== undefined) return Promise.reject(this.thrown)
          return Promise.resolve()
        },
        onEvent: (event) => this.events.push(event),
      },
    )
    void worker.run(this.#stop.signal).then(
      () => (this.outcome = 'ended well'),
      (error: unknown) => (this.outcome = String(error)),
    )
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.clock.advanceUntil(() => this.outcome !== 'running', 5_000)
  }

  /** Records that are durably counted, by shard. */
  counted(): number[] {
    const shards = this.table.items(progressPk(generation.id)).map(parseProgress)
    return SHARDS.map((id) => Number(shards.find(({ shardId }) => shardId === id)?.seq ?? 0))
  }

  attempts(): number {
    return this.events.filter(({ type }) => type === 'trouble').length
  }

  parked(): ParkedShard[] {
    const shards = this.table.items(progressPk(generation.id)).map(parseProgress)
    return [
      ...parkedNow(this.table.items(parkedPk(generation.id)).map(parseParked), shards).values(),
    ]
  }
}

test('is tried a few times and parked, and others go on', async () => {
  const stage = new Stage()
  stage.start()
  await stage.clock.advance(60_000)
  assert.is(stage.outcome, 'running')
  assert.equal(stage.counted(), [5, RECORDS])
  const [note, ...others] = stage.parked()
  assert.equal(others, [])
  assert.is(note.shardId, SHARDS[0])
  assert.is(note.reason, 'not that one')
  assert.is(note.worker, 'w')
  assert.ok(note.since < stage.clock.now() - 50_000)
  assert.is(note.attempts, stage.attempts())
  // Its checkpoint does not pass it either, and the lease is kept.
  const row = stage.leases.rows.get(SHARDS[0])
  assert.is(row?.leaseOwner, 'w')
  assert.is(row?.checkpoint.sequenceNumber, '5')
  await stage.stop()
  assert.is(stage.outcome, 'ended well')
})

test('is tried at a slow pace, and goes on by itself once the cause is gone', async () => {
  const stage = new Stage()
  stage.start()
  await stage.clock.advance(60_000)
  const before = stage.attempts()
  await stage.clock.advance(300_000)
  const after = stage.attempts() - before
  assert.ok(after >= 9 && after <= 20, String(after))
  stage.thrown = undefined
  await stage.clock.advance(35_000)
  assert.equal(stage.counted(), [RECORDS, RECORDS])
  assert.equal(stage.parked(), [])
  await stage.stop()
})

test('is not parked for what passes', async () => {
  const stage = new Stage()
  stage.start()
  await stage.clock.advanceUntil(() => stage.attempts() === 2, 10_000)
  stage.thrown = undefined
  await stage.clock.advance(10_000)
  assert.equal(stage.counted(), [RECORDS, RECORDS])
  assert.is(stage.attempts(), 2)
  assert.equal(stage.table.items(parkedPk(generation.id)), [])
  await stage.stop()
})

test('is handed over at a drain, as far as it was counted', async () => {
  const stage = new Stage()
  stage.start()
  await stage.clock.advance(60_000)
  await stage.stop()
  assert.is(stage.leases.rows.get(SHARDS[0])?.leaseOwner, undefined)
  assert.equal(stage.counted(), [5, RECORDS])
})

test('brings the worker down where no shard could be counted', async () => {
  const stage = new Stage()
  stage.thrown = errorOf('ACCESS')
  stage.start()
  await stage.clock.advanceUntil(() => stage.outcome !== 'running', 10_000)
  assert.match(stage.outcome, /HailstreamError/)
})

test('tells what concerns one shard from what concerns all', () => {
  assert.ok(isOfOneShard(new TypeError('x')))
  assert.ok(isOfOneShard(errorOf('INPUT')))
  assert.ok(isOfOneShard(errorOf('ITEM_SIZE')))
  assert.not(isOfOneShard(errorOf('TABLE')))
  assert.not(isOfOneShard(errorOf('INPUT', true)))
})

test('waits longer each time, and is parked while nothing of it is counted', () => {
  const failure = (seq: string, now: number) => ({ seq, now, reason: `at ${now}` })
  let trouble = troubleAfter(undefined, failure('5', 100))
  let pause = pauseAfter(trouble, () => 0.5)
  while (!isParked(trouble)) {
    trouble = troubleAfter(trouble, failure('5', 200))
    const next = pauseAfter(trouble, () => 0.5)
    assert.ok(next > pause)
    pause = next
  }
  assert.equal(trouble, { seq: '5', attempts: 6, since: 100, reason: 'at 200' })
  assert.equal(troubleAfter(trouble, failure('6', 300)), {
    seq: '6',
    attempts: 1,
    since: 300,
    reason: 'at 300',
  })
})

test('is parked no more once anybody has counted it further, or to its end', () => {
  const note = { shardId: 'a', seq: '5', since: 1, attempts: 6, reason: 'r', worker: 'w' }
  const progress = parseProgress({ pk: 'p', sk: 'a', seq: '5' })
  assert.is(parkedNow([note], [progress]).size, 1)
  assert.is(parkedNow([note], [{ ...progress, seq: '6' }]).size, 0)
  assert.is(parkedNow([note], [{ ...progress, ended: true }]).size, 0)
  assert.is(parkedNow([{ ...note, seq: '' }], []).size, 1)
})

function errorOf(code: ErrorCode, retryable = false): HailstreamError {
  return new HailstreamError(code, { subject: 's', got: 'g', expected: 'e' }, { retryable })
}

test.run()
