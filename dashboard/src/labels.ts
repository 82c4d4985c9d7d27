/** Names of the districts with the most, over the map, as far as they do not cover each other. */
import type { PositionAnswer } from '../../src/page/answers.ts'
import { element } from './dom.ts'

export interface MapLabel {
  id: string
  text: string
  at: PositionAnswer
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const MOST_LABELS = 14
const HEIGHT = 16
const GAP = 6

export class Labels {
  readonly #root: HTMLElement
  readonly #project: (position: PositionAnswer) => { x: number; y: number }
  readonly #elements = new Map<string, HTMLElement>()
  readonly #widths = new Map<string, number>()
  #labels: readonly MapLabel[] = []

  constructor(root: HTMLElement, project: (position: PositionAnswer) => { x: number; y: number }) {
    this.#root = root
    this.#project = project
  }

  /** The most important first. */
  set(labels: readonly MapLabel[]): void {
    this.#labels = labels
    this.place()
  }

  /** To be called when the map moved. */
  place(): void {
    const { clientWidth, clientHeight } = this.#root
    const most = clientWidth < 640 ? MOST_LABELS / 2 : MOST_LABELS
    const taken: Box[] = []
    const shown = new Set<string>()
    for (const { id, text, at } of this.#labels) {
      if (shown.size >= most) break
      const { x, y } = this.#project(at)
      const width = this.#widthOf(text)
      const box = {
        left: x - width / 2 - GAP,
        right: x + width / 2 + GAP,
        top: y - HEIGHT / 2 - 2,
        bottom: y + HEIGHT / 2 + 2,
      }
      const outside =
        box.left < 0 || box.top < 0 || box.right > clientWidth || box.bottom > clientHeight
      if (outside || taken.some((other) => overlap(box, other))) continue
      taken.push(box)
      shown.add(id)
      this.#show(id, text, x, y)
    }
    for (const [id, label] of this.#elements) {
      if (shown.has(id)) continue
      label.remove()
      this.#elements.delete(id)
    }
  }

  #show(id: string, text: string, x: number, y: number): void {
    let label = this.#elements.get(id)
    if (label === undefined) {
      label = element('span', { class: 'label' })
      this.#elements.set(id, label)
      this.#root.append(label)
    }
    if (label.textContent !== text) label.textContent = text
    label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, -50%)`
  }

  #widthOf(text: string): number {
    let width = this.#widths.get(text)
    if (width === undefined) {
      const probe = element('span', { class: 'label', text })
      this.#root.append(probe)
      width = probe.offsetWidth
      probe.remove()
      this.#widths.set(text, width)
    }
    return width
  }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
