import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What a proxy has done to those who talk through it. */
export interface ProxyTally {
  /** Connections that were reset, however. */
  cut: number
  /** Those of them on which a request had no reply yet, or lost it. */
  requestsCutOff: number
  /** Replies that were dropped: their requests had been carried out. */
  repliesLost: number
}

interface Link {
  client: Socket
  upstream: Socket
  /** The client has sent something that nothing has answered yet. */
  asked: boolean
}

/**
 * Stands between programs and an emulator, and breaks their connections when it is told to. It knows
 * bytes, not requests: a reply is what comes back first after something was asked.
 */
export class TcpProxy {
  /** `http://127.0.0.1:port`, for those who are to talk through it. */
  readonly endpoint: string
  readonly tally: ProxyTally = { cut: 0, requestsCutOff: 0, repliesLost: 0 }
  readonly #server: Server
  readonly #links: Set<Link>
  #repliesToLose = 0
  #silent = false

  private constructor(server: Server, port: number, links: Set<Link>) {
    this.#server = server
    this.#links = links
    this.endpoint = `http://127.0.0.1:${port}`
  }

  /** Listens on a free port of 127.0.0.1; `target` is the endpoint it leads to. */
  static async start(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target)
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port: 0 }, resolve)
    })
    const { port: own } = server.address() as AddressInfo
    const proxy = new TcpProxy(server, own, new Set())
    server.on('connection', (client) => proxy.#join(client, hostname, Number(port)))
    return proxy
  }

  get connections(): number {
    return this.#links.size
  }

  /** Resets every connection; returns how many there were. */
  cutAll(): number {
    const links = [...this.#links]
    for (const link of links) this.#cut(link)
    return links.length
  }

  /** Resets one of the connections, busy ones first; `draw` from [0, 1) chooses. */
  cutOne(draw: number): number {
    const all = [...this.#links]
    const busy = all.filter((link) => link.asked)
    const links = busy.length > 0 ? busy : all
    if (links.length === 0) return 0
    this.#cut(links[Math.floor(draw * links.length)])
    return 1
  }

  /** Of the next `replies` replies nobody will hear, though what they answer was done. */
  loseReplies(replies: number): void {
    this.#repliesToLose += replies
  }

  /** Nothing passes any more, either way; connections stay. What is sent meanwhile is kept. */
  fallSilent(): void {
    this.#silent = true
    for (const { client, upstream } of this.#links) {
      client.pause()
      upstream.pause()
    }
  }

  /** Ends a silence: what was kept arrives, as when TCP sends again. */
  speak(): void {
    this.#silent = false
    for (const { client, upstream } of this.#links) {
      client.resume()
      upstream.resume()
    }
  }

  /** Ends all connections and frees the port. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const { client, upstream } of this.#links) {
      client.destroy()
      upstream.destroy()
    }
    await closed
  }

  #join(client: Socket, host: string, port: number): void {
    const upstream = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const link: Link = { client, upstream, asked: false }
    this.#links.add(link)
    client.on('data', (bytes) => {
      link.asked = true
      this.#pass(bytes, client, upstream)
    })
    upstream.on('data', (bytes) => {
      if (link.asked && this.#repliesToLose > 0) {
        this.#repliesToLose--
        this.tally.repliesLost++
        this.#cut(link)
        return
      }
      link.asked = false
      this.#pass(bytes, upstream, client)
    })
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.once('end', () => to.end())
      from.once('error', () => to.destroy())
      from.once('close', () => {
        this.#links.delete(link)
        to.destroy()
      })
    }
    if (this.#silent) {
      client.pause()
      upstream.pause()
    }
  }

  #pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => {
      if (!this.#silent) from.resume()
    })
  }

  #cut(link: Link): void {
    this.#links.delete(link)
    this.tally.cut++
    if (link.asked) this.tally.requestsCutOff++
    link.client.resetAndDestroy()
    link.upstream.resetAndDestroy()
  }
}
