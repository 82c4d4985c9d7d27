/**
 * Server-sent events: whoever listens is told what changed after each look of the poller. Who does
 * not keep up is dropped, and may come again.
 */
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../time/clock.ts'
import { LagHistogram } from '../time/lag-histogram.ts'
import type { Percentiles } from '../time/lag-histogram.ts'
import type { Board } from './board.ts'
import type { Body } from './body.ts'
import { EventFrame, FrameWriter } from './event-frame.ts'
import type { Seen } from './poller.ts'
import { Problem, quoted } from './problem.ts'

export interface EventStreamLimits {
  /** Open streams. */
  streams: number
  /** Bytes that may wait for one reader. */
  waitingBytes: number
}

export const DEFAULT_STREAM_LIMITS: EventStreamLimits = {
  streams: 400,
  waitingBytes: 1_048_576,
}

const RETRY_MILLIS = 2_000
/** A status goes out at least that often, so that a page can tell a quiet feed from a dead server. */
const REPEAT_MILLIS = 5_000
const LAG_WINDOW_MILLIS = 300_000
const DEFAULT_WINDOW = '15m'
const MAX_WINDOWS = 16
/** Then requests have their turn. */
const TOLD_AT_ONCE = 20

interface News {
  status: EventFrame
  routes: EventFrame | undefined
  windows: readonly string[]
  rolling(window: string): EventFrame
}

export interface Listening {
  /** The text of the query; null: the default. */
  windows: string | null
  zip: boolean
  headers: Record<string, string>
}

interface Listener {
  writer: FrameWriter
  windows: readonly string[] | undefined
  /** Name of the event → validator of what was sent. */
  sent: Map<string, string>
  statusAt: number
}

export class EventStreams {
  readonly #board: Board
  readonly #clock: Clock
  readonly #limits: EventStreamLimits
  readonly #listeners = new Set<Listener>()
  readonly #frames = new WeakMap<Body, EventFrame>()
  readonly #lag = new LagHistogram(LAG_WINDOW_MILLIS)
  #dropped = 0
  #closing = false
  /** Counts the looks that were told. */
  #round = 0

  constructor(board: Board, clock: Clock, limits: EventStreamLimits = DEFAULT_STREAM_LIMITS) {
    this.#board = board
    this.#clock = clock
    this.#limits = limits
  }

  get open(): number {
    return this.#listeners.size
  }

  /** Readers that did not keep up. */
  get dropped(): number {
    return this.#dropped
  }

  /** From the writing of a rolling item until it was handed to a browser. */
  get lag(): Percentiles | undefined {
    return this.#lag.percentiles()
  }

  /** Turns a response into a stream. Throws `UNKNOWN_WINDOW`, `BAD_PARAMETER`, `TOO_MANY_STREAMS`. */
  add(response: ServerResponse, { windows, zip, headers }: Listening): void {
    const wanted = windows === null ? undefined : this.#readWindows(windows)
    if (this.#closing || this.#listeners.size >= this.#limits.streams) {
      throw new Problem('TOO_MANY_STREAMS', `${this.#listeners.size} event streams are open`, {
        expected: `at most ${this.#limits.streams}`,
      })
    }
    const writer = new FrameWriter(response, zip, headers)
    writer.write(EventFrame.retry(RETRY_MILLIS))
    const listener: Listener = { writer, windows: wanted, sent: new Map(), statusAt: -Infinity }
    this.#listeners.add(listener)
    response.on('close', () => this.#listeners.delete(listener))
    this.#tell(listener, this.#news())
  }

  /** After a look of the poller. */
  async tellAll(seen: Seen): Promise<void> {
    const round = ++this.#round
    if (this.#listeners.size === 0) return
    const news = this.#news()
    let told = 0
    for (const listener of this.#listeners) {
      for (const window of this.#tell(listener, news)) {
        const writtenAt = seen.followed?.rolling.get(window)?.writtenAt
        if (typeof writtenAt !== 'number') continue
        this.#lag.add(this.#clock.monotonicMillis(), this.#clock.now() - writtenAt)
      }
      if (++told % TOLD_AT_ONCE !== 0) continue
      await nextTurn()
      // What is newer must not be followed by this.
      if (round !== this.#round) return
    }
  }

  /** Says goodbye to all, and takes nobody any more. */
  close(): void {
    this.#closing = true
    const bye = EventFrame.of('bye', '{}')
    for (const { writer } of this.#listeners) writer.end(bye)
    this.#listeners.clear()
  }

  #readWindows(text: string): string[] {
    const known = this.#board.windows()
    const wanted = [...new Set(text.split(','))]
    for (const window of wanted) {
      // Before anything is counted nobody knows which there will be.
      const fine = known.length === 0 ? /^\d{1,4}m$/.test(window) : known.includes(window)
      if (fine && wanted.length <= MAX_WINDOWS) continue
      throw new Problem('UNKNOWN_WINDOW', `window ${quoted(window)}`, {
        parameter: 'window',
        expected: known.length === 0 ? 'minutes, such as 15m' : `some of ${known.join(',')}`,
      })
    }
    return wanted
  }

  /** What there is to tell just now; the frame of what has not changed is the one that there was. */
  #news(): News {
    const windows = this.#board.windows()
    const routes = this.#board.routes()
    return {
      status: this.#frame('status', this.#board.status()),
      routes: routes && this.#frame('routes', routes),
      windows,
      rolling: (window) => this.#frame('rolling', this.#board.rolling(window)),
    }
  }

  #frame(event: 'status' | 'rolling' | 'routes', body: Body): EventFrame {
    let frame = this.#frames.get(body)
    if (frame === undefined) {
      const key = event === 'status' ? essenceOf(body) : body.etag
      this.#frames.set(body, (frame = EventFrame.of(event, body.bytes, key)))
    }
    return frame
  }

  /** Tells one listener what is new to it; the windows that were. */
  #tell(listener: Listener, news: News): string[] {
    const { writer, sent } = listener
    const now = this.#clock.monotonicMillis()
    const isNew = (name: string, frame: EventFrame): boolean => {
      if (sent.get(name) === frame.key) return false
      sent.set(name, frame.key)
      writer.write(frame)
      return true
    }
    if (now - listener.statusAt >= REPEAT_MILLIS) sent.delete('status')
    if (isNew('status', news.status)) listener.statusAt = now
    const byDefault = news.windows.includes(DEFAULT_WINDOW)
      ? [DEFAULT_WINDOW]
      : news.windows.slice(0, 1)
    const windows = (listener.windows ?? byDefault)
      .filter((window) => news.windows.includes(window))
      .filter((window) => isNew(`rolling ${window}`, news.rolling(window)))
    if (news.routes !== undefined) isNew('routes', news.routes)
    if (writer.waitingBytes > this.#limits.waitingBytes) {
      this.#dropped++
      this.#listeners.delete(listener)
      writer.destroy()
      return []
    }
    return windows
  }
}

/** A status without what changes with every look: that alone is no news. */
function essenceOf(status: Body): string {
  const text = Buffer.from(status.bytes).toString('utf8')
  return text.replace(/"(polledAt|browsers)":\d+,?/g, '')
}
