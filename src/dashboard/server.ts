/** The HTTP server: read-only, bounded, and quiet about itself. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { HailstreamError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import type { Board } from './board.ts'
import { Body, matches, takesGzip } from './body.ts'
import type { EventStreams } from './event-streams.ts'
import type { Metrics } from './metrics.ts'
import type { Poller } from './poller.ts'
import { Problem } from './problem.ts'
import { routeOf } from './routing.ts'
import type { Route } from './routing.ts'
import type { StaticFiles } from './static-files.ts'

export interface ServerParts {
  clock: Clock
  poller: Poller
  board: Board
  streams: EventStreams
  metrics: Metrics
  files: StaticFiles
  openapi: Body
  /** Of what nobody foresaw; the client is told `INTERNAL` and nothing else. */
  onError(error: unknown): void
}

const MAX_HEADER_BYTES = 8_192
const MAX_CONNECTIONS = 1_024
/** A client that neither sends nor takes anything for that long is gone. */
const IDLE_MILLIS = 30_000
const HEADERS_MILLIS = 10_000
const REQUEST_MILLIS = 20_000
const KEEP_ALIVE_MILLIS = 10_000
/** How long answers under way may take once the server closes. */
const GRACE_MILLIS = 500

/** Everything comes from here: no other origin, no inline script or style. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export class DashboardServer {
  readonly #parts: ServerParts
  readonly #server: Server

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_MILLIS,
        requestTimeout: REQUEST_MILLIS,
        keepAliveTimeout: KEEP_ALIVE_MILLIS,
      },
      (request, response) => void this.#answer(request, response),
    )
    this.#server.maxConnections = MAX_CONNECTIONS
    this.#server.on('clientError', refuse)
    // Streams write now and then by themselves; a socket that takes nothing is dropped.
    this.#server.setTimeout(IDLE_MILLIS)
  }

  /** Resolves once it answers, with its port. Throws `USAGE` where it cannot listen. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(cannotListen(error, port, host))
      })
      this.#server.listen(port, host, resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Says goodbye to streams, lets answers under way go out, and closes. */
  async close(): Promise<void> {
    this.#parts.streams.close()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const grace = new AbortController()
    void this.#parts.clock.sleep(GRACE_MILLIS, grace.signal).then(() => {
      this.#server.closeAllConnections()
    })
    await closed
    grace.abort()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => this.#parts.metrics.answered(response.statusCode))
    // Of a client that is gone; its answer is over with 'close'.
    response.on('error', () => undefined)
    // A body is never wanted; it is let past, up to the time a request may take.
    request.resume()
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        throw new Problem('METHOD_NOT_ALLOWED', 'the dashboard only reads', {
          expected: 'GET or HEAD',
        })
      }
      await this.#route(request, response)
    } catch (error) {
      await this.#tellProblem(error, request, response)
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { route, query } = routeOf(request.url ?? '/')
    const { poller, streams, metrics, files } = this.#parts
    if (route.name !== 'file' && route.name !== 'openapi') await poller.attend()
    if (route.name === 'events') {
      if (request.method === 'HEAD') await send(request, response, 200, EMPTY_STREAM)
      else {
        streams.add(response, {
          windows: query.get('window'),
          zip: takesGzip(request.headers['accept-encoding']),
          headers: { ...SECURITY_HEADERS, ...NO_STORE },
        })
      }
    } else if (route.name === 'health') {
      const { code, body } = this.#health()
      await send(request, response, code, body, NO_STORE)
    } else if (route.name === 'metrics') {
      const text = Buffer.from(await metrics.text())
      await send(request, response, 200, new Body(metrics.contentType, text), NO_STORE)
    } else if (route.name === 'file') {
      const file = await files.get(route.path)
      if (file === undefined) throw noFile(route.path, files.found)
      const caching = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
      await send(request, response, 200, file.body, { 'cache-control': caching })
    } else {
      await send(request, response, 200, await this.#api(route, query), REVALIDATE)
    }
  }

  #api(route: Route, query: URLSearchParams): Body | Promise<Body> {
    const { board, openapi } = this.#parts
    switch (route.name) {
      case 'status':
        return board.status()
      case 'districts':
        return board.districts()
      case 'rolling':
        return board.rolling(route.window)
      case 'panes':
        return board.panes(query)
      case 'series':
        return board.series(route.district, query)
      case 'routes': {
        const routes = board.routes()
        if (routes !== undefined) return routes
        throw new Problem('NOT_YET', 'no routes are counted yet')
      }
      default:
        return openapi
    }
  }

  #health(): { code: number; body: Body } {
    const { polledAt, error } = this.#parts.poller.seen
    const status = error !== undefined ? 'table-unavailable' : polledAt === 0 ? 'starting' : 'ok'
    const body = Body.json({ status, polledAt: polledAt === 0 ? null : polledAt })
    return { code: status === 'ok' ? 200 : 503, body }
  }

  async #tellProblem(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (response.headersSent) {
      response.destroy()
      return
    }
    const problem = problemOf(error)
    if (problem.code === 'INTERNAL') this.#parts.onError(error)
    const headers = { ...NO_STORE, ...problem.headers }
    await send(request, response, problem.status, Body.json(problem), headers).catch(() => {
      response.destroy()
    })
  }
}

