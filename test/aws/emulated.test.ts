import * as assert from 'uvu/assert'
import { createClients } from '../../src/aws/clients.ts'
import { isEmulated } from '../../src/aws/emulated.ts'
import { suite } from '../support/suite.ts'

const test = suite('an endpoint')

test('is an emulator on this machine, and AWS anywhere else', () => {
  const here = [
    'localhost',
    'localhost:4568',
    'k.localhost',
    '127.0.0.1:8000',
    '127.1.2.3',
    '[::1]:1',
  ]
  const elsewhere = [
    'vpce-0a1b-2c3d.kinesis.us-east-1.vpce.amazonaws.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '10.0.0.7:4566',
    '[2001:db8::1]',
  ]
  for (const host of here) assert.ok(isEmulated(`http://${host}`, undefined), host)
  for (const host of elsewhere) assert.not.ok(isEmulated(`https://${host}/`, ''), host)
  assert.not.ok(isEmulated(undefined, undefined))
})

test('is what it is said to be, but AWS itself is never an emulator', () => {
  assert.ok(isEmulated('http://kinesis:4568', 'yes'))
  assert.not.ok(isEmulated('http://127.0.0.1:9000', 'no'))
  assert.not.ok(isEmulated(undefined, 'yes'))
})

test('is refused where it is no URL, and so is what nobody understands', () => {
  for (const text of ['127.0.0.1:4568', 'localhost:4568', '', 'ftp://localhost']) {
    assert.throws(() => isEmulated(text, undefined), /AWS_ENDPOINT_URL_…: got "/, text)
  }
  assert.throws(() => isEmulated('http://localhost', 'true'), /HAILSTREAM_EMULATED: got "true"/)
})

test('is looked at service by service', () => {
  const clients = createClients({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'https://vpce.example.com',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:8000',
  })
  clients.destroy()
  assert.equal(clients.emulated, { kinesis: false, dynamodb: true })
})

test.run()
