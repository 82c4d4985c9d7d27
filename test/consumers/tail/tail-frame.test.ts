import * as assert from 'uvu/assert'
import type { FrameSpace } from '../../../consumers/tail/tail-frame.ts'
import { tailFrame } from '../../../consumers/tail/tail-frame.ts'
import type { TailState } from '../../../consumers/tail/tail-state.ts'
import { safeText, textWidth } from '../../../consumers/tail/text-width.ts'
import { blockBar, sparkline } from '../../../consumers/tail/blocks.ts'
import { suite } from '../../support/suite.ts'
import { district, SMALL_CITY, snapshot, start } from './tailing.ts'

const test = suite('a frame of the tail')

function frame(changes: Partial<TailState> = {}, space: Partial<FrameSpace> = {}): string[] {
  const state = start({ snapshot: snapshot(), newAt: 1_000, ...changes })
  return tailFrame(state, { columns: 100, rows: 12, colour: false, ...space }, 2_000)
}

test('is this, on a wide screen', () => {
  const before = new Map([
    ['MN-31', district('MN-31', '', { pickups: 12 })],
    ['QN-JFK', district('QN-JFK', '', { pickups: 31 })],
  ])
  const city = snapshot().all
  const history = [{ ...city, pickups: 10 }, { ...city, pickups: 30 }, city]
  assert.equal(frame({ before, history, speed: 960.4, note: 'http://127.0.0.1:8787' }), [
    'last 15m  2016-01-15 16:40:00 – 16:55:00                             as of 2016-01-15 16:57:19  ×960',
    'run sample-1   city-5m-1',
    '● live   lag 2.8 s   12,023 trips   333/s   4 shards, 2 workers   not verified   unclassified 1.5 %',
    'the city  50 pickups   17 dropoffs   −33 net flow   $44.07 average fare   8.1 % tip share        ▁▅█',
    '',
    'id     name           pickups▼   change                         dropoffs      net flow  average fare',
    'QN-JFK JFK Airport          40       +9 ██████████████████             6           −34        $52.00',
    'MN-31  Grand Central        10       −2 ████▌                          8            −2        $12.35',
    'BK-01  Greenpoint            0                                         3            +3             –',
    '',
    '',
    'measure  window  sort  reverse  pause  help  quit                              http://127.0.0.1:8787',
  ])
})

test('is this, on a phone', () => {
  assert.equal(frame({}, { columns: 38, rows: 9 }), [
    'last 15m  2016-01-15 16:40:00 – 16:55…',
    'run sample-1   city-5m-1',
    '● live   lag 2.8 s   12,023 trips   3…',
    'the city  50 pickups   17 dropoffs   …',
    '',
    'id      pickups▼',
    'QN-JFK        40 █████████████████████',
    'MN-31         10 █████▎',
    'measure  window  sort  reverse  pause…',
  ])
})

test('never has more lines than the screen, nor longer ones', () => {
  for (const help of [false, true]) {
    for (let columns = 1; columns < 140; columns += 3) {
      for (const rows of [1, 2, 5, 8, 40]) {
        const lines = frame({ help, scroll: rows }, { columns, rows })
        assert.is(lines.length, rows)
        for (const line of lines) assert.ok(textWidth(line) <= columns, `${columns}: ${line}`)
      }
    }
  }
})

test('colours what it shows, and shows the same', () => {
  const plain = frame()
  const coloured = frame({}, { colour: true })
  assert.not.equal(coloured, plain)
  const bare = (line: string): string =>
    line
      .split('\u001b[')
      .map((part, i) => (i === 0 ? part : part.replace(/^\d*m/, '')))
      .join('')
  assert.equal(
    coloured.map((line) => bare(line).trimEnd()),
    plain,
  )
})

test('says when nothing new comes, when it is held still, and when it cannot read', () => {
  const line = (changes: Partial<TailState>, now: number): string =>
    tailFrame(
      start({ snapshot: snapshot(), newAt: 0, ...changes }),
      { columns: 100, rows: 12, colour: false },
      now,
    )[2] ?? ''
  assert.match(line({}, 15_000), /^● live/)
  assert.match(line({}, 23_400), /^○ stale: nothing new for 23 s/)
  assert.match(line({ paused: true }, 99_000), /^‖ paused/)
  assert.match(line({ trouble: 'Trying again: no answer' }, 0), /^! Trying again: no answer/)
})

test('says what is wrong with the counts', () => {
  const health = { ...snapshot().health, gap: 5, deadLetters: 2, verified: false, complete: true }
  const shown = { ...snapshot(), health: { ...snapshot().health, ...health } }
  const line = frame({ snapshot: shown as TailState['snapshot'] }, { columns: 140 })[2] ?? ''
  assert.match(line, /^■ complete/)
  assert.match(line, /NOT EQUAL to the files/)
  assert.match(line, /5 trips missing/)
  assert.match(line, /2 dead letters/)
})

test('waits with a word before there are counts, and with an empty window', () => {
  const waiting = tailFrame(start(), { columns: 60, rows: 8, colour: false }, 0)
  assert.match(waiting.join('\n'), /Waiting for the first counts …/)
  assert.match(
    frame({ snapshot: snapshot({ districts: [] }) }).join('\n'),
    /Nothing in this window/,
  )
  assert.match(frame({ district: 'XX' }).join('\n'), /Nothing in XX in this window/)
})

test('moves through more districts than the screen holds, and stops at the last', () => {
  const districts = Array.from({ length: 50 }, (_, i) =>
    district(`D${String(i).padStart(2, '0')}`, '', { pickups: 100 - i }),
  )
  const ids = (scroll: number): string[] =>
    frame({ snapshot: snapshot({ districts }), scroll })
      .slice(6, -1)
      .map((line) => line.slice(0, 3))
  assert.equal(ids(0), ['D00', 'D01', 'D02', 'D03', 'D04'])
  assert.equal(ids(3), ['D03', 'D04', 'D05', 'D06', 'D07'])
  assert.equal(ids(Number.MAX_SAFE_INTEGER), ['D45', 'D46', 'D47', 'D48', 'D49'])
})

test('shows no control character of a name, and keeps its columns under wide ones', () => {
  assert.is(safeText('a\u001b[31mb\u202ec\td\u0000'), 'a\ufffd[31mb\ufffdc\ufffdd\ufffd')
  assert.is(textWidth('東京都'), 6)
  assert.is(textWidth('e\u0301'), 1)
  const districts = [district('1', '東京都千代田区', { pickups: 9 }), ...SMALL_CITY]
  const lines = frame({ snapshot: snapshot({ districts }) })
  const values = lines
    .slice(6, 10)
    .map((line) => textWidth(line.slice(0, line.search(/\d\s+[█▏▎▍▌▋▊▉]|0\s+3/))))
  assert.is(new Set(values.slice(0, 3)).size, 1)
})

test('draws bars to an eighth, and nothing as nothing', () => {
  assert.is(blockBar(0, 10), '')
  assert.is(blockBar(1, 3), '███')
  assert.is(blockBar(0.5, 3), '█▌')
  assert.is(blockBar(1e-9, 3), '▏')
  assert.is(blockBar(7, 3), '███')
  assert.is(sparkline([1, null, 3, 2], 8), '▁ █▅')
  assert.is(sparkline([1, 2, 3], 2), '▁█')
  assert.is(sparkline([1], 8), '')
})

test.run()