const REVALIDATE = { 'cache-control': 'no-cache' }
const NO_STORE = { 'cache-control': 'no-store' }
const EMPTY_STREAM = new Body('text/event-stream; charset=utf-8', new Uint8Array())

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  // Ours name no path, and are of the table.
  if (error instanceof HailstreamError) return new Problem('TABLE_UNAVAILABLE', error.message)
  return new Problem('INTERNAL', 'something that nobody foresaw')
}

function noFile(path: string, found: boolean): Problem {
  if (path === '/' && !found) {
    return new Problem('NOT_FOUND', 'the page was not built', {
      expected: 'a page made by `npm run build`; the API is at /api/openapi.json',
    })
  }
  return new Problem('NOT_FOUND', 'there is no such page')
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Body,
  headers: Record<string, string> = {},
): Promise<void> {
  const ok = status === 200
  const zip = body.worthGzip && takesGzip(request.headers['accept-encoding'])
  // Two encodings are two representations, and a strong validator tells them apart.
  const etag = zip ? `${body.etag.slice(0, -1)}-gzip"` : body.etag
  const common = {
    ...SECURITY_HEADERS,
    ...headers,
    ...(ok && { etag }),
    ...(body.worthGzip && { vary: 'accept-encoding' }),
  }
  if (ok && matches(request.headers['if-none-match'], body.etag)) {
    response.writeHead(304, common).end()
    return
  }
  const bytes = zip ? await body.gzipped() : body.bytes
  response.writeHead(status, {
    ...common,
    'content-type': body.type,
    'content-length': bytes.length,
    ...(zip && { 'content-encoding': 'gzip' }),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** What is not HTTP, or too much of it: answered as far as the socket still takes it. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  // Its last answer is on the way; what comes after it is nobody's.
  if (error.code === 'HPE_CLOSED_CONNECTION') return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const problem = tooLarge
    ? new Problem('TOO_LARGE', `headers of more than ${MAX_HEADER_BYTES} bytes`)
    : new Problem('BAD_REQUEST', 'what came is not an HTTP request')
  const text = JSON.stringify(problem)
  const line = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${line}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nx-content-type-options: nosniff\r\n` +
      `connection: close\r\n\r\n${text}`,
  )
}

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string): HailstreamError {
  const why =
    error.code === 'EADDRINUSE'
      ? 'one that is in use'
      : error.code === 'EACCES'
        ? 'one that may not be used'
        : (error.code ?? 'an error')
  const isHost = error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND'
  return new HailstreamError('USAGE', {
    subject: isHost ? `--host ${host}` : `--port ${port}`,
    got: isHost ? 'an address that is not one of this machine' : why,
    expected: isHost ? 'one that is, such as 127.0.0.1' : 'a free port',
    ...(!isHost && { fix: 'Leave --port out: then a free one is taken.' }),
  })
}
