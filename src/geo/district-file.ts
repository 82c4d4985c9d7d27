/** A district file → a district set, without holding the event loop up. */
import { Worker } from 'node:worker_threads'
import { HailstreamError } from '../errors.ts'
import { DistrictIndex } from './district-index.ts'
import type { DistrictSet } from './district-set.ts'
import type { DistrictAnswer, DistrictFile } from './district-thread.ts'

/**
 * Reads a GeoJSON file, gzipped or not, and builds its index in a thread of its own. Throws
 * `HailstreamError`: `DISTRICTS` for a file that cannot be used, `USAGE` for an `idProperty` that it
 * does not have.
 */
export async function readDistricts(path: string, idProperty?: string): Promise<DistrictSet> {
  const answer = await askThread({ path, idProperty })
  if ('code' in answer) throw new HailstreamError(answer.code, answer.parts)
  return { ...answer.set, index: DistrictIndex.deserialize(answer.index) }
}

function askThread(workerData: DistrictFile): Promise<DistrictAnswer> {
  const thread = new Worker(new URL('./district-thread.js', import.meta.url), { workerData })
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`the thread ended with exit code ${code}`)))
  })
}
