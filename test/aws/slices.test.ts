/** What is made of calls and replies that come together is not all made in one turn. */
import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import type { Clock } from '../../src/time/clock.ts'
import { suite } from '../support/suite.ts'
import type { ScriptedKinesis } from './scripted-kinesis.ts'
import { startScriptedKinesis } from './scripted-kinesis.ts'

const test = suite('calls in slices')

/** Two milliseconds go by whenever it is looked at, as if that much had been done. */
class WorkClock implements Clock {
  pauses = 0
  #millis = 0

  now(): number {
    return Date.now()
  }

  monotonicMillis(): number {
    return (this.#millis += 2)
  }

  async sleep(millis: number): Promise<void> {
    assert.is(millis, 0)
    this.pauses++
    await setImmediate()
  }
}

let scripted: ScriptedKinesis

test.before(async () => {
  scripted = await startScriptedKinesis()
})

test.after(() => scripted.close())

test('a table gives way between the puts that are made at once', async () => {
  scripted.play(() => ({ body: {} }))
  const clock = new WorkClock()
  const table = new DynamodbTable(scripted.dynamodb, 'counts', { clock, random: () => 1 })
  const put = (): Promise<string> => table.put({ pk: 'a', sk: 'b' })
  assert.is(await put(), 'ok')
  const before = clock.pauses
  const puts = await Promise.all(Array.from({ length: 16 }, put))
  assert.ok(puts.every((outcome) => outcome === 'ok'))
  assert.ok(clock.pauses - before > 6, `${clock.pauses - before} pauses`)
})

test('a stream gives way between the replies of its shards', async () => {
  scripted.play(() => ({ body: { Records: [], MillisBehindLatest: 0 } }))
  const clock = new WorkClock()
  const stream = new KinesisStream(scripted.client, 'trips', undefined, clock)
  const replies = await Promise.all(
    Array.from({ length: 16 }, () => stream.getRecords('iterator', 10)),
  )
  assert.ok(replies.every((reply) => reply !== 'expired'))
  assert.ok(clock.pauses > 4, `${clock.pauses} pauses`)
})

test.run()
