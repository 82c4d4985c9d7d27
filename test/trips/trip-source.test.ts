import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { parseColumns } from '../../src/trips/column-map.ts'
import {
  expandFiles,
  fingerprintFiles,
  openTrips,
  type TripSourceOptions,
  type TripSummary,
} from '../../src/trips/trip-source.ts'
import type { Trip } from '../../src/trips/trip.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import {
  failure,
  goldenPath,
  HAS_SHARED_DATA,
  NO_SHARED_DATA,
  sharedPath,
  tripsOf,
  utc,
} from './reading.ts'

const test = suite('the trip source')

const HEADER = 'pickup_datetime,dropoff_datetime,PULocationID\n'

async function read(
  options: Partial<TripSourceOptions> & Pick<TripSourceOptions, 'files'>,
): Promise<{ trips: Trip[]; summary: TripSummary }> {
  const source = await openTrips({ order: 'pickup', ...options })
  try {
    const { rowsRead, trips, rejected, outsideWindow } = source.summary
    assert.is(rowsRead, trips + rejected + outsideWindow)
    return { trips: await tripsOf(source.slabs()), summary: source.summary }
  } finally {
    await source.close()
  }
}

/** `minutes` past midnight, and the zone. */
function csvRow(minutes: number, zone: string, length = 5): string {
  const time = (minute: number): string =>
    new Date(Date.UTC(2016, 0, 1) + minute * 60_000).toISOString().slice(0, 19)
  return `${time(minutes)},${length < 0 ? '' : time(minutes + length)},${zone}\n`
}

const zonesOf = (trips: readonly Trip[]): string[] =>
  trips.map(({ pickup }) => (pickup.kind === 'zone' ? pickup.zone : '?'))

async function withFiles(
  files: Record<string, string | Uint8Array>,
  work: (path: (name: string) => string, folder: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content)
    }
    await work((name) => join(folder, name), folder)
  })
}

test('puts the trips of all files in one order, those of one time in the order of the files', async () => {
  await withFiles(
    {
      'a.csv': HEADER + csvRow(30, 'a1') + csvRow(10, 'a2') + csvRow(20, 'a3'),
      'b.csv': HEADER + csvRow(20, 'b1') + csvRow(5, 'b2') + csvRow(20, 'b3'),
    },
    async (path) => {
      const forward = await read({ files: [path('a.csv'), path('b.csv')] })
      assert.equal(zonesOf(forward.trips), ['b2', 'a2', 'a3', 'b1', 'b3', 'a1'])
      const backward = await read({ files: [path('b.csv'), path('a.csv')], memoryBytes: 160 })
      assert.equal(zonesOf(backward.trips), ['b2', 'a2', 'b1', 'b3', 'a3', 'a1'])
      assert.equal(forward.summary, {
        rowsRead: 6,
        trips: 6,
        rejected: 0,
        rejectedByReason: {},
        outsideWindow: 0,
        zoneTooLong: 0,
        files: ['a.csv', 'b.csv'],
        firstTime: utc('2016-01-01 00:05:00'),
        lastTime: utc('2016-01-01 00:30:00'),
        hasZones: true,
        hasPositions: false,
      })
    },
  )
})

test('orders by dropoff when asked, a trip without one at its pickup', async () => {
  const rows = csvRow(0, 'long', 60) + csvRow(10, 'short', 1) + csvRow(20, 'endless', -1)
  await withFiles({ 'a.csv': HEADER + rows }, async (path) => {
    const { trips, summary } = await read({ files: [path('a.csv')], order: 'dropoff' })
    assert.equal(zonesOf(trips), ['short', 'endless', 'long'])
    assert.is(summary.firstTime, utc('2016-01-01 00:11:00'))
    assert.is(summary.lastTime, utc('2016-01-01 01:00:00'))
  })
})

test('keeps the window from its start to just before its end, and counts the rest', async () => {
  const rows = [0, 10, 20, 30].map((minute) => csvRow(minute, String(minute), 10)).join('')
  await withFiles({ 'a.csv': `${HEADER}${rows}soon\n` }, async (path) => {
    const files = [path('a.csv')]
    const from = utc('2016-01-01 00:10:00')
    const to = utc('2016-01-01 00:30:00')
    const byPickup = await read({ files, from, to })
    assert.equal(zonesOf(byPickup.trips), ['10', '20'])
    assert.equal([byPickup.summary.rowsRead, byPickup.summary.outsideWindow], [5, 2])
    const byDropoff = await read({ files, from, to, order: 'dropoff' })
    assert.equal(zonesOf(byDropoff.trips), ['0', '10'])
    const nothing = await read({ files, from: to, to: from })
    assert.equal([nothing.summary.trips, nothing.summary.outsideWindow], [0, 4])
    assert.ok(Number.isNaN(nothing.summary.firstTime) && Number.isNaN(nothing.summary.lastTime))
  })
})

