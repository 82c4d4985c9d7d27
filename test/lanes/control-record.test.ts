import * as assert from 'uvu/assert'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import {
  controlRecordSize,
  decodeControl,
  encodeControl,
  isControl,
} from '../../src/lanes/control-record.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('a control record')

const CONTROL: ControlRecord = {
  runId: 'trips_2016-01-3fa9c1d2',
  lane: 3,
  lanes: 8,
  firstOrdinal: 123_456,
  count: 593,
  putTime: Date.UTC(2026, 10, 1, 12, 30, 0, 125),
  watermark: Date.UTC(2016, 0, 1, 7, 30),
  ended: false,
  abandoned: false,
}

function roundTrip(control: ControlRecord): ControlRecord {
  const data = encodeControl(control)
  assert.is(data.length, controlRecordSize(control.runId, control.redrive))
  // Between other bytes, as it stands in an aggregate.
  const around = new Uint8Array(data.length + 20).fill(0xff)
  around.set(data, 9)
  assert.ok(isControl(around, 9, data.length))
  return decodeControl(around, 9, data.length)
}

test('of letters that come back names their generation, and may be of other producers', () => {
  for (const runId of ['r', 'foreign']) {
    const control = { ...CONTROL, runId, lane: 0, lanes: 1, redrive: 'city-5m-bf7c8b46' }
    assert.equal(roundTrip(control), control)
  }
  const nameless = encodeControl({ ...CONTROL, redrive: '' })
  assert.throws(() => decodeControl(nameless, 0, nameless.length), /Control record/)
  const cutOff = encodeControl({ ...CONTROL, redrive: 'city-5m-bf7c8b46' }).slice(0, -1)
  assert.throws(() => decodeControl(cutOff, 0, cutOff.length), /Control record/)
})

function corrupt(change: (view: DataView) => void, control = CONTROL): void {
  const data = encodeControl(control)
  change(new DataView(data.buffer))
  assert.throws(
    () => decodeControl(data, 0, data.length),
    (error: Error & { code?: string }) => error.code === 'CORRUPT',
  )
}

test('is read as it was written', () => {
  for (const changes of [
    {},
    { watermark: -Infinity, putTime: 0, firstOrdinal: 0, count: 0 },
    { ended: true },
    { ended: true, abandoned: true },
    { lane: 0, lanes: 1, runId: 'a' },
    { runId: 'z'.repeat(64), lane: 4_095, lanes: 4_096 },
    { watermark: Date.UTC(1, 0, 1), firstOrdinal: 2 ** 52 },
  ]) {
    assert.equal(roundTrip({ ...CONTROL, ...changes }), { ...CONTROL, ...changes })
  }
})

test('keeps to the bytes that the wire format gives', () => {
  const bytes = encodeControl({ ...CONTROL, runId: 'r1', ended: true, abandoned: true })
  const view = new DataView(bytes.buffer)
  assert.is(bytes.length, 50)
  assert.equal([...bytes.subarray(0, 4)], [0xc1, 3, 2, 0])
  assert.is(view.getUint32(4, true), 593)
  assert.is(view.getUint32(8, true), 3)
  assert.is(view.getUint32(12, true), 8)
  assert.is(view.getFloat64(16, true), 123_456)
  assert.is(view.getFloat64(24, true), CONTROL.putTime)
  assert.is(view.getFloat64(32, true), CONTROL.watermark)
  assert.equal([...bytes.subarray(40)], [0, 0, 0, 0, 0, 0, 0, 0, 0x72, 0x31])
})

test('is not taken for anything else, and nothing else for it', () => {
  const data = encodeControl(CONTROL)
  assert.not.ok(isControl(data, 0, 47))
  assert.not.ok(isControl(data, 1, data.length - 1))
  assert.not.ok(isControl(new TextEncoder().encode('{'.repeat(80)), 0, 80))
  assert.not.ok(isControl(new Uint8Array(80).fill(1), 0, 80))
})

test('is refused when its numbers cannot be', () => {
  corrupt((view) => view.setUint32(8, 8, true)) // lane = lanes
  corrupt((view) => view.setUint32(12, 0, true))
  corrupt((view) => view.setUint32(12, 70_000, true)) // whoever looks at all lanes would be busy
  for (const ordinal of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    corrupt((view) => view.setFloat64(16, ordinal, true))
  }
  for (const time of [NaN, Infinity, -Infinity]) {
    corrupt((view) => view.setFloat64(24, time, true))
  }
  for (const watermark of [NaN, Infinity, 8.7e15, -8.7e15]) {
    corrupt((view) => view.setFloat64(32, watermark, true))
  }
})

test('is refused when its run id is none, or does not fit', () => {
  corrupt((view) => view.setUint8(2, 0))
  corrupt((view) => view.setUint8(2, CONTROL.runId.length + 1))
  // A `#` would part the keys of the table in another place.
  for (const character of ['#', ' ', '/', '\u0000']) {
    corrupt((view) => view.setUint8(50, character.charCodeAt(0)))
  }
  corrupt(() => undefined, { ...CONTROL, runId: 'foreign' })
  corrupt(() => undefined, { ...CONTROL, runId: 'z'.repeat(65) })
})

test('any bytes that begin like one are read or refused, and nothing else happens', () => {
  const random = seededRandom(3)
  let refused = 0
  for (let round = 0; round < 2_000; round++) {
    const data = encodeControl(CONTROL)
    for (let i = 0; i < 3; i++) {
      data[1 + Math.floor(random() * (data.length - 1))] = Math.floor(random() * 256)
    }
    const length = 48 + Math.floor(random() * (data.length - 47))
    try {
      const control = decodeControl(data, 0, length)
      assert.ok(control.lane < control.lanes && control.runId.length > 0)
    } catch (error) {
      assert.ok(error instanceof Error && error.name === 'HailstreamError', String(error))
      refused++
    }
  }
  assert.ok(refused > 1_000)
})

test.run()
