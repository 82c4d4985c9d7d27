import * as assert from 'uvu/assert'
import { conditionExpression } from '../../src/aws/condition-expression.ts'
import { grows } from '../../src/counts/table-port.ts'
import { suite } from '../support/suite.ts'

const test = suite('a condition expression')

test('names the key attribute for what is absent or present', () => {
  assert.equal(conditionExpression({ kind: 'absent' }), {
    ConditionExpression: 'attribute_not_exists(#pk)',
    ExpressionAttributeNames: { '#pk': 'pk' },
  })
  assert.equal(conditionExpression({ kind: 'present' }), {
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: { '#pk': 'pk' },
  })
})

test('keeps two values of one attribute apart', () => {
  assert.equal(
    conditionExpression({
      kind: 'any',
      of: [grows('seq', '7'), { kind: 'equal', attribute: 'seq', value: '8' }],
    }),
    {
      ConditionExpression: 'attribute_not_exists(#pk) OR #seq < :v0 OR #seq = :v1',
      ExpressionAttributeNames: { '#pk': 'pk', '#seq': 'seq' },
      ExpressionAttributeValues: { ':v0': '7', ':v1': '8' },
    },
  )
})

test('names and values only what it uses, as DynamoDB demands', () => {
  assert.equal(conditionExpression({ kind: 'equal', attribute: 'pkg', value: true }), {
    ConditionExpression: '#pkg = :v0',
    ExpressionAttributeNames: { '#pkg': 'pkg' },
    ExpressionAttributeValues: { ':v0': true },
  })
})

test('has no parentheses around a single part, as DynamoDB demands', () => {
  const one = conditionExpression({
    kind: 'all',
    of: [{ kind: 'any', of: [{ kind: 'absent' }] }],
  })
  assert.is(one.ConditionExpression, 'attribute_not_exists(#pk)')
})

test.run()
