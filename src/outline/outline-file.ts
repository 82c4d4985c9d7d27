/** Outlines of a district file, made in a thread of their own: nothing waits for them. */
import { Worker } from 'node:worker_threads'

export interface OutlineFile {
  path: string
  idProperty: string | undefined
  /** Of the districts that are counted by; outlines of any others are not wanted. */
  fingerprint: string
}

export type OutlineAnswer = { outline: Uint8Array; note: string } | undefined

/** Undefined where the file is another one by now, or `stop` came first. Rejects where it fails. */
export function packOutlineOf(file: OutlineFile, stop: AbortSignal): Promise<OutlineAnswer> {
  const thread = new Worker(new URL('./outline-thread.js', import.meta.url), { workerData: file })
  const end = (): void => void thread.terminate()
  stop.addEventListener('abort', end, { once: true })
  return new Promise<OutlineAnswer>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    // Of a thread that was stopped; one that answered has been heard before.
    thread.once('exit', () => resolve(undefined))
  }).finally(() => stop.removeEventListener('abort', end))
}
