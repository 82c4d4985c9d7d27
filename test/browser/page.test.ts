import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type {
  DistrictsAnswer,
  PanesAnswer,
  RollingAnswer,
  StatusAnswer,
} from '../../src/page/answers.ts'
import { readEventTime, writeEventTime } from '../../src/page/event-time.ts'
import { pastCounts } from '../../src/page/window-counts.ts'
import { formatShown, grouped, SHOWN_MEASURES, shownValue } from '../../src/views/shown-measure.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'
import { Browser, HAS_BROWSER, NO_BROWSER } from './browser.ts'
import { LiveCity } from './city.ts'

export const fileTimeoutMillis = 400_000

const test = suite('the page', { timeoutMillis: 120_000 })
const check = test.skipUnless(HAS_BROWSER, NO_BROWSER)
const PATIENCE_MILLIS = 60_000

let folder = ''
let city: LiveCity
let browser: Browser

test.before(async () => {
  if (!HAS_BROWSER) return
  folder = await mkdtemp(join(tmpdir(), 'hailstream-page-'))
  city = await LiveCity.found(folder)
  browser = await Browser.launch()
  await eventually('counts', async () => {
    const status = await city.ask<StatusAnswer>('api/status').catch(() => undefined)
    return (status?.trips ?? 0) > 100 && status?.span !== null
  }, PATIENCE_MILLIS) // prettier-ignore
})

