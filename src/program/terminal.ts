/** The screen and the keyboard, as a view needs them; `bin` knows the real ones. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface Terminal {
  size(): TerminalSize
  /** Replaces the screen; lines that do not fit are cut. */
  draw(lines: readonly string[]): void
  /** Told of each key: `q`, `up`, `pagedown`, `escape`, `space` … */
  onKey(listener: (key: string) => void): void
  /** Told of each line of talk that the view keeps from the screen; it is printed at the end. */
  onTalk(listener: (line: string) => void): void
  /** Told when the screen has another size, or was away and must be drawn again. */
  onResize(listener: () => void): void
  /** Gives the screen back as it was found; may be called again. */
  close(): void
}
