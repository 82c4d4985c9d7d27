/**
 * How light the dashboard's page is: `npm run bench:page [-- --url URL] [--seconds N] [--json]`.
 *
 * Looks at a running dashboard (`npm start`, while its replay runs) in a real Chromium: until the
 * first paint, frames a second while counts come in, and what is left on the heap after a garbage
 * collection at the start and at the end. Bytes are those of the built files, gzipped. Chromium
 * draws in software here, so frames a second are fewer than on a machine with a graphics card.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { CDPSession, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { repoRoot } from '../test/support/repo-root.ts'

const CHROMIUM = '/usr/bin/chromium'
/** After the map is drawn and all charts are there. */
const WARM_UP_MILLIS = 10_000
const FIRST_PAINTS = 5

/** Resolves to the first paint of anything that has content, ms after the navigation began. */
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName('first-contentful-paint')
    if (paint !== undefined) resolve(paint.startTime)
  }).observe({ type: 'paint', buffered: true })
})`

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8787/' },
    seconds: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)

function print(subject: string, value: number, unit: string): void {
  if (values.json) console.log(JSON.stringify({ subject, value, unit }))
  else console.log(`${subject.padEnd(46)} ${value.toLocaleString('en').padStart(10)} ${unit}`)
}

function scriptBytes(isMap: boolean): number {
  const folder = join(repoRoot, 'dist/dashboard/assets')
  return readdirSync(folder)
    .filter((name) => /\.m?js$/.test(name) && name.startsWith('maplibre') === isMap)
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0)
}

/** What stays on the heap, in kilobytes. */
async function heapKilobytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return Math.round(usedSize / 1024)
}

async function framesASecond(page: Page, millis: number): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const start = performance.now()
    let frames = 0
    const next = (now) => {
      frames++
      if (now - start < ${millis}) requestAnimationFrame(next)
      else resolve(Math.round(frames / (now - start) * 10_000) / 10)
    }
    requestAnimationFrame(next)
  })`)
}

if (!existsSync(CHROMIUM)) {
  console.error('page: got no chromium, expected one in /usr/bin.')
  process.exit(1)
}
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [
    '--no-sandbox',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
})
try {
  print('scripts without the map library, gzipped', scriptBytes(false), 'bytes')
  print('the map library and its worker, gzipped', scriptBytes(true), 'bytes')
  const paints: number[] = []
  for (let i = 0; i < FIRST_PAINTS; i++) {
    const fresh = await browser.newPage()
    await fresh.goto(values.url)
    paints.push(await fresh.evaluate<number>(FIRST_PAINT))
    await fresh.close()
  }
  paints.sort((a, b) => a - b)
  print('first paint, median', Math.round(paints[FIRST_PAINTS >> 1]), 'ms')
  print('first paint, max', Math.round(paints[FIRST_PAINTS - 1]), 'ms')

  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(values.url)
  await page.waitForSelector('#map[data-drawn=true]', { timeout: 60_000 })
  await page.waitForTimeout(WARM_UP_MILLIS)
  const session = await page.context().newCDPSession(page)
  const before = await heapKilobytes(session)
  print('frames a second while counts come in', await framesASecond(page, seconds * 1000), 'fps')
  const after = await heapKilobytes(session)
  print('heap at the start, after collection', before, 'KiB')
  print(`heap after ${seconds} s, after collection`, after, 'KiB')
} finally {
  await browser.close()
}
