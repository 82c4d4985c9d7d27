/** Which answer a path asks for. Pure. */
import { Problem } from './problem.ts'

export type Route =
  | {
      name:
        'status' | 'districts' | 'panes' | 'routes' | 'events' | 'openapi' | 'health' | 'metrics'
    }
  | { name: 'rolling'; window: string }
  /** `district` null: the whole city. */
  | { name: 'series'; district: string | null }
  | { name: 'file'; path: string }

const FIXED: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/api/status', { name: 'status' }],
  ['/api/districts', { name: 'districts' }],
  ['/api/panes', { name: 'panes' }],
  ['/api/routes', { name: 'routes' }],
  ['/api/events', { name: 'events' }],
  ['/api/openapi.json', { name: 'openapi' }],
  ['/api/series', { name: 'series', district: null }],
  ['/healthz', { name: 'health' }],
  ['/metrics', { name: 'metrics' }],
])

/** `target` is the request's own: path and query. Throws `BAD_REQUEST`, `NOT_FOUND`. */
export function routeOf(target: string): { route: Route; query: URLSearchParams } {
  const at = target.indexOf('?')
  const query = new URLSearchParams(at < 0 ? '' : target.slice(at + 1))
  const path = decoded(at < 0 ? target : target.slice(0, at))
  const fixed = FIXED.get(path)
  if (fixed !== undefined) return { route: fixed, query }
  // Taken apart before it is decoded: an id may hold a slash.
  const raw = (at < 0 ? target : target.slice(0, at)).split('/')
  if (raw[1] === 'api') {
    if (raw[2] === 'rolling' && raw.length === 4) {
      return { route: { name: 'rolling', window: decoded(raw[3]) }, query }
    }
    if (raw[2] === 'districts' && raw[4] === 'series' && raw.length === 5) {
      return { route: { name: 'series', district: decoded(raw[3]) }, query }
    }
    throw new Problem('NOT_FOUND', 'there is no such thing in the API', {
      expected: 'one of the paths of /api/openapi.json',
    })
  }
  return { route: { name: 'file', path }, query }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Problem('BAD_REQUEST', 'a percent sign that encodes nothing')
  }
}
