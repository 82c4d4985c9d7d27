import * as assert from 'uvu/assert'
import type { KinesisPort } from '../../src/kinesis/kinesis-port.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import type { WorkerEvent } from '../../src/pipeline/worker.ts'
import { lease } from '../leases/leases.ts'
import { shardOf, streamWith } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { plainGeneration, plainWorker } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('shards whose parent is not counted to its end')

const PARENT = 'shardId-000000000000'
const CHILDREN = ['shardId-000000000001', 'shardId-000000000002']

class Stage {
  readonly clock = new FakeClock()
  readonly events: WorkerEvent[] = []
  listed = 0
  parentEnds = false
  outcome = ''
  readonly #stop = new AbortController()

  async start(): Promise<void> {
    const leases = new MemoryLeaseStore()
    // Made by another worker, which has seen the parent closed.
    for (const shardId of [PARENT, ...CHILDREN]) await leases.create(lease(shardId))
    const worker = plainWorker(
      { generation: plainGeneration() },
      {
        kinesis: this.#stream(),
        leases,
        clock: this.clock,
        onEvent: (event) => this.events.push(event),
      },
    )
    void worker.run(this.#stop.signal).then(() => (this.outcome = 'stopped'))
  }

  stop(): Promise<number> {
    this.#stop.abort()
    return this.clock.advanceUntil(() => this.outcome !== '', 4_000)
  }

  started(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'shard' && event.what === 'started' ? event.shardId : [],
    )
  }

  #stream(): KinesisPort {
    return streamWith({
      listShards: () => {
        this.listed++
        return Promise.resolve([
          shardOf(PARENT),
          ...CHILDREN.map((shardId) => shardOf(shardId, [PARENT])),
        ])
      },
      shardIterator: (shardId) => Promise.resolve(shardId),
      getRecords: (shardId) => {
        const ends = shardId === PARENT && this.parentEnds
        return Promise.resolve({
          records: [],
          millisBehindLatest: 0,
          ...(!ends && { nextIterator: shardId }),
        })
      },
    })
  }
}

test('look seldom after a while, and begin at once when it ends in the same worker', async () => {
  const stage = new Stage()
  await stage.start()
  await stage.clock.advance(30_000)
  assert.equal(stage.started(), [PARENT])
  const before = stage.listed
  await stage.clock.advance(60_000)
  const looks = (stage.listed - before) / CHILDREN.length
  assert.ok(looks >= 12 && looks <= 26, `${looks} looks a minute`)
  stage.parentEnds = true
  await stage.clock.advanceUntil(() => stage.started().length === 3, 600)
  await stage.stop()
})

test('are let go at once at a drain', async () => {
  const stage = new Stage()
  await stage.start()
  await stage.clock.advance(60_000)
  assert.ok((await stage.stop()) <= 1_000)
})

test.run()
