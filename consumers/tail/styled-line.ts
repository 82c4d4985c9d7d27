/** A line of a frame: pieces of text with a style each, cut to the screen before they are coloured. */
import { cutText, textWidth } from './text-width.ts'

/** SGR codes; from the 16 colours that people choose for their terminal, never fixed ones. */
export const STYLES = {
  plain: '',
  bold: '1',
  dim: '2',
  good: '32',
  warn: '33',
  bad: '31',
  bar: '36',
  key: '7',
} as const
export type Style = keyof typeof STYLES

export type Piece = readonly [text: string, style?: Style]

export interface LineSpace {
  columns: number
  colour: boolean
}

/** `pieces` side by side in at most `columns` columns; `right` at the right edge if there is room. */
export function styledLine(
  pieces: readonly Piece[],
  { columns, colour }: LineSpace,
  right: readonly Piece[] = [],
): string {
  const leftWidth = widthOf(pieces)
  const rightWidth = widthOf(right)
  const fits = rightWidth > 0 && leftWidth + rightWidth + 2 <= columns
  const gap: Piece[] = fits ? [[' '.repeat(columns - leftWidth - rightWidth)]] : []
  let left = columns
  let line = ''
  for (const [text, style = 'plain'] of [...pieces, ...gap, ...(fits ? right : [])]) {
    const cut = cutText(text, left)
    left -= textWidth(cut)
    line +=
      colour && style !== 'plain' && cut !== '' ? `\u001b[${STYLES[style]}m${cut}\u001b[0m` : cut
    if (left <= 0) break
  }
  return line.replace(/ +$/, '')
}

function widthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, [text]) => sum + textWidth(text), 0)
}
