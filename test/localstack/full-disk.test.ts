import * as assert from 'uvu/assert'
import { orDiskFull } from '../../localstack/full-disk.ts'
import { suite } from '../support/suite.ts'

const test = suite('a data folder on a full disk')

test('is told of in the place of what an emulator said of it', async () => {
  const said = new Error('dynalite: got exit code 1 (Error: Database is not open)')
  const full = await orDiskFull(said, '/some/where/data', () => Promise.resolve(4_096))
  assert.match(String(full), /data folder data: got no space left on the device, expected room for/)
  assert.not.match(String(full), /where/)
})

test('is not to blame where there is room, or where nobody knows', async () => {
  const said = new Error('Database is not open')
  assert.is(await orDiskFull(said, 'data', () => Promise.resolve(1e9)), said)
  assert.is(await orDiskFull(said, 'data', () => Promise.reject(new Error('no statfs'))), said)
})

test.run()
