import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { HAS_SHARED_DATA, NO_SHARED_DATA, readSharedCsv, sharedPath } from '../geo/shared-data.ts'
import { box, collection, feature, polygon } from '../geo/shapes.ts'
import { hailstream } from '../support/hailstream.ts'
import { repoRoot } from '../support/repo-root.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('hailstream classify', { timeoutMillis: 60_000 })
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

const CITY = JSON.stringify(
  collection(
    feature({ id: 'west' }, polygon(box(0, 0, 1, 1))),
    feature({ id: 'east' }, polygon(box(1, 0, 2, 1))),
  ),
)
const POINTS = ['--lon', 'x', '--lat', 'y']

async function inCity(work: (cwd: string) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    await writeFile(join(cwd, 'city.geojson'), CITY)
    await work(cwd)
  })
}

test('prints every row with its district, from a file, gzipped or not, and from stdin', async () => {
  await inCity(async (cwd) => {
    const csv = 'n,x,y\r\n1,0.5,0.5\r\n2,1,1\r\n3,1,0\r\n4,,\r\n'
    const expected = 'n,x,y,district\r\n1,0.5,0.5,west\r\n2,1,1,\r\n3,1,0,east\r\n4,,,\r\n'
    await writeFile(join(cwd, 'p.csv'), csv)
    await writeFile(join(cwd, 'p.csv.gz'), gzipSync(csv))
    const args = ['--districts', 'city.geojson', '--district-id', 'id', ...POINTS]
    const all = await Promise.all([
      hailstream(['classify', 'p.csv', ...args], { cwd }),
      hailstream(['classify', 'p.csv.gz', ...args], { cwd }),
      hailstream(['classify', ...args], { cwd, stdin: csv }),
      hailstream(['classify', '-', ...args], { cwd, stdin: csv }),
    ])
    for (const { code, stdout, stderr } of all) {
      assert.is(stdout, expected)
      assert.is(stderr, 'rows 4 = in districts 2 + in none 2\n')
      assert.is(code, 0)
    }
  })
})

test('says which columns it takes for the points of a file it knows', async () => {
  await inCity(async (cwd) => {
    const stdin = 'Start_Lon,Start_Lat\n1.5,0.5\n'
    const args = ['classify', '--districts', 'city.geojson', '--as', 'CD']
    const { stdout, stderr } = await hailstream(args, { cwd, stdin })
    assert.is(stdout, 'Start_Lon,Start_Lat,CD\n1.5,0.5,east\n')
    assert.match(stderr, /Points are those of Start_Lon and Start_Lat/)
    assert.match(stderr, /Districts are told apart by id/)
  })
})

test('says what is wrong in one line', async () => {
  await inCity(async (cwd) => {
    await writeFile(join(cwd, 'p.csv'), 'x,y,District\n0,0,0\n')
    await writeFile(join(cwd, 'empty.csv'), '')
    await writeFile(join(cwd, 'p.parquet'), 'PAR1....')
    const city = ['--districts', 'city.geojson']
    const cases: [string[], number, RegExp][] = [
      [['p.csv', ...POINTS], 2, /required option '--districts <file>' not specified/],
      [['p.csv', ...city, '--lon', 'x'], 2, /got --lon without --lat/],
      [['p.csv', ...city, '--lon', 'z', '--lat', 'y'], 1, /p\.csv: got no column "z" among x, y/],
      [['p.csv', ...city], 1, /p\.csv: got the columns x, y, District, expected a longitude/],
      [['p.csv', ...city, '--lon', '1', '--lat', '9'], 1, /got position 9, expected one of the 3/],
      [['p.csv', ...city, ...POINTS], 2, /--as: got "district", which the file has already/],
      [['p.csv', ...city, ...POINTS, '--as', ' '], 2, /--as: got " "/],
      [['empty.csv', ...city, ...POINTS], 1, /empty\.csv: got nothing in it/],
      [['p.parquet', ...city, ...POINTS], 1, /p\.parquet: got a Parquet file, expected a CSV file/],
      [
        ['nowhere.csv', ...city],
        1,
        /nowhere\.csv: got no such .*, expected a CSV file, .* name\.$/m,
      ],
      [['.', ...city], 1, /: got a folder, expected a CSV file, .*\. Give one of its files\.$/m],
      [['p.csv', 'q.csv', ...city, ...POINTS], 2, /too many arguments/],
    ]
    for (const [args, code, says] of cases) {
      const ended = await hailstream(['classify', ...args], { cwd })
      assert.match(ended.stderr, says)
      assert.is(ended.code, code, args.join(' '))
      assert.is(ended.stdout, '')
      assert.not.match(ended.stderr, /^\s+at /m)
    }
  })
})

test('ends quietly when its reader has seen enough', async () => {
  await inCity(async (cwd) => {
    await writeFile(join(cwd, 'p.csv'), `x,y\n${'0.5,0.5\n'.repeat(200_000)}`)
    const entry = join(repoRoot, 'bin/hailstream.js')
    const args = ['classify', 'p.csv', '--districts', 'city.geojson', '--district-id', 'id']
    const child = spawn(process.execPath, [entry, ...args, ...POINTS], { cwd })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.once('close', resolve))
    assert.is(stderr, '')
    assert.is(code, 0)
  })
})

for (const end of ['pickup', 'dropoff']) {
  withData(
    `agrees row by row with an independent program on the ${end}s of a real file`,
    async () => {
      const name = 'yellow_2014_sample_10k'
      const { code, stdout } = await hailstream(
        [
          'classify',
          sharedPath(`trips/${name}.csv.gz`),
          ...['--districts', sharedPath('districts/community_districts.geojson')],
          ...['--district-id', 'BoroCD'],
          ...['--lon', `${end}_longitude`, '--lat', `${end}_latitude`],
        ],
        { cwd: repoRoot },
      )
      assert.is(code, 0)
      const lines = stdout.trimEnd().split('\n').slice(1)
      const truth = readSharedCsv(`truth/${name}-rows.csv.gz`)
      assert.is(lines.length, truth.length)
      const wrong = truth.filter(
        (row, i) => lines[i].slice(lines[i].lastIndexOf(',') + 1).trimEnd() !== row[`${end}_cd`],
      )
      assert.equal(wrong.slice(0, 3), [])
    },
  )
}

test.run()
