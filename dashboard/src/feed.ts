/** The server's events, for as long as the page is open; comes back by itself. */
import type { RollingAnswer, RoutesAnswer, StatusAnswer } from '../../src/page/answers.ts'

export interface FeedListener {
  onOpen(): void
  onLost(): void
  onStatus(status: StatusAnswer): void
  onRolling(rolling: RollingAnswer): void
  onRoutes(routes: RoutesAnswer): void
}

/** A browser gives up on an answer that is no event stream, such as 503: then we ask again. */
const AGAIN_MILLIS = 2_000

export class Feed {
  readonly #listener: FeedListener
  #source: EventSource | undefined
  #again: ReturnType<typeof setTimeout> | undefined
  #window = ''

  constructor(listener: FeedListener) {
    this.#listener = listener
  }

  /** Follows this window from now on; `''` leaves it to the server. */
  follow(window: string): void {
    this.#window = window
    this.#connect()
  }

  #connect(): void {
    this.close()
    const query = this.#window === '' ? '' : `?window=${encodeURIComponent(this.#window)}`
    const source = new EventSource(`api/events${query}`)
    this.#source = source
    source.addEventListener('open', () => this.#listener.onOpen())
    source.addEventListener('error', () => {
      this.#listener.onLost()
      if (source.readyState !== EventSource.CLOSED || this.#source !== source) return
      this.#again = setTimeout(() => this.#connect(), AGAIN_MILLIS)
    })
    this.#on<StatusAnswer>('status', (status) => this.#listener.onStatus(status))
    this.#on<RollingAnswer>('rolling', (rolling) => this.#listener.onRolling(rolling))
    this.#on<RoutesAnswer>('routes', (routes) => this.#listener.onRoutes(routes))
  }

  close(): void {
    clearTimeout(this.#again)
    this.#source?.close()
    this.#source = undefined
  }

  #on<T>(type: string, listener: (answer: T) => void): void {
    this.#source?.addEventListener(type, (event: MessageEvent<string>) => {
      listener(JSON.parse(event.data) as T)
    })
  }
}
