/** One question to the server. */

export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** As in docs/openapi.json; `NETWORK` where there was no answer at all. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** `path` without a leading slash: the page may stand under any path. Rejects with an ApiError. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { ...(signal !== undefined && { signal }) })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError('NETWORK', 'The server does not answer.')
  }
  // What answers is our own server, or something in its place that is no server of this kind.
  const body = (await response.json().catch(() => null)) as unknown
  if (response.ok && body !== null) return body as T
  const { code = 'UNKNOWN', message = `The server answered ${response.status}.` } = problemOf(body)
  throw new ApiError(code, message)
}

function problemOf(body: unknown): { code?: string; message?: string } {
  if (typeof body !== 'object' || body === null || !('error' in body)) return {}
  const { error } = body
  if (typeof error !== 'object' || error === null) return {}
  return {
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...('message' in error && typeof error.message === 'string' && { message: error.message }),
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** `?from=…&to=…` */
export function queryText(parameters: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(parameters).toString()}`
}
