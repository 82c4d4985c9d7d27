import * as assert from 'uvu/assert'
import type { Progress } from '../../src/counts/progress.ts'
import { byId } from '../../src/kinesis/shard.ts'
import type { Shard } from '../../src/kinesis/shard.ts'
import { newLane } from '../../src/lanes/lane-state.ts'
import { isOrphan, shardStart } from '../../src/pipeline/shard-start.ts'
import type { ShardStart, StartPosition } from '../../src/pipeline/shard-start.ts'
import { seqOf, progressOf } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'

const test = suite('where a shard is taken up')

const shard = (shardId: string, ...parentShardIds: string[]): Shard => ({
  shardId,
  parentShardIds,
  startingHashKey: '0',
  endingHashKey: '9',
  startingSequenceNumber: '0',
})

const horizon: StartPosition = { type: 'TRIM_HORIZON' }
const later: StartPosition = { type: 'AT_TIMESTAMP', timestamp: 99 }

function start(of: Shard, listed: Shard[], progress: Progress[], initial = horizon): ShardStart {
  const known = new Map(progress.map((each) => [each.shardId, each]))
  return shardStart(of, byId(listed), known, initial)
}

const ended = (shardId: string, changes: Partial<Progress> = {}): Progress =>
  progressOf({ shardId, seq: seqOf(5), ended: true, ...changes })

test('a shard that nobody has counted begins where the stream does', () => {
  const own = shard('a')
  const fresh = start(own, [own], [])
  assert.ok(fresh.kind === 'start')
  assert.equal(
    [fresh.from, fresh.gaps, fresh.progress],
    [horizon, [], progressOf({ shardId: 'a' })],
  )
  const at = start(own, [own], [], later)
  assert.ok(at.kind === 'start')
  assert.equal(at.from, later)
})

test('a shard goes on after the last record in its progress', () => {
  const own = shard('a', 'p')
  const progress = progressOf({ shardId: 'a', seq: seqOf(1_207), tripsCounted: 3 })
  const going = start(own, [own, shard('p')], [progress], later)
  assert.ok(going.kind === 'start')
  assert.equal(going.from, { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '1207' })
  assert.equal(going.progress, progress)
})

test('a shard that was counted to its end is done with', () => {
  const own = shard('a')
  assert.equal(start(own, [own], [ended('a')]), { kind: 'ended' })
})

test('a child waits until every parent that is listed is counted to its end', () => {
  const child = shard('c', 'p', 'q')
  const listed = [child, shard('p'), shard('q')]
  assert.equal(start(child, listed, []), { kind: 'blocked', parent: 'p' })
  assert.equal(start(child, listed, [ended('p')]), { kind: 'blocked', parent: 'q' })
  const half = progressOf({ shardId: 'q', seq: seqOf(9) })
  assert.equal(start(child, listed, [ended('p'), half]), { kind: 'blocked', parent: 'q' })
})

test('a child of parents that ended before the time to start at starts at that time too', () => {
  const child = shard('c', 'p', 'q')
  const nothing = ended('p', { seq: '' })
  const fromOf = (...progress: Progress[]): unknown => {
    const begun = start(child, [child, shard('p'), shard('q')], progress, later)
    return begun.kind === 'start' ? begun.from : begun.kind
  }
  const own = progressOf({ shardId: 'c', seq: '' })
  assert.equal(fromOf(nothing, ended('q', { seq: '' })), later)
  assert.equal(fromOf(nothing, ended('q', { seq: '' }), own), later)
  assert.equal(fromOf(nothing, ended('q')), horizon)
  assert.equal(fromOf(nothing, ended('q', { seq: '', foreignWatermark: 7 })), horizon)
  const lanes = new Map([['r', new Map([[0, newLane(0, 1)]])]])
  assert.equal(fromOf(nothing, ended('q', { seq: '', lanes })), horizon)
  assert.equal(fromOf(nothing, ended('q'), { ...own, lanes }), horizon)
})

test('a child begins at its beginning, with the furthest that its parents knew', () => {
  const child = shard('c', 'p', 'q')
  const lanesOf = (next: number): Progress['lanes'] =>
    new Map([['r', new Map([[0, { ...newLane(0, 1), next }]])]])
  const parents = [
    ended('p', { lanes: lanesOf(7), foreignWatermark: 3, tripsCounted: 100 }),
    ended('q', { lanes: lanesOf(9), foreignWatermark: 2 }),
  ]
  const begun = start(child, [child, shard('p'), shard('q')], parents, later)
  assert.ok(begun.kind === 'start')
  assert.equal(begun.from, { type: 'TRIM_HORIZON' })
  assert.is(begun.progress.lanes.get('r')?.get(0)?.next, 9)
  assert.equal(
    [begun.progress.foreignWatermark, begun.progress.seq, begun.progress.tripsCounted],
    [3, '', 0],
  )
})

