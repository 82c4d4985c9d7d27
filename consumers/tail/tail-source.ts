/** Where the views of `tail` get their snapshots: one look costs three or four reads. */
import { rollingPk } from '../../src/counts/keys.ts'
import type { TablePort } from '../../src/counts/table-port.ts'
import { HailstreamError } from '../../src/errors.ts'
import type { View } from '../../src/views/view.ts'
import { checkDistrict, resolveView, statusOf } from '../../src/views/view.ts'
import type { Snapshot } from './snapshot.ts'
import { countlessSnapshot, snapshotOf } from './snapshot.ts'

export interface TailSourceOptions {
  run: string | undefined
  generation: string | undefined
  /** A window that must be there, as its key: `15m`. */
  window: string | undefined
  /** One that must be counted. */
  district?: string | undefined
}

const DEFAULT_WINDOW = '15m'
const WINDOW_KEY = /^\d+m$/

export class TailSource {
  /** Keys of the windows there are, the shortest first; empty before the first counts. */
  windows: readonly string[] = []
  readonly #table: TablePort
  readonly #options: TailSourceOptions
  #windowsOf = ''

  constructor(table: TablePort, options: TailSourceOptions) {
    this.#table = table
    this.#options = options
  }

  /** The counts as they are, or undefined as long as there are none and some may come. */
  async look(window: string | undefined): Promise<Snapshot | undefined> {
    const view = await this.#view()
    if (view === undefined) return undefined
    const pk = rollingPk(view.generation.id, view.runId)
    if (this.#windowsOf !== pk) await this.#learnWindows(pk)
    const chosen = this.#choose(window)
    if (chosen === undefined) {
      // A run that sent no trip is complete without ever having counts.
      const status = await statusOf(this.#table, view)
      return status?.complete === true ? countlessSnapshot(view, status) : undefined
    }
    const item = await this.#table.get({ pk, sk: chosen })
    return item === undefined
      ? undefined
      : snapshotOf(view, item, await statusOf(this.#table, view))
  }

  async #view(): Promise<View | undefined> {
    const { run, generation, district } = this.#options
    try {
      const view = await resolveView(this.#table, { run, generation })
      checkDistrict(district, view)
      return view
    } catch (error) {
      const none = error instanceof HailstreamError && error.code === 'RUN' && run === undefined
      if (none) return undefined
      throw error
    }
  }

  async #learnWindows(pk: string): Promise<void> {
    const items = await this.#table.query(pk)
    this.windows = items
      .map(({ sk }) => sk)
      .filter((sk) => WINDOW_KEY.test(sk))
      .sort((a, b) => parseInt(a, 10) - parseInt(b, 10))
    if (this.windows.length > 0) this.#windowsOf = pk
  }

  #choose(window: string | undefined): string | undefined {
    if (this.windows.length === 0) return undefined
    const wanted = window ?? this.#options.window ?? DEFAULT_WINDOW
    if (this.windows.includes(wanted)) return wanted
    if (this.#options.window === undefined) return this.windows[0]
    throw new HailstreamError('USAGE', {
      subject: '--rolling',
      got: this.#options.window,
      expected: `one of ${this.windows.join(', ')}`,
    })
  }
}
