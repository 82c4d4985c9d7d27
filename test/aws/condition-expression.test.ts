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

test('has parentheses where a choice is one of several demands, and only there', () => {
  const choice = { kind: 'any', of: [{ kind: 'absent' }, { kind: 'present' }] } as const
  const wrapped = { kind: 'any', of: [choice] } as const
  const demand = { kind: 'equal', attribute: 'a', value: 1 } as const
  for (const part of [choice, wrapped]) {
    assert.is(
      conditionExpression({ kind: 'all', of: [demand, part] }).ConditionExpression,
      '#a = :v0 AND (attribute_not_exists(#pk) OR attribute_exists(#pk))',
    )
  }
  assert.is(
    conditionExpression({ kind: 'any', of: [{ kind: 'all', of: [demand, demand] }, choice] })
      .ConditionExpression,
    '#a = :v0 AND #a = :v1 OR attribute_not_exists(#pk) OR attribute_exists(#pk)',
  )
})

test('has no parentheses around a single part, as DynamoDB demands', () => {
  const one = conditionExpression({
    kind: 'all',
    of: [{ kind: 'any', of: [{ kind: 'absent' }] }],
  })
  assert.is(one.ConditionExpression, 'attribute_not_exists(#pk)')
})

test.run()
