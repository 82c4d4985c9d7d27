import * as assert from 'uvu/assert'
import { conditionExpression } from '../../src/aws/condition-expression.ts'
import { grows } from '../../src/counts/table-port.ts'
import { suite } from '../support/suite.ts'

const test = suite('a condition expression')

const PK = 'hour#g#r'

test('compares the key with itself for what is absent', () => {
  assert.equal(conditionExpression({ kind: 'absent' }, PK), {
    ConditionExpression: '#pk <> :v0',
    ExpressionAttributeNames: { '#pk': 'pk' },
    ExpressionAttributeValues: { ':v0': PK },
  })
  assert.equal(conditionExpression({ kind: 'present' }, PK), {
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: { '#pk': 'pk' },
  })
})

test('keeps two values of one attribute apart', () => {
  assert.equal(
    conditionExpression(
      { kind: 'any', of: [grows('seq', '7'), { kind: 'equal', attribute: 'seq', value: '8' }] },
      PK,
    ),
    {
      ConditionExpression: 'NOT #seq >= :v0 OR #seq = :v1',
      ExpressionAttributeNames: { '#seq': 'seq' },
      ExpressionAttributeValues: { ':v0': '7', ':v1': '8' },
    },
  )
})

test('names and values only what it uses, as DynamoDB demands', () => {
  assert.equal(conditionExpression({ kind: 'equal', attribute: 'pkg', value: true }, PK), {
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
      conditionExpression({ kind: 'all', of: [demand, part] }, PK).ConditionExpression,
      '#a = :v0 AND (#pk <> :v1 OR attribute_exists(#pk))',
    )
  }
  assert.is(
    conditionExpression({ kind: 'any', of: [{ kind: 'all', of: [demand, demand] }, choice] }, PK)
      .ConditionExpression,
    '#a = :v0 AND #a = :v1 OR #pk <> :v2 OR attribute_exists(#pk)',
  )
})

test('has no parentheses around a single part, as DynamoDB demands', () => {
  const one = conditionExpression(
    { kind: 'all', of: [{ kind: 'any', of: [{ kind: 'absent' }] }] },
    PK,
  )
  assert.is(one.ConditionExpression, '#pk <> :v0')
})

test.run()
