import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { readDistricts } from '../../src/geo/district-file.ts'
import { districtsFrom } from '../../src/geo/district-set.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { scatter } from './hard-points.ts'
import { boxes, collection, feature, polygon } from './shapes.ts'
import { DISTRICT_FILES, HAS_SHARED_DATA, NO_SHARED_DATA, sharedPath } from './shared-data.ts'

const test = suite('a district file')
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

test('is read from a file, gzipped or with a byte order mark', async () => {
  await withTempDir(async (folder) => {
    const text = JSON.stringify(boxes([0, 0, 1, 1]))
    await writeFile(join(folder, 'a.geojson'), `\uFEFF${text}`)
    await writeFile(join(folder, 'b.geojson.gz'), gzipSync(text))
    const a = await readDistricts(join(folder, 'a.geojson'))
    const b = await readDistricts(join(folder, 'b.geojson.gz'), 'id')
    assert.is(a.fingerprint, b.fingerprint)
  })
})

test('refuses a file that cannot be read, naming it without its folder', async () => {
  await withTempDir(async (folder) => {
    await writeFile(join(folder, 'empty.geojson'), '')
    await writeFile(join(folder, 'cut.geojson'), '{"type":"FeatureColl')
    for (const name of ['empty.geojson', 'cut.geojson', 'absent.geojson']) {
      const error: unknown = await readDistricts(join(folder, name)).catch((e: unknown) => e)
      assert.instance(error, HailstreamError)
      assert.match(String(error), name)
      assert.not.match(String(error), folder)
    }
  })
})

test('never shows what is in a file that is no JSON', async () => {
  await withTempDir(async (folder) => {
    const files: [string, string | Buffer, RegExp][] = [
      ['bin.csv', Buffer.from([0xff, 0x1b, 0x5b, 0x32, 0x4a, 0]), /got binary data, expected GeoJSON/],
      ['a.csv', 'lon,lat\u001b[2J\n1,2\n', /got text that is no JSON, or is cut short, expected/],
      ['cut.gz', gzipSync('{"type":1}').subarray(0, 15), /got gzip data that cannot be read \(unexpected/],
    ] // prettier-ignore
    for (const [name, content, says] of files) {
      await writeFile(join(folder, name), content)
      const error: unknown = await readDistricts(join(folder, name)).catch((e: unknown) => e)
      assert.match(String(error), says)
      assert.not.match(String(error), /lon|\u001b/)
    }
  })
})

for (const { file, id } of DISTRICT_FILES) {
  withData(`of ${file} has a sensible id property by default`, async () => {
    const set = await readDistricts(sharedPath(file))
    assert.is(set.idProperty, id === 'BoroName' ? 'BoroCode' : id)
    assert.equal(set.warnings, [])
    if (id === 'LocationID') assert.ok(set.zones)
    if (id === 'NTA2020') assert.is(set.names[set.ids.indexOf('BK0101')], 'Greenpoint')
  })
}

test('gives the districts that its content gives', async () => {
  await withTempDir(async (folder) => {
    const content = boxes([0, 0, 1, 1], [1, 0.5, 2, 2], [0.5, 0.5, 3, 3])
    const path = join(folder, 'a.geojson')
    await writeFile(path, JSON.stringify(content))
    const { index: read, ...rest } = await readDistricts(path, 'id')
    const { index: made, ...expected } = districtsFrom(content, 'id', 'a.geojson')
    assert.equal(rest, expected)
    assert.equal([read.ids, read.fingerprint], [made.ids, made.fingerprint])
    const { lons, lats } = scatter([0, 0, 3, 3], 2000, seededRandom(1))
    assert.equal(read.locateMany(lons, lats), made.locateMany(lons, lats))
  })
})

test('is read and indexed without holding the event loop up', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'star.geojson')
    const star = Array.from({ length: 60_000 }, (_, i) => {
      const angle = (i / 60_000) * 2 * Math.PI
      const reach = i % 2 === 0 ? 0.9 : 1
      return [Math.cos(angle) * reach, Math.sin(angle) * reach]
    })
    star.push(star[0])
    await writeFile(path, JSON.stringify(collection(feature({ id: 1 }, polygon(star)))))
    let ticks = 0
    const ticking = setInterval(() => ticks++, 1)
    const { index } = await readDistricts(path, 'id')
    clearInterval(ticking)
    assert.is(index.locate(0, 0), 0)
    // In one piece it would be one or two, however slow the machine.
    assert.ok(ticks >= 10, `${ticks} ticks`)
  })
})

test('says which id it does not have, as wrong usage', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'a.geojson')
    await writeFile(path, JSON.stringify(boxes([0, 0, 1, 1])))
    const error: unknown = await readDistricts(path, 'name').catch((e: unknown) => e)
    assert.instance(error, HailstreamError)
    assert.ok(error instanceof HailstreamError && error.code === 'USAGE')
    assert.match(error.message, /--district-id: got "name", expected a property of a\.geojson: id/)
  })
})

test.run()