test('reads empty files, a header alone, one trip and 99 trips', async () => {
  const many = Array.from({ length: 99 }, (_, i) => csvRow(98 - i, String(i))).join('')
  await withFiles(
    {
      'empty.csv': '',
      'header.csv': HEADER,
      'one.csv': HEADER + csvRow(1, 'one').trimEnd(),
      'many.csv': HEADER + many,
      'empty.csv.gz': gzipSync(''),
    },
    async (path) => {
      const count = async (name: string): Promise<number> =>
        (await read({ files: [path(name)] })).trips.length
      assert.is(await count('empty.csv'), 0)
      assert.is(await count('empty.csv.gz'), 0)
      assert.is(await count('header.csv'), 0)
      assert.is(await count('one.csv'), 1)
      const { trips } = await read({ files: [path('many.csv')] })
      assert.equal(
        zonesOf(trips),
        Array.from({ length: 99 }, (_, i) => String(98 - i)),
      )
      const { summary } = await read({ files: [path('empty.csv')] })
      assert.equal([summary.hasZones, summary.rowsRead], [false, 0])
    },
  )
})

test('tells gzip and Parquet by their content, not by their name', async () => {
  const csv = HEADER + csvRow(1, 'x')
  const parquet = await readFile(goldenPath('times_us.parquet'))
  await withFiles(
    {
      'plain.csv.gz': csv,
      'packed.csv': gzipSync(csv),
      'members.gz': Buffer.concat([gzipSync(csv), gzipSync(csvRow(2, 'y'))]),
      'columns.dat': parquet,
    },
    async (path) => {
      assert.equal(zonesOf((await read({ files: [path('plain.csv.gz')] })).trips), ['x'])
      assert.equal(zonesOf((await read({ files: [path('packed.csv')] })).trips), ['x'])
      assert.equal(zonesOf((await read({ files: [path('members.gz')] })).trips), ['x', 'y'])
      assert.is((await read({ files: [path('columns.dat')] })).trips.length, 3)
    },
  )
})

test('reads standard input, gzipped or not, in whatever pieces it comes', async () => {
  const csv = HEADER + csvRow(2, 'x') + csvRow(1, 'y')
  for (const bytes of [Buffer.from(csv), gzipSync(csv)]) {
    for (const size of [1, 3, 1000]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const { trips, summary } = await read({ files: ['-'], stdin: Readable.from(chunks) })
      assert.equal(zonesOf(trips), ['y', 'x'])
      assert.equal(summary.files, ['standard input'])
    }
  }
  const parquet = await readFile(goldenPath('times_us.parquet'))
  const error = await failure(() => read({ files: ['-'], stdin: Readable.from([parquet]) }))
  assert.match(error.message, /^standard input: got a Parquet file/)
})

test('accounts for every row, and quarantines those that are no trips', async () => {
  const good = HEADER + csvRow(1, '1')
  const bad = `${HEADER}soon,,1\r\n${csvRow(2, '2')}\n,,\n"oops,${csvRow(3, '3')}`
  await withFiles({ 'good.csv': good, 'bad.csv': bad }, async (path, folder) => {
    const quarantinePath = path('q.ndjson')
    const files = [path('good.csv'), path('bad.csv'), goldenPath('times_text.parquet')]
    const { summary } = await read({ files, quarantinePath })
    assert.equal([summary.rowsRead, summary.trips, summary.rejected], [9, 5, 4])
    assert.equal(summary.rejectedByReason, {
      'unreadable-pickup-time': 2,
      'missing-pickup-time': 1,
      'unterminated-quote': 1,
    })
    const lines = (await readFile(quarantinePath, 'utf8')).trimEnd().split('\n')
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(rows.slice(0, 3), [
      { file: 'bad.csv', line: 2, reason: 'unreadable-pickup-time', raw: 'soon,,1' },
      { file: 'bad.csv', line: 5, reason: 'missing-pickup-time', raw: ',,' },
      {
        file: 'bad.csv',
        line: 6,
        reason: 'unterminated-quote',
        raw: `"oops,${csvRow(3, '3').trimEnd()}`,
      },
    ])
    assert.equal([rows[3]['file'], rows[3]['line']], ['times_text.parquet', 4])
    await read({ files: [path('good.csv')], quarantinePath: path('none.ndjson') })
    assert.equal((await readdir(folder)).sort(), ['bad.csv', 'good.csv', 'q.ndjson'])
  })
})

