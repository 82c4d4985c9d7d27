import * as assert from 'uvu/assert'
import { PackedReader, PackedWriter } from '../../src/counts/packed.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('packed numbers')

test('unsigned ones up to 2^53 come back as they were', () => {
  const values = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1]
  for (let bit = 0; bit <= 53; bit++) values.push(2 ** bit, Math.max(0, 2 ** bit - 1))
  const writer = new PackedWriter()
  for (const value of values) writer.unsigned(value)
  const reader = new PackedReader(writer.finish())
  for (const value of values) assert.is(reader.unsigned(), value)
})

test('signed ones up to 2^52 come back as they were', () => {
  const values = [0, -1, 1, -64, 63, 64, -65, 2 ** 31, -(2 ** 31), 2 ** 52, -(2 ** 52)]
  const random = seededRandom(9)
  for (let i = 0; i < 2_000; i++) values.push(Math.round((random() - 0.5) * 2 ** (random() * 53)))
  const writer = new PackedWriter()
  for (const value of values) writer.signed(value)
  const reader = new PackedReader(writer.finish())
  for (const value of values) assert.is(reader.signed(), value + 0)
})

test('small numbers take one byte, negative ones too', () => {
  const writer = new PackedWriter()
  writer.unsigned(127)
  writer.signed(-64)
  writer.signed(63)
  assert.equal([...writer.finish()], [0x7f, 0x7f, 0x7e])
})

test('texts come back, whatever they are made of and however long', () => {
  const texts = ['', 'BK09', 'Zürich', '東京 🚕', '\ufeffmark', '\u0000', 'x'.repeat(5_000)]
  const writer = new PackedWriter()
  for (const text of texts) writer.text(text)
  const reader = new PackedReader(writer.finish())
  for (const text of texts) assert.is(reader.text(), text)
})

test('what ends too early is an error, not a number', () => {
  assert.throws(() => new PackedReader(new Uint8Array(0)).unsigned(), RangeError)
  assert.throws(() => new PackedReader(Uint8Array.of(0x80)).unsigned(), RangeError)
  assert.throws(() => new PackedReader(Uint8Array.of(3, 65, 66)).text(), RangeError)
})

test('grows as it must, byte by byte to large ones', () => {
  const writer = new PackedWriter()
  for (let i = 0; i < 20_000; i++) writer.unsigned(i)
  const reader = new PackedReader(writer.finish())
  for (let i = 0; i < 20_000; i++) assert.is(reader.unsigned(), i)
})

test.run()