test('a parent that was trimmed before it was counted to its end is a gap, and said so', () => {
  const child = shard('c', 'p')
  const half = progressOf({ shardId: 'p', seq: seqOf(9) })
  const begun = start(child, [child], [half])
  assert.ok(begun.kind === 'start')
  assert.equal([begun.gaps, begun.from], [['p'], { type: 'TRIM_HORIZON' }])
})

test('lanes that went on in a parent which was trimmed are cut off, where they would go on', () => {
  const half = 2n ** 127n
  const lower = { ...shard('c', 'p'), endingHashKey: String(half - 1n) }
  const upper = {
    ...shard('d', 'p'),
    startingHashKey: String(half),
    endingHashKey: String(2n ** 128n - 1n),
  }
  const lanes = new Map([
    [
      'r',
      new Map([
        [0, { ...newLane(0, 4), next: 3 }],
        [1, { ...newLane(1, 4), next: 3, ended: true }],
        [3, { ...newLane(3, 4), next: 3 }],
      ]),
    ],
  ])
  const parents = [
    progressOf({ shardId: 'p', seq: seqOf(9), lanes }),
    ended('p', { trimmed: true, lanes }),
  ]
  for (const parent of parents) {
    const cutIn = (of: Shard): (boolean | undefined)[] => {
      // The parent that says itself that it was trimmed may even be listed still, by a stale reply.
      const begun = start(of, parent.trimmed ? [of, shard('p')] : [of], [parent])
      assert.ok(begun.kind === 'start')
      assert.equal(begun.gaps, ['p'])
      return [0, 1, 3].map((lane) => begun.progress.lanes.get('r')?.get(lane)?.cut)
    }
    assert.equal(cutIn(lower), [true, false, false])
    assert.equal(cutIn(upper), [false, false, true])
  }
})

test('an orphan asks all shards how far the lanes were that go on in it', () => {
  const child = { ...shard('d', 'c'), endingHashKey: String(2n ** 127n - 1n) }
  const lanes = new Map([
    ['r', new Map([0, 3].map((lane) => [lane, { ...newLane(lane, 4), next: 30 + lane }]))],
  ])
  const listed = byId([child])
  assert.ok(isOrphan(child, listed, new Map()))
  assert.not.ok(isOrphan(child, byId([child, shard('c')]), new Map()))
  assert.not.ok(isOrphan(child, listed, new Map([['c', progressOf({ shardId: 'c' })]])))
  const begun = shardStart(child, listed, new Map(), later, [ended('p', { lanes })])
  assert.ok(begun.kind === 'start')
  const known = [...(begun.progress.lanes.get('r')?.values() ?? [])]
  assert.equal(
    known.map(({ lane, next, cut }) => [lane, next, cut]),
    [[0, 30, true]],
  )
  assert.equal([begun.gaps, begun.from], [['c'], horizon])
  const elsewhere = shardStart(shard('d', 'c'), listed, new Map(), later, [ended('p', { lanes })])
  assert.ok(elsewhere.kind === 'start')
  assert.equal([elsewhere.gaps, elsewhere.from], [[], later])
})

test('an orphan waits for further ancestors that are listed, known by keys in common', () => {
  const ancestor = shard('a')
  const elsewhere = { ...shard('b'), startingHashKey: '10', endingHashKey: '19' }
  const child = { ...shard('c', 'gone'), startingSequenceNumber: '7' }
  const younger = { ...shard('d'), startingSequenceNumber: '8' }
  const listed = byId([ancestor, elsewhere, child, younger])
  const startWith = (...others: Progress[]): ShardStart =>
    shardStart(child, listed, new Map(), horizon, others)
  assert.equal(startWith(), { kind: 'blocked', parent: 'a' })
  assert.equal(startWith({ ...ended('a'), ended: false }), { kind: 'blocked', parent: 'a' })
  assert.is(startWith(ended('a')).kind, 'start')
})

test('a parent that was gone before anything was counted is none of ours', () => {
  const child = shard('c', 'p')
  const begun = start(child, [child], [], later)
  assert.ok(begun.kind === 'start')
  assert.equal([begun.gaps, begun.from], [[], later])
})

test.run()
