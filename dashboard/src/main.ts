/** The page: connects, keeps what it hears, and lets each part draw itself. */
import type { DistrictsAnswer, RollingAnswer, StatusAnswer } from '../../src/page/answers.ts'
import type { ColourScale } from '../../src/page/colour-scale.ts'
import { nextScale } from '../../src/page/colour-scale.ts'
import { livenessOf } from '../../src/page/liveness.ts'
import type { WindowCounts } from '../../src/page/window-counts.ts'
import { liveCounts } from '../../src/page/window-counts.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { MEASURE_TITLES, SHOWN_MEASURES, shownValue } from '../../src/views/shown-measure.ts'
import { ask } from './api.ts'
import { ClockView } from './clock-view.ts'
import { byId } from './dom.ts'
import { Feed } from './feed.ts'
import { firstPaint } from './first-paint.ts'
import { HealthStrip } from './health-strip.ts'
import { Legend } from './legend.ts'
import { RoutesList } from './routes-list.ts'
import { Segments } from './segments.ts'
import { SeriesLoader } from './series-loader.ts'
import { StateView } from './state-view.ts'
import type { PageState } from './store.ts'
import { shownCounts, Store } from './store.ts'
import { TopList } from './top-list.ts'
import { Traveller } from './traveller.ts'

const FIRST_WINDOW = '15m'
/** The words about silence are of seconds; so is how often they are looked at. */
const TICK_MILLIS = 1_000

const store = new Store({
  connection: 'connecting',
  lostAt: 0,
  movedAt: performance.now(),
  status: null,
  districts: null,
  live: null,
  routes: null,
  measure: 'pickups',
  window: FIRST_WINDOW,
  selected: null,
  travel: null,
  citySeries: null,
  districtSeries: null,
  scale: null,
})

const traveller = new Traveller(store)
const series = new SeriesLoader(store)
const scales = new Map<string, ColourScale>()
let scaledCounts: WindowCounts | null = null
let askedDistricts = ''

function select(id: string | null): void {
  store.update({ selected: id, districtSeries: null })
  series.refresh()
}

function travel(to: number | null): void {
  traveller.travel(to)
  rescale()
}

/** One scale for each measure and window, so that going back and forth changes nothing. */
function rescale(): void {
  const { state } = store
  const counts = shownCounts(state)
  if (counts === null) return
  const name = `${state.measure} ${state.window}`
  const shown = scales.get(name)
  if (counts === scaledCounts && shown !== undefined) {
    store.update({ scale: shown })
    return
  }
  scaledCounts = counts
  const values: number[] = []
  for (const sums of counts.districts.values()) {
    const value = shownValue(state.measure, sums)
    if (value !== null) values.push(value)
  }
  const scale = nextScale(state.measure, values, shown)
  scales.set(name, scale)
  store.update({ scale })
}

const feed = new Feed({
  onOpen: () => store.update({ connection: 'open' }),
  onLost() {
    if (store.state.connection === 'lost') return
    store.update({ connection: 'lost', lostAt: performance.now() })
  },
  onStatus(status) {
    const before = store.state.status
    // Another run: what was shown is of the past.
    const other = before !== null && (before.run !== status.run || before.generation !== status.generation) // prettier-ignore
    const moved = before === null || before.asOf !== status.asOf || before.state !== status.state
    store.update({
      status,
      connection: 'open',
      ...(moved && { movedAt: performance.now() }),
      ...(other && { live: null, routes: null, travel: null, citySeries: null, districtSeries: null, selected: null }), // prettier-ignore
    })
    if (other) scales.clear()
    chooseWindow(status)
    void loadDistricts(status)
    series.refresh()
  },
  onRolling(rolling) {
    if (rolling.window !== store.state.window) return
    store.update({ live: liveCounts(rolling) })
    rescale()
    series.refresh()
  },
  onRoutes: (routes) => store.update({ routes }),
})

/** The window asked for may not be counted; then the server's own choice is followed. */
function chooseWindow(status: StatusAnswer): void {
  if (status.windows.length === 0 || status.windows.includes(store.state.window)) return
  setWindow(status.windows[0])
}

function setWindow(window: string): void {
  store.update({ window, live: null })
  feed.follow(window)
  const { travel: past } = store.state
  if (past !== null) traveller.travel(past.to)
  // The stream brings it too; asked for, it comes sooner.
  void ask<RollingAnswer>(`api/rolling/${window}`)
    .then((rolling) => {
      if (store.state.window !== window || store.state.live !== null) return
      store.update({ live: liveCounts(rolling) })
      rescale()
    })
    .catch(() => undefined)
}

async function loadDistricts({ generation, state }: StatusAnswer): Promise<void> {
  if (generation === null || state === 'waiting' || generation === askedDistricts) return
  askedDistricts = generation
  try {
    store.update({ districts: await ask<DistrictsAnswer>('api/districts') })
  } catch {
    // The next status asks again.
    askedDistricts = ''
  }
}

const isMeasure = (text: string): text is ShownMeasure =>
  (SHOWN_MEASURES as readonly string[]).includes(text)

const measures = new Segments(byId('measures', 'fieldset'), (value) => {
  if (!isMeasure(value)) return
  store.update({ measure: value })
  rescale()
})
const windows = new Segments(byId('windows', 'fieldset'), setWindow)
const clock = new ClockView(byId('clock', 'div'))
const health = new HealthStrip(byId('health', 'section'))
const states = new StateView()
const legend = new Legend(byId('legend', 'figure'), () => legend.draw(store.state))
const top = new TopList(byId('top', 'section'), select)
const routes = new RoutesList(byId('routes', 'section'), byId('routes-title', 'h2'))

function drawLiveness(state: Readonly<PageState>): void {
  const now = performance.now()
  const { status, connection, movedAt, lostAt } = state
  const silentMillis = now - movedAt
  states.draw(state, livenessOf({ status, connection, silentMillis, lostMillis: now - lostAt }))
}

store.show((state, before) => {
  measures.draw(
    SHOWN_MEASURES.map((value) => ({ value, text: MEASURE_TITLES[value] })),
    state.measure,
  )
  const known = state.status?.windows ?? []
  windows.draw(
    (known.length > 0 ? known : [state.window]).map((value) => ({ value, text: value })),
    state.window,
  )
  clock.draw(state)
  health.draw(state.status)
  drawLiveness(state)
  legend.draw(state)
  top.draw(state)
  routes.draw(state, before)
})
setInterval(() => drawLiveness(store.state), TICK_MILLIS)

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented) return
  if (store.state.travel !== null) travel(null)
  else if (store.state.selected !== null) select(null)
})

feed.follow(FIRST_WINDOW)

// The map library takes a while to parse, and the map to draw.
void firstPaint().then(() => {
  void import('./charts.ts').then(({ showCharts }) => showCharts(store, select, travel))
  void import('./map-card.ts').then(({ MapCard }) => MapCard.open(store, select))
})
