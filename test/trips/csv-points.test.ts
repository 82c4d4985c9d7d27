import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/time/random.ts'
import { CsvPoints } from '../../src/trips/csv-points.ts'
import type { CsvPointsOptions, PointRows } from '../../src/trips/csv-points.ts'
import { MAX_ROW_BYTES } from '../../src/trips/csv-reader.ts'
import { pointColumnsIn } from '../../src/trips/point-columns.ts'
import { suite } from '../support/suite.ts'

const test = suite('the points of a CSV file')

const byName = (names: readonly string[]): { lon: number; lat: number } =>
  pointColumnsIn(names, { lon: 'lon', lat: 'lat' }, 'x.csv')

/** The text with `<lon lat>` where each row ends and `<header>` where the header does. */
function marked(
  text: string,
  columns: CsvPointsOptions['columns'] = byName,
  cuts: readonly number[] = [],
): string {
  const points = new CsvPoints({ file: 'x.csv', columns })
  const bytes = Buffer.from(text)
  let out = ''
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    out += markedRows(points.push(bytes.subarray(from, to)))
    from = to
  }
  return out + markedRows(points.end())
}

function markedRows({ bytes, headerEnd, count, ends, lons, lats }: PointRows): string {
  const parts: string[] = []
  let from = 0
  if (headerEnd >= 0) {
    parts.push(bytes.toString('utf8', 0, headerEnd), '<header>')
    from = headerEnd
  }
  for (let row = 0; row < count; row++) {
    parts.push(bytes.toString('utf8', from, ends[row]), `<${lons[row]} ${lats[row]}>`)
    from = ends[row]
  }
  return parts.join('') + bytes.toString('utf8', from)
}

test('are found by the header, whatever its case and spaces, in rows kept as they are', () => {
  assert.is(
    marked(' a , LON ,"Lat"\r\nx,1.5,2\r\n y , -3 , 4.25 \r\n'),
    ' a , LON ,"Lat"<header>\r\nx,1.5,2<1.5 2>\r\n y , -3 , 4.25 <-3 4.25>\r\n',
  )
})

test('are found by position where there is no header', () => {
  assert.is(marked('1,2,3\n4,5,6', { lon: 2, lat: 0 }), '1,2,3<3 1>\n4,5,6<6 4>')
})

test('are found in quotes, behind quoted commas, quotes and line ends', () => {
  assert.is(
    marked('a,lon,lat\n"x,""y""\n,z", "1" ,"2"\r\n'),
    'a,lon,lat<header>\n"x,""y""\n,z", "1" ,"2"<1 2>\r\n',
  )
})

test('are none where a number is missing, is no number, or the row is too short', () => {
  assert.is(
    marked('a,lon,lat\n1\nx,1\nx,,3\nx,1,y\nx,NA,"z"\nx,1e1,-0x\n,,,,\n'),
    'a,lon,lat<header>\n1<NaN NaN>\nx,1<1 NaN>\nx,,3<NaN 3>\nx,1,y<1 NaN>\nx,NA,"z"<NaN NaN>\n' +
      'x,1e1,-0x<10 NaN>\n,,,,<NaN NaN>\n',
  )
})

test('leave blank lines and a byte order mark alone', () => {
  assert.is(
    marked('\uFEFFlon,lat\r\n\r\n1,2\n \n\n3,4\n\n'),
    '\uFEFFlon,lat<header>\r\n\r\n1,2<1 2>\n \n\n3,4<3 4>\n\n',
  )
  assert.is(marked('\n\nlon,lat\n1,2\n'), '\n\nlon,lat<header>\n1,2<1 2>\n')
})

test('are none in a line with a broken quote, and the next line is a row again', () => {
  assert.is(
    marked('lon,lat\n"1"x,2\n3,4\n5,"6\n7,8\n'),
    'lon,lat<header>\n"1"x,2<NaN NaN>\n3,4<3 4>\n5,"6<NaN NaN>\n7,8<7 8>\n',
  )
})

test('are the numbers that Number reads', () => {
  const texts = ['-73.98181915283203', '40.123456789012345678', '1e-7', '.5', '5.', '-0', '00012.5']
  for (const text of texts) {
    assert.is(marked(`${text},7\n`, { lon: 0, lat: 1 }), `${text},7<${Number(text)} 7>\n`)
  }
})

test('are the same wherever the bytes are cut', () => {
  const text =
    '\uFEFF\r\n"a\n",lon,lat\r\n\r\n"x\r\n",1.25,"2"\r\n"3"y,4\r\n \r\n5,6,7\r\n8,"9\r\n10,11,12'
  const whole = marked(text)
  const size = Buffer.byteLength(text)
  for (let cut = 0; cut <= size; cut++) assert.is(marked(text, byName, [cut]), whole)
  const random = seededRandom(3)
  for (let round = 0; round < 50; round++) {
    const cuts = Array.from({ length: 8 }, () => Math.floor(random() * (size + 1)))
    assert.is(
      marked(
        text,
        byName,
        cuts.sort((a, b) => a - b),
      ),
      whole,
    )
  }
})

test('take bounded memory for a line without an end, which is one row without a point', () => {
  const points = new CsvPoints({ file: 'x.csv', columns: { lon: 0, lat: 1 } })
  const piece = Buffer.alloc(100_000, 'x')
  points.push(Buffer.from('1,2\n'))
  let given = 0
  for (let i = 0; i < 100; i++) {
    const { bytes, count } = points.push(piece)
    assert.is(count, 0)
    given += bytes.length
    assert.ok((i + 1) * piece.length - given <= MAX_ROW_BYTES + piece.length)
  }
  assert.match(markedRows(points.push(Buffer.from('x\r'))), /^x*$/)
  assert.is(markedRows(points.push(Buffer.from('\n3,4\n'))), '<NaN NaN>\r\n3,4<3 4>\n')
})

test('cannot be in a file without anything, or in columns that the first row does not have', () => {
  for (const columns of [byName, { lon: 0, lat: 1 }]) {
    for (const text of ['', '\n', ' \r\n\n']) {
      assert.throws(() => marked(text, columns), /x\.csv: got nothing in it/)
    }
  }
  assert.throws(
    () => marked('1,2\n', { lon: 0, lat: 2 }),
    /got position 3, expected one of the 2 columns of its first row/,
  )
  assert.is(marked('1,2,3\n1,2\n', { lon: 0, lat: 2 }), '1,2,3<1 3>\n1,2<1 NaN>\n')
  assert.is(marked('lon,lat'), 'lon,lat<header>')
})

test.run()
