import { PassThrough } from 'node:stream'
import * as assert from 'uvu/assert'
import type { TailCommand } from '../../../consumers/tail.ts'
import { tailTable } from '../../../consumers/tail.ts'
import { ZONES_ONLY, generationItem, makeGeneration } from '../../../src/counts/generation.ts'
import { CURRENT_KEY, rollingPk, statusKey } from '../../../src/counts/keys.ts'
import type { Program } from '../../../src/program/program.ts'
import { DEFAULT_NAMES } from '../../../src/program/program.ts'
import type { Terminal } from '../../../src/program/terminal.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryTable } from '../../support/memory-table.ts'
import { suite } from '../../support/suite.ts'

const test = suite('tail')

const RUN = 'run-1'
const GENERATION = makeGeneration({
  districts: { ...ZONES_ONLY, ids: ['7', '8'], names: ['Seven', 'Eight'], zones: false },
  paneMillis: 300_000,
  stream: { name: 's', creationTime: 1 },
  table: 't',
  application: 'a',
  startTimestamp: null,
  now: 1,
})

function sums(pickups: number): Record<string, number> {
  return { pickups, dropoffs: 1, passengers: 1, distance: 1, fare: 1_000, tip: 100, total: 1_200 }
}

async function fill(table: MemoryTable, version: number, pickups: number): Promise<void> {
  for (const sk of ['5m', '15m', '30m', '60m']) {
    await table.put({
      pk: rollingPk(GENERATION.id, RUN),
      sk,
      asOf: '2016-01-01T00:17:00',
      from: '2016-01-01T00:00:00',
      to: '2016-01-01T00:15:00',
      final: false,
      version,
      districts: { 7: sums(pickups), 8: sums(1) },
      all: sums(pickups + 1),
      unclassified: { pickup: { outside: 2 }, dropoff: {} },
    })
  }
  // Beside the windows there are items of other kinds.
  await table.put({ pk: rollingPk(GENERATION.id, RUN), sk: 'routes-30m', routes: [] })
  await table.put({ ...statusKey(GENERATION.id, RUN), trips: pickups + 1, version, workers: ['w'] })
}

async function stage(): Promise<{ table: MemoryTable; clock: FakeClock }> {
  const table = new MemoryTable()
  await table.put(generationItem(GENERATION))
  await table.put({ ...CURRENT_KEY, generation: GENERATION.id, run: RUN })
  await fill(table, 1, 5)
  return { table, clock: new FakeClock() }
}

interface Watched {
  program: Program
  stdout: () => string
  stderr: () => string
  stop: () => void
}

function watch(clock: FakeClock, terminal?: Terminal): Watched {
  const drain = new AbortController()
  const text = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof text): PassThrough =>
    new PassThrough().on('data', (chunk: Buffer) => (text[name] += chunk.toString()))
  return {
    program: {
      environment: {},
      stdin: new PassThrough(),
      stdout: stream('stdout'),
      stderr: stream('stderr'),
      clock,
      random: () => 0.5,
      drain: drain.signal,
      colour: false,
      openTerminal: () => terminal,
    },
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    stop: () => drain.abort(),
  }
}

class FakeTerminal implements Terminal {
  screen: readonly string[] = []
  columns = 80
  closed = 0
  press: (key: string) => void = () => undefined
  resize: () => void = () => undefined
  talk: (line: string) => void = () => undefined

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: 12 }
  }
  draw(lines: readonly string[]): void {
    assert.is(this.closed, 0, 'drawn after it was closed')
    this.screen = lines
  }
  onKey(listener: (key: string) => void): void {
    this.press = listener
  }
  onTalk(listener: (line: string) => void): void {
    this.talk = listener
  }
  onResize(listener: () => void): void {
    this.resize = listener
  }
  close(): void {
    this.closed++
  }
}

const COMMAND: TailCommand = { ...DEFAULT_NAMES, by: 'pickups' }

test('prints a line a change where there is no terminal', async () => {
  const { table, clock } = await stage()
  const watched = watch(clock)
  const done = tailTable(table, COMMAND, watched.program)
  await clock.advance(3_500)
  await fill(table, 2, 1_234)
  await clock.advance(1_500)
  watched.stop()
  assert.is(await done, 0)
  assert.equal(watched.stdout().split('\n'), [
    '2016-01-01 00:17:00  last 15m: 6 pickups, 1 dropoffs  pickups: 7 5, 8 1  6 trips  lag 0.0 s',
    '2016-01-01 00:17:00  last 15m: 1,235 pickups, 1 dropoffs  pickups: 7 1,234, 8 1  1,235 trips  lag 0.0 s',
    '',
  ])
})

test('prints one JSON object a change with --json, terminal or not', async () => {
  const { table, clock } = await stage()
  const terminal = new FakeTerminal()
  const watched = watch(clock, terminal)
  const done = tailTable(table, { ...COMMAND, json: true, top: 1 }, watched.program)
  await clock.advance(2_500)
  watched.stop()
  await done
  assert.equal(terminal.screen, [])
  assert.equal(JSON.parse(watched.stdout()), {
    run: RUN,
    window: '15m',
    asOf: '2016-01-01T00:17:00',
    from: '2016-01-01T00:00:00',
    to: '2016-01-01T00:15:00',
    final: false,
    version: 1,
    pickups: 6,
    dropoffs: 1,
    unclassified: 2,
    trips: 6,
    lagMillis: 0,
    complete: false,
    verified: null,
    districts: [
      { id: '7', name: 'Seven', pickups: 5, dropoffs: 1, net: -4, averageFare: 200, tipShare: 100 / 1_200 }, // prettier-ignore
    ],
  })
})

