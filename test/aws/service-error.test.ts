import * as assert from 'uvu/assert'
import { serviceError } from '../../src/aws/service-error.ts'
import { HailstreamError } from '../../src/errors.ts'
import { suite } from '../support/suite.ts'

const test = suite('what went wrong at a service')

const missing = { code: 'TABLE', fix: 'Run `hailstream init`.' } as const

function from(thrown: unknown): HailstreamError {
  return serviceError(thrown, 'DynamoDB table counts', missing)
}

const named = (name: string, changes: object = {}): Error =>
  Object.assign(new Error('the message'), { name }, changes)

test('keeps an error that is one of ours already', () => {
  const ours = new HailstreamError('RUN', { subject: 's', got: 'g', expected: 'e' })
  assert.is(from(ours), ours)
})

test('a thing that is not there is missing, with the way to make it', () => {
  const error = from(named('ResourceNotFoundException'))
  assert.equal([error.code, error.retryable], ['TABLE', false])
  assert.is(
    error.message,
    'DynamoDB table counts: got nothing of that name, expected one. Run `hailstream init`.',
  )
})

test('credentials that are missing or refused say so, and where they come from', () => {
  const names = ['CredentialsProviderError', 'UnrecognizedClientException', 'ExpiredTokenException']
  for (const name of names) {
    const error = from(named(name))
    assert.equal([error.code, error.retryable], ['ACCESS', false])
    assert.match(error.message, new RegExp(`got ${name}: the message, .* Set AWS_PROFILE`))
  }
})

test('a region that is missing says so', () => {
  const error = from(new Error('Region is missing'))
  assert.is(error.code, 'ACCESS')
  assert.match(error.message, /got no region, expected AWS_REGION/)
})

test('an endpoint that does not answer is found in whatever it is wrapped in', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  const wrapped = [
    refused,
    Object.assign(new Error('outer'), { cause: refused }),
    Object.assign(new AggregateError([refused, new Error('other')], ''), {}),
    Object.assign(new Error('outer'), { cause: new AggregateError([refused], '') }),
  ]
  for (const thrown of wrapped) {
    const error = from(thrown)
    assert.equal([error.code, error.retryable], ['ENDPOINT', true])
    assert.match(error.message, /got ECONNREFUSED, expected an answer\. Is it running/)
  }
})

test('throttles, timeouts and errors of the service itself may pass', () => {
  for (const name of ['ThrottlingException', 'TimeoutError', 'InternalServerError']) {
    assert.ok(from(named(name)).retryable, name)
  }
  assert.ok(from(named('Unheard', { $metadata: { httpStatusCode: 503 } })).retryable)
})

test('what the service refuses will be refused again', () => {
  const error = from(named('ValidationException', { $metadata: { httpStatusCode: 400 } }))
  assert.equal([error.code, error.retryable], ['ENDPOINT', false])
  assert.match(error.message, /got ValidationException: the message, expected success/)
})

test('an item that is too large is an error of its own, which no other call meets', () => {
  for (const message of [
    'Item size has exceeded the maximum allowed size',
    'Item size to update has exceeded the maximum allowed size',
  ]) {
    const error = from(Object.assign(new Error(message), { name: 'ValidationException' }))
    assert.equal([error.code, error.retryable], ['ITEM_SIZE', false])
    assert.match(error.message, /counts: got an item that is too large, expected at most 400 KB/)
    assert.match(error.message, /fewer zones or districts, or in a longer --pane\.$/)
  }
})

test('takes anything that can be thrown, keeps it as the cause, and fits on a line', () => {
  for (const thrown of ['text', undefined, null, 5, {}, new Error('two\nlines')]) {
    const error = from(thrown)
    assert.is(error.cause, thrown === undefined ? undefined : thrown)
    assert.not.match(error.message, /\n/)
    assert.is(error.exitCode, 1)
  }
})

test.run()
