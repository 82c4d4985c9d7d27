/** Elements out of data. Text is always text: nothing here takes markup. */

export interface Props {
  class?: string
  text?: string
  title?: string
  hidden?: boolean
  attributes?: Readonly<Record<string, string>>
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  if (props.class !== undefined) made.className = props.class
  if (props.text !== undefined) made.textContent = props.text
  if (props.title !== undefined) made.title = props.title
  if (props.hidden !== undefined) made.hidden = props.hidden
  for (const [name, value] of Object.entries(props.attributes ?? {})) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** The element that index.html has under that id. */
export function byId<K extends keyof HTMLElementTagNameMap>(
  id: string,
  tag: K,
): HTMLElementTagNameMap[K] {
  const found = document.getElementById(id)
  if (found?.localName !== tag) throw new Error(`#${id}: got no <${tag}>, expected one in the page`)
  return found as HTMLElementTagNameMap[K]
}

/** Writes only what changed: an untouched node costs no layout, and keeps a selection. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

export function setHidden(node: HTMLElement, hidden: boolean): void {
  if (node.hidden !== hidden) node.hidden = hidden
}