test('draws on a terminal, follows keys and sizes, and gives it back', async () => {
  const { table, clock } = await stage()
  const terminal = new FakeTerminal()
  const watched = watch(clock, terminal)
  const noted = { ...COMMAND, note: Promise.resolve('Dashboard http://127.0.0.1:1') }
  const done = tailTable(table, noted, watched.program)
  assert.match(terminal.screen.join('\n'), /Waiting for the first counts/)
  await clock.advance(100)
  assert.match(terminal.screen[0], /^last 15m/)
  assert.match(terminal.screen.at(-1) ?? '', /Dashboard http:\/\/127.0.0.1:1$/)
  terminal.press('w')
  await clock.advance(100)
  assert.match(terminal.screen[0], /^last 30m/)
  terminal.press('p')
  await fill(table, 2, 99)
  await clock.advance(5_000)
  assert.not.match(terminal.screen.join('\n'), /99/)
  terminal.press('p')
  await clock.advance(100)
  assert.match(terminal.screen.join('\n'), /7 +Seven +99/)
  terminal.talk('worker 2 was \u001b[31mkilled')
  await clock.advance(1_000)
  assert.match(terminal.screen.at(-1) ?? '', /worker 2 was \ufffd\[31mkilled$/)
  terminal.columns = 30
  terminal.resize()
  assert.ok(terminal.screen.every((line) => line.length <= 30))
  terminal.press('q')
  await clock.advance(100)
  assert.is(await done, 0)
  assert.is(terminal.closed, 1)
  assert.is(watched.stdout() + watched.stderr(), '')
})

test('says that a run without a trip is complete, and shows the next one in the window asked for', async () => {
  const table = new MemoryTable()
  const clock = new FakeClock()
  await table.put(generationItem(GENERATION))
  await table.put({ ...CURRENT_KEY, generation: GENERATION.id, run: 'none' })
  const status = { ...statusKey(GENERATION.id, 'none'), trips: 0, version: 1, workers: ['w'] }
  await table.put({ ...status, complete: false })
  const terminal = new FakeTerminal()
  const watched = [watch(clock), watch(clock), watch(clock, terminal)] as const
  const done = [
    tailTable(table, COMMAND, watched[0].program),
    tailTable(table, { ...COMMAND, json: true }, watched[1].program),
    tailTable(table, { ...COMMAND, rollingMillis: 30 * 60_000 }, watched[2].program),
  ]
  await clock.advance(1_500)
  assert.match(watched[0].stderr(), /^Waiting for the first counts …\n$/)
  assert.match(terminal.screen.join('\n'), /Waiting for the first counts …/)
  await table.put({ ...status, version: 2, complete: true })
  await clock.advance(2_500)
  assert.is(watched[0].stdout(), 'run none  complete, 0 trips\n')
  const { window, asOf, from, to, complete, trips } = JSON.parse(watched[1].stdout()) as Record<string, unknown> // prettier-ignore
  assert.equal([window, asOf, from, to, complete, trips], [null, null, null, null, true, 0])
  assert.match(terminal.screen[0], /^no counts *$/)
  assert.match(terminal.screen[2], /^■ complete   0 trips/)
  assert.match(terminal.screen.join('\n'), /No trip of this run was counted\./)
  await table.put({ ...CURRENT_KEY, generation: GENERATION.id, run: RUN })
  await fill(table, 1, 5)
  await clock.advance(1_500)
  assert.match(terminal.screen[0], /^last 30m/)
  assert.match(watched[0].stdout(), /last 15m: 6 pickups/)
  for (const { stop } of watched) stop()
  assert.equal(await Promise.all(done), [0, 0, 0])
})

test('ends when it is drained, and when the table fails for good, with the terminal given back', async () => {
  const { table, clock } = await stage()
  const drained = new FakeTerminal()
  const watched = watch(clock, drained)
  const done = tailTable(table, COMMAND, watched.program)
  await clock.advance(100)
  watched.stop()
  assert.is(await done, 0)
  assert.is(drained.closed, 1)

  const crashed = new FakeTerminal()
  table.onCall = () => {
    throw new Error('a bug')
  }
  const failed = tailTable(table, COMMAND, watch(clock, crashed).program).then(
    () => 'ended',
    (error: unknown) => String(error),
  )
  await clock.advance(100)
  assert.is(await failed, 'Error: a bug')
  assert.is(crashed.closed, 1)
})

test('says that it tries again, and does', async () => {
  const { table, clock } = await stage()
  const terminal = new FakeTerminal()
  const watched = watch(clock, terminal)
  const done = tailTable(table, COMMAND, watched.program)
  await clock.advance(100)
  table.onCall = () => {
    throw Object.assign(new Error('no answer'), { retryable: true, name: 'TimeoutError' })
  }
  await clock.advance(1_000)
  assert.match(terminal.screen.join('\n'), /! Trying again: no answer/)
  table.onCall = () => undefined
  await clock.advance(4_000)
  assert.match(terminal.screen.join('\n'), /● live/)
  watched.stop()
  await done
})

test('refuses a district that is not counted', async () => {
  const { table, clock } = await stage()
  const done = tailTable(table, { ...COMMAND, district: 'XX' }, watch(clock).program)
  const error = await done.catch((thrown: unknown) => thrown)
  assert.match(String(error), /--district: got XX, expected one of the 2 districts, such as 7, 8/)
})

test('refuses a window that is not counted, and takes the first where none was asked for', async () => {
  const { table, clock } = await stage()
  const wanting = { ...COMMAND, rollingMillis: 7 * 60_000 }
  const asked = tailTable(table, wanting, watch(clock).program).then(
    () => '',
    (error: unknown) => String(error),
  )
  await clock.advance(100)
  assert.match(await asked, /--rolling: got 7m, expected one of 5m, 15m, 30m, 60m/)
})

test.run()
