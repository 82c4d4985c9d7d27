/** A choice of one out of few, side by side: radio buttons, so that every key works as it should. */
import { element } from './dom.ts'

export interface Choice {
  value: string
  text: string
}

export class Segments {
  readonly #root: HTMLFieldSetElement
  readonly #onChoose: (value: string) => void
  readonly #inputs = new Map<string, HTMLInputElement>()
  #shown = ''

  constructor(root: HTMLFieldSetElement, onChoose: (value: string) => void) {
    this.#root = root
    this.#onChoose = onChoose
  }

  draw(choices: readonly Choice[], chosen: string): void {
    const seen = JSON.stringify(choices)
    if (seen !== this.#shown) {
      this.#shown = seen
      this.#build(choices)
    }
    const input = this.#inputs.get(chosen)
    if (input !== undefined && !input.checked) input.checked = true
  }

  #build(choices: readonly Choice[]): void {
    for (const label of this.#root.querySelectorAll('label')) label.remove()
    this.#inputs.clear()
    for (const { value, text } of choices) {
      const input = element('input', {
        attributes: { type: 'radio', name: this.#root.id, value },
      })
      input.addEventListener('change', () => {
        if (input.checked) this.#onChoose(value)
      })
      this.#inputs.set(value, input)
      this.#root.append(element('label', {}, input, element('span', { text })))
    }
  }
}
