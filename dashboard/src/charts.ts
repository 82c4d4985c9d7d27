/** The parts with charts in them, loaded together. */
import { DetailPanel } from './detail-panel.ts'
import { byId } from './dom.ts'
import type { Store } from './store.ts'
import { Timeline } from './timeline.ts'

export function showCharts(
  store: Store,
  onSelect: (id: string | null) => void,
  onTravel: (to: number | null) => void,
): void {
  const detail = new DetailPanel(byId('detail', 'section'), onSelect)
  const timeline = new Timeline(byId('timeline', 'section'), onTravel)
  store.show((state, before) => {
    detail.draw(state)
    timeline.draw(state, before)
  })
}