const UNREADABLE: readonly [string, string | Uint8Array, RegExp][] = [
  ['rubbish.csv', Buffer.from([7, 0, 200, 1, 0, 0]), /rubbish\.csv: got binary data/],
  ['cut.csv.gz', gzipSync(HEADER.repeat(1000)).subarray(0, 60), /cut\.csv\.gz: got gzip data/],
  ['short.gz', Buffer.from([0x1f, 0x8b]), /short\.gz: got gzip data/],
  ['wrong.gz', Buffer.concat([gzipSync(HEADER).subarray(0, 20), Buffer.alloc(40, 9)]), /got gzip/],
  ['archive.csv', Buffer.from('PK\u0003\u0004....'), /archive\.csv: got a zip archive/],
  ['wide.csv', Buffer.from(`\uFEFF${HEADER}`, 'utf16le'), /wide\.csv: got UTF-16 text/],
  ['cut.parquet', Buffer.from('PAR1 and nothing else PAR1'), /cut\.parquet: got a Parquet file/],
  ['short.parquet', Buffer.from('PAR1'), /short\.parquet: got a Parquet file/],
  [
    'page.csv',
    '<html>\n<p>Not found</p>\n',
    /page\.csv: got the columns <html>, expected a column/,
  ],
]

for (const [name, content, message] of UNREADABLE) {
  test(`refuses ${name} in one line, and leaves nothing behind`, async () => {
    const before = HEADER + csvRow(1, '1').repeat(50) + 'soon\n'
    await withFiles({ 'good.csv': before, [name]: content }, async (path, folder) => {
      const error = await failure(() =>
        read({
          files: [path('good.csv'), path(name)],
          quarantinePath: path('q.ndjson'),
          memoryBytes: 80,
          tempDir: folder,
        }),
      )
      assert.is(error.code, 'INPUT')
      assert.match(error.message, message)
      assert.not.match(error.message, /\n/)
      assert.not.ok(error.message.includes(folder), error.message)
      assert.equal((await readdir(folder)).sort(), ['good.csv', name].sort())
    })
  })
}

test('refuses a Parquet file that ends early', async () => {
  const parquet = await readFile(goldenPath('row_groups.parquet'))
  const broken = Buffer.from(parquet)
  broken.fill(0xff, 4, 3000)
  await withFiles({ 'a.parquet': parquet.subarray(0, 5000), 'b.parquet': broken }, async (path) => {
    for (const name of ['a.parquet', 'b.parquet']) {
      const error = await failure(() => read({ files: [path(name)] }))
      assert.match(error.message, new RegExp(`^${name}: got a Parquet file that cannot be read`))
    }
  })
})

test('refuses a folder and a file that is not there', async () => {
  await withTempDir(async (folder) => {
    const missing = await failure(() => read({ files: [join(folder, 'no.csv')] }))
    assert.match(missing.message, /^no\.csv: got no such file or folder, expected a trip file/)
    const directory = await failure(() => read({ files: [folder] }))
    assert.match(directory.message, new RegExp(`^${basename(folder)}: got a folder`))
  })
})

test('stops when it is told to, and leaves nothing behind', async () => {
  await withFiles({ 'a.csv': HEADER + csvRow(1, '1').repeat(200_000) }, async (path, folder) => {
    const stop = new AbortController()
    let calls = 0
    const reading = openTrips({
      files: [path('a.csv')],
      order: 'pickup',
      memoryBytes: 80,
      tempDir: folder,
      signal: stop.signal,
      onProgress: () => {
        if (++calls === 2) stop.abort(new Error('enough'))
      },
    })
    await reading.then(
      () => assert.unreachable('it went on'),
      (error: unknown) => assert.is(error instanceof Error && error.message, 'enough'),
    )
    assert.is(calls, 2)
    assert.equal(await readdir(folder), ['a.csv'])
  })
})

test('tells how far it is in rows and in bytes on disk', async () => {
  const csv = HEADER + csvRow(1, '1').repeat(20_000)
  const packed = gzipSync(csv)
  await withFiles({ 'a.csv': csv, 'b.csv.gz': packed }, async (path) => {
    const seen: [number, number][] = []
    await read({
      files: [path('a.csv'), path('b.csv.gz')],
      onProgress: (rows, bytes) => seen.push([rows, bytes]),
    })
    assert.equal(seen.at(-1), [40_000, csv.length + packed.length])
    assert.ok(seen.length > 4)
    assert.ok(seen.every(([rows], i) => i === 0 || rows >= seen[i - 1][0]))
  })
})

