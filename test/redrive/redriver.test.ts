import * as assert from 'uvu/assert'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import type { PutEntry, PutOutcome } from '../../src/kinesis/kinesis-port.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { decodeControl } from '../../src/lanes/control-record.ts'
import { redrive } from '../../src/redrive/redriver.ts'
import type { RedriveEntry } from '../../src/redrive/redrive-log.ts'
import { RedriveLog } from '../../src/redrive/redrive-log.ts'
import { suite } from '../support/suite.ts'
import { MemoryTable } from '../support/memory-table.ts'

const test = suite('dead letters that come back')

const SETTINGS = { generation: 'g', run: 'r', aggregateBytes: 400 }
const entry = (place: string): RedriveEntry => ({
  place,
  data: new TextEncoder().encode(`trip ${place}`),
})
const entries = (...places: string[]): RedriveEntry[] => places.map(entry)

class Lane {
  readonly table = new MemoryTable()
  readonly sent: { control: ControlRecord; texts: string[] }[] = []
  /** What becomes of each put, before it is done. */
  onPut: () => PutOutcome | undefined = () => undefined

  putRecords = async (puts: readonly PutEntry[]): Promise<PutOutcome[]> =>
    puts.map(({ data }) => {
      const outcome = this.onPut()
      if (outcome !== undefined) return outcome
      const users = new UserRecords()
      assert.ok(users.read(data))
      const [first, ...rest] = Array.from({ length: users.count }, (_, i) =>
        data.subarray(users.offsets[i], users.offsets[i] + users.lengths[i]),
      )
      const control = decodeControl(first, 0, first.length)
      assert.is(control.count, rest.length)
      this.sent.push({ control, texts: rest.map((bytes) => Buffer.from(bytes).toString()) })
      return { ok: true, sequenceNumber: '1', shardId: 's' }
    })

  redrive(places: readonly string[]): ReturnType<typeof redrive> {
    const clock = { now: () => 5, monotonicMillis: () => 5, sleep: () => Promise.resolve() }
    return redrive(entries(...places), SETTINGS, {
      table: this.table,
      kinesis: this,
      clock,
      random: () => 0.5,
    })
  }

  /** What a consumer makes of it: each ordinal once, in order. */
  get counted(): string[] {
    const counted: string[] = []
    for (const { control, texts } of this.sent) {
      assert.equal([control.runId, control.redrive, control.ended], ['r', 'g', false])
      assert.ok(control.firstOrdinal <= counted.length, 'a hole')
      texts.forEach((text, i) => {
        const known = counted.at(control.firstOrdinal + i)
        if (known === undefined) counted.push(text)
        else assert.is(text, known)
      })
    }
    return counted
  }
}

test('come back once, in aggregates that are not too large', async () => {
  const lane = new Lane()
  const places = Array.from({ length: 50 }, (_, i) => `0 ${i}`)
  assert.equal(await lane.redrive(places), { added: 50, total: 50 })
  assert.ok(lane.sent.length > 1)
  assert.equal(
    lane.counted,
    places.map((place) => `trip ${place}`),
  )
  assert.equal(await lane.redrive(places), { added: 0, total: 50 })
  assert.is(lane.counted.length, 50)
})

test('keep their order though other letters join them, in any order and twice in one go', async () => {
  const lane = new Lane()
  await lane.redrive(['a', 'b'])
  assert.equal(await lane.redrive(['d', 'b', 'c', 'd', 'a']), { added: 2, total: 4 })
  assert.equal(lane.counted, ['trip a', 'trip b', 'trip d', 'trip c'])
})

test('are sent by the next who comes, where one was killed between the log and the stream', async () => {
  const lane = new Lane()
  lane.onPut = () => {
    throw new Error('killed')
  }
  await lane.redrive(['a', 'b']).then(
    () => assert.unreachable(),
    () => undefined,
  )
  lane.onPut = () => undefined
  // The other knows none of those letters but from the log.
  await lane.redrive(['c'])
  assert.equal(lane.counted, ['trip a', 'trip b', 'trip c'])
})

test('come back once though one was killed before it noted what it had sent', async () => {
  const lane = new Lane()
  lane.table.onCall = (call, key) => {
    if (call === 'put' && key.pk === 'frontier') throw new Error('killed')
  }
  await lane.redrive(['a', 'b']).then(
    () => assert.unreachable(),
    () => undefined,
  )
  lane.table.onCall = () => undefined
  await lane.redrive(['b', 'a'])
  assert.equal(lane.counted, ['trip a', 'trip b'])
})

test('that are throttled are put again, and nothing overtakes them', async () => {
  const lane = new Lane()
  let puts = 0
  lane.onPut = () => (++puts % 3 === 0 ? undefined : { ok: false, errorCode: 'Throttled' })
  const places = Array.from({ length: 30 }, (_, i) => `${i}`)
  await lane.redrive(places)
  assert.equal(
    lane.counted,
    places.map((place) => `trip ${place}`),
  )
})

test('of two who append at once no letter gets two places', async () => {
  const table = new MemoryTable()
  const one = new RedriveLog(table, 'g', 'r')
  const two = new RedriveLog(table, 'g', 'r')
  await Promise.all([one.refresh(), two.refresh()])
  await Promise.all([one.append(entries('a', 'b', 'c')), two.append(entries('c', 'x', 'a'))])
  await Promise.all([one.refresh(), two.refresh()])
  assert.equal(one.entries, two.entries)
  assert.equal(one.entries.map(({ place }) => place).sort(), ['a', 'b', 'c', 'x'])
})

test('do not take the log for further than it has read without a hole', async () => {
  const table = new MemoryTable()
  const log = new RedriveLog(table, 'g', 'r')
  for (const name of ['a', 'b', 'c']) await log.append(entries(name))
  const behind = new RedriveLog(table, 'g', 'r')
  const { query } = table
  table.query = async (pk, range) => {
    const items = await query.call(table, pk, range)
    return items.filter(({ sk }) => sk !== '00000001')
  }
  await behind.refresh()
  assert.equal(
    behind.entries.map(({ place }) => place),
    ['a'],
  )
  table.query = query
  await behind.refresh()
  assert.is(behind.entries.length, 3)
})

test.run()