test.after(async () => {
  await browser?.close()
  await city?.end()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

function sees(what: string, condition: () => Promise<boolean>): Promise<void> {
  return eventually(what, condition, PATIENCE_MILLIS)
}

function choose(value: string): Promise<void> {
  return browser.page.locator(`.segments input[value="${value}"]`).check()
}

async function numbers(): Promise<string[]> {
  return browser.page.locator('.numbers dd').allInnerTexts()
}

/** How many colours fill more than a little of what is seen of an element. */
async function coloursOf(selector: string): Promise<number> {
  const shot = await browser.page.locator(selector).screenshot()
  return browser.page.evaluate<number>(
    `(async (data) => {
      const image = new Image()
      image.src = 'data:image/png;base64,' + data
      await image.decode()
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')
      context.drawImage(image, 0, 0)
      const pixels = new Uint32Array(
        context.getImageData(0, 0, image.width, image.height).data.buffer)
      const seen = new Map()
      for (const pixel of pixels) seen.set(pixel, (seen.get(pixel) ?? 0) + 1)
      return [...seen.values()].filter((count) => count > 150).length
    })(${JSON.stringify(shot.toString('base64'))})`,
  )
}

check('draws the map, and says what it is of', async () => {
  await browser.page.goto(city.url)
  await browser.page.waitForSelector('#map[data-drawn=true]', { timeout: PATIENCE_MILLIS })
  await sees('the first counts', async () => /^[1-9]/.test((await numbers())[0] ?? ''))
  assert.is(await browser.text('#liveness'), 'Live')
  assert.match(await browser.text('#note'), /^Approximate districts: .* not official boundaries/)
  await sees('names on the map', async () => (await browser.page.locator('.label').count()) > 3)
  await sees('colours of several classes', async () => (await coloursOf('.map-card')) > 4)
  await browser.shoot('live')
})

check('shows the measure and the window that are chosen', async () => {
  await choose('60m')
  await sees('the hour', async () => (await browser.text('.detail .under')).startsWith('last 60m'))
  await choose('net')
  await sees('the legend', async () => /net flow/i.test(await browser.text('.legend figcaption')))
  await browser.shoot('net-flow')
  await choose('fare')
  await sees('dollars', async () => (await browser.text('.swatches')).includes('$'))
  await choose('pickups')
})

check('looks at the district that is clicked on the map', async () => {
  await browser.page.locator('#busiest').click()
  const label = browser.page.locator('.label').first()
  await label.waitFor()
  const name = await label.innerText()
  const box = await label.boundingBox()
  assert.ok(box)
  await browser.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
  await sees(name, async () => (await browser.text('.detail h2')) === name)
  await sees('its series', async () => (await browser.page.locator('.detail canvas').count()) === 1)
  await browser.shoot('district')
  await browser.page.keyboard.press('Escape')
  await sees('the city again', async () => (await browser.text('.detail h2')) === 'The city')
})

check('knows a district by its name from the start', async () => {
  // Counts come first, and names much later.
  await browser.page.route('**/api/districts', async (route) => {
    await setTimeout(2_000)
    // The page may be gone by then, when the check has failed.
    await route.continue().catch(() => undefined)
  })
  await browser.page.reload()
  await browser.page.locator('#top li:first-child button').waitFor()
  // In one step: a second later another may be at the top.
  const name = await browser.page.evaluate<string>(`(() => {
    const button = document.querySelector('#top li:first-child button')
    button.click()
    return button.querySelector('.name').innerText
  })()`)
  await browser.page.unroute('**/api/districts')
  await sees(name, async () => (await browser.text('.detail h2')) === name)
  await browser.page.keyboard.press('Escape')
})

check('finds a district by its name', async () => {
  const { features } = await city.ask<DistrictsAnswer>('api/districts')
  const { id, properties } = features[3]
  await browser.page.locator('#find').fill(`${properties.name} · ${id}`)
  await sees('it', async () => (await browser.text('.detail h2')) === properties.name)
  await browser.page.getByText('Whole city', { exact: true }).click()
})

/** What the page has to show of the 15 minutes before `to`. */
async function countsBackThen(to: number): Promise<string[]> {
  const from = to - 15 * 60_000
  const query = `from=${writeEventTime(from)}&to=${writeEventTime(to)}`
  const { panes } = await city.ask<PanesAnswer>(`api/panes?${query}`)
  const { all } = pastCounts(from, to, panes)
  return SHOWN_MEASURES.map((measure) => formatShown(measure, shownValue(measure, all)))
}

check('looks back over final panes, and returns to now', async () => {
  await choose('15m')
  const slider = browser.page.locator('[role=slider]')
  await slider.waitFor()
  await slider.focus()
  for (let i = 0; i < 4; i++) await browser.page.keyboard.press('ArrowLeft')
  await sees('the past', async () => (await browser.text('#liveness')) === 'Looking back')
  // Each press is drawn with the next frame: where the slider stands may lag behind the last one.
  let seen = ''
  await eventually(() => `the counts of the past: ${seen}`, async () => {
    const minutes = Number(await slider.getAttribute('aria-valuenow'))
    const wanted = await countsBackThen(minutes * 60_000)
    const shown = await numbers()
    seen = `at ${minutes} got ${shown.join(' ')}, expected ${wanted.join(' ')}`
    return JSON.stringify(shown) === JSON.stringify(wanted)
  }, PATIENCE_MILLIS) // prettier-ignore
  await browser.shoot('looking-back')
  await browser.page.getByText('Return to live').click()
  await sees('now', async () => (await browser.text('#liveness')) === 'Live')
})

check('is dark where that is preferred, and fits a phone', async () => {
  const ground = (): Promise<string> =>
    browser.page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const light = await ground()
  await browser.page.emulateMedia({ colorScheme: 'dark' })
  assert.is.not(await ground(), light)
  await browser.page.waitForTimeout(300)
  await browser.shoot('dark')
  await browser.page.setViewportSize({ width: 390, height: 844 })
  await sees('nothing that sticks out', async () => {
    return (await browser.page.evaluate<number>('document.documentElement.scrollWidth')) <= 390
  })
  await browser.shoot('phone-dark')
  await browser.page.emulateMedia({ colorScheme: 'light' })
  await browser.shoot('phone')
  await browser.page.setViewportSize({ width: 1440, height: 900 })
})

check('has no barrier that axe finds serious, in light and in dark', async () => {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  await browser.page.evaluate(await readFile(axe, 'utf8'))
  for (const colorScheme of ['light', 'dark'] as const) {
    await browser.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await browser.page.waitForTimeout(300)
    const found = await browser.page.evaluate<string[]>(`axe.run().then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`)
    assert.equal(found, [], colorScheme)
  }
  await browser.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
})

check('shows markup in a name as text', async () => {
  const evil = `<script>alert(1)</script><img src=x onerror="document.title='owned'"> "quoted" & 'so'`
  await browser.page.route('**/api/districts', async (route) => {
    const answer = await city.ask<DistrictsAnswer>('api/districts')
    for (const { properties } of answer.features) properties.name = evil
    await route.fulfill({ json: answer })
  })
  try {
    await browser.page.reload()
    await sees('the name', async () => (await browser.text('#top .name')) === evil)
    await sees('it on the map', async () => (await browser.text('.label')) === evil)
    assert.is(await browser.page.title(), 'hailstream')
  } finally {
    await browser.page.unroute('**/api/districts')
    await browser.page.reload()
  }
})

check('says that nothing comes any more when the replay stops', async () => {
  await city.kill('replay')
  await sees('stale', async () => (await browser.text('#liveness')) === 'Stale')
  assert.match(await browser.text('#banner'), /^Nothing new for \d+ s/)
  assert.ok(await browser.page.evaluate<boolean>(`document.body.classList.contains('doubtful')`))
  await browser.shoot('stale')
})

check('shows exactly what the API says', async () => {
  const { districts, all, to } = await city.ask<RollingAnswer>('api/rolling/15m')
  const wanted = SHOWN_MEASURES.map((measure) => formatShown(measure, shownValue(measure, all)))
  await sees(`${wanted.join(' ')} at ${to}`, async () => {
    return JSON.stringify(await numbers()) === JSON.stringify(wanted)
  })
  const { features } = await city.ask<DistrictsAnswer>('api/districts')
  const nameOf = new Map(features.map(({ id, properties }) => [id, properties.name]))
  const top = Object.entries(districts)
    .filter(([, { pickups }]) => pickups > 0)
    .sort(([a, one], [b, other]) => other.pickups - one.pickups || (a < b ? -1 : 1))
    .slice(0, 10)
    .map(([id, { pickups }]) => `${nameOf.get(id)}: ${grouped(pickups)}`)
  const rows = await browser.page.locator('#top li:visible').allInnerTexts()
  assert.equal(rows.map((row) => row.trim().replace(/\s*\n\s*/g, ': ')), top) // prettier-ignore
  const { asOf } = await city.ask<StatusAnswer>('api/status')
  const clock = writeEventTime(readEventTime(asOf ?? '')).slice(11)
  await sees(`${clock} on the clock`, async () => (await browser.text('#clock .time')) === clock)
  assert.is(await browser.text('#health .value'), clock)
})

check('says when the server is gone, and comes back with it', async () => {
  const before = browser.complaints.length
  await city.kill('dashboard')
  await sees('the loss', async () => (await browser.text('#liveness')) === 'Reconnecting')
  await browser.shoot('reconnecting')
  city.startDashboard()
  await sees('it again', async () => (await browser.text('#liveness')) !== 'Reconnecting')
  // A browser says of itself that it could not connect; that is the point here.
  const complaints = browser.complaints.splice(before)
  const others = complaints.filter((text) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(text))
  assert.equal(others, [])
})

check('complained of nothing, and asked nobody else for anything', () => {
  assert.equal(browser.complaints, [])
  const strangers = [...browser.requests].filter(
    (url) => !url.startsWith(city.url) && !/^(data|blob):/.test(url),
  )
  assert.equal(strangers, [])
})

test.run()