test('uses --columns for every file', async () => {
  await withFiles(
    { 'a.csv': '2016-01-01 10:00:00;x,7\n', 'b.csv': '7,1/2/2016 9:00 PM\n' },
    async (path) => {
      const columns = parseColumns('pickupTime=2,pickupZone=1')
      const { trips, summary } = await read({ files: [path('a.csv'), path('b.csv')], columns })
      assert.equal([trips.length, summary.rejected], [1, 1])
      assert.is(trips[0].pickupTime, utc('2016-01-02 21:00:00'))
    },
  )
})

test('may be closed twice, and gives nothing afterwards', async () => {
  const source = await openTrips({ files: [], order: 'pickup' })
  await source.close()
  await source.close()
  assert.throws(() => source.slabs())
})

test('expands names and patterns: in the order given, matches sorted, each file once', async () => {
  await withFiles(
    { 'b1.csv': '', 'a2.csv': '', 'a10.csv': '', 'c[1].csv': '' },
    async (path, folder) => {
      await symlink(path('a2.csv'), path('link.csv'))
      await mkdir(path('sub'))
      await writeFile(path('sub/a3.csv'), '')
      const names = async (...patterns: string[]): Promise<string[]> =>
        (await expandFiles(patterns.map((name) => (name === '-' ? name : path(name))))).map(
          (file) => basename(file),
        )
      assert.equal(await names('b1.csv', 'a*.csv'), ['b1.csv', 'a10.csv', 'a2.csv'])
      assert.equal(await names('a2.csv', 'a*.csv', 'link.csv'), ['a2.csv', 'a10.csv'])
      assert.equal(await names('-', 'b1.csv', '-'), ['-', 'b1.csv'])
      assert.equal(await names('c[1].csv'), ['c[1].csv'])
      assert.equal(await names('**/a{2,3}.csv'), ['a2.csv', 'a3.csv'])
      assert.equal(await names(), [])
      const noMatch = await failure(() => names('x*.csv'))
      assert.match(noMatch.message, /^x\*\.csv: got no file that matches/)
      const noFile = await failure(() => names('x.csv'))
      assert.match(noFile.message, /^x\.csv: got no such file/)
      assert.not.ok(noFile.message.includes(folder))
    },
  )
})

test('gives files a fingerprint of their names, contents and order, wherever they lie', async () => {
  const files = { 'a.csv': 'one', 'b.csv': 'two', 'c.csv': 'one' }
  await withFiles(files, async (path) => {
    const [a, b, c] = ['a.csv', 'b.csv', 'c.csv'].map(path)
    const prints = await Promise.all(
      [[a, b], [b, a], [a], [c], [a, a], ['-'], []].map(fingerprintFiles),
    )
    assert.is(new Set(prints).size, prints.length)
    assert.ok(prints.every((print) => /^[0-9a-f]{64}$/.test(print)))
    await withFiles(files, async (elsewhere) => {
      assert.is(await fingerprintFiles([elsewhere('a.csv'), elsewhere('b.csv')]), prints[0])
      await writeFile(elsewhere('a.csv'), 'One')
      assert.is.not(await fingerprintFiles([elsewhere('a.csv'), elsewhere('b.csv')]), prints[0])
    })
    const error = await failure(() => fingerprintFiles([path('no.csv')]))
    assert.match(error.message, /^no\.csv: got no such file/)
  })
})

const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

withData('sorts yellow and green of a month together as the sorted file has them', async () => {
  const files = ['yellow', 'green'].map((color) =>
    sharedPath(`trips/${color}_2016-01_sample_10k.csv.gz`),
  )
  const mixed = await read({ files, memoryBytes: 80 * 1500 })
  const sorted = await read({ files: [sharedPath('trips/trips_2016-01_20k_sorted.csv.gz')] })
  const times = (trips: readonly Trip[]): number[] => trips.map(({ pickupTime }) => pickupTime)
  assert.equal(times(mixed.trips), times(sorted.trips))
  const sum = (trips: readonly Trip[]): number =>
    trips.reduce((cents, { total }) => cents + total, 0)
  assert.is(sum(mixed.trips), sum(sorted.trips))
})

withData('counts the zone ids of a location-id file as they are', async () => {
  const { trips } = await read({ files: [sharedPath('trips/zoneid_yellow_2019-03_10k.csv.gz')] })
  const counts = new Map<string, number>()
  for (const zone of zonesOf(trips)) counts.set(zone, (counts.get(zone) ?? 0) + 1)
  assert.is(trips.length, 10_000)
  assert.ok((counts.get('264') ?? 0) > 0)
  assert.ok([...counts.keys()].every((zone) => /^\d+$/.test(zone)))
})

test.run()
