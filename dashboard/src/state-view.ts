/** How live the page is, said in a word, in a sentence where one is needed, and by greying. */
import type { LivenessVerdict } from '../../src/page/liveness.ts'
import { DOUBTFUL } from '../../src/page/liveness.ts'
import { byId, element, setHidden, setText } from './dom.ts'
import type { PageState } from './store.ts'
import { shownCounts } from './store.ts'

export class StateView {
  readonly #pill = byId('liveness', 'p')
  readonly #verified = byId('verified', 'p')
  readonly #banner = byId('banner', 'p')
  readonly #empty = byId('empty', 'div')
  readonly #note = byId('note', 'p')
  readonly #feed = byId('feed', 'p')

  draw(state: Readonly<PageState>, verdict: LivenessVerdict): void {
    const { status, districts, travel } = state
    this.#pill.dataset.kind = travel === null ? verdict.kind : 'past'
    setText(this.#pill, travel === null ? verdict.title : 'Looking back')
    document.body.classList.toggle('doubtful', DOUBTFUL.has(verdict.kind))
    const tell = DOUBTFUL.has(verdict.kind) || verdict.kind === 'abandoned'
    setHidden(this.#banner, !tell)
    setText(this.#banner, tell ? verdict.detail : '')
    const proven = status?.verified ?? null
    setHidden(this.#verified, proven === null)
    this.#verified.dataset.kind = proven?.equal === false ? 'unequal' : 'verified'
    setText(this.#verified, proven?.equal === false ? 'Not equal' : 'Verified')
    const run = status?.run ?? null
    setText(this.#feed, run === null ? '\u00a0' : run)
    this.#feed.title = run === null ? '' : `run ${run}, generation ${status?.generation ?? ''}`
    const note = status?.districts.note ?? districts?.note ?? ''
    setHidden(this.#note, note === '')
    setText(this.#note, noteText(note))
    this.#note.title = note
    this.#drawEmpty(state, verdict)
  }

  /** Stands where the map would be. */
  #drawEmpty(state: Readonly<PageState>, verdict: LivenessVerdict): void {
    const { districts, status } = state
    const outlined = districts?.features.some(({ geometry }) => geometry !== null) ?? false
    const nothing = shownCounts(state) === null && state.travel === null
    const [title, detail] =
      status === null || status.state === 'waiting' || nothing
        ? [verdict.title, verdict.detail || 'The first counts are on their way.']
        : districts !== null && !outlined
          ? ['No outlines', 'The table knows the ids of the districts but not their shapes; the lists beside are complete.'] // prettier-ignore
          : ['', '']
    setHidden(this.#empty, title === '')
    if (this.#empty.dataset.said === title + detail) return
    this.#empty.dataset.said = title + detail
    this.#empty.replaceChildren(
      element('strong', { text: title }),
      element('span', { text: detail }),
      ...(verdict.kind === 'waiting'
        ? [element('code', { text: 'npx hailstream count …   npx hailstream replay …' })]
        : []),
    )
  }
}

/** The first sentence or two; the whole is in the title. */
function noteText(note: string): string {
  if (note === '') return ''
  return note.startsWith('Approximate')
    ? 'Approximate districts: drawn for the sample, not official boundaries.'
    : note.slice(0, 140)
}
