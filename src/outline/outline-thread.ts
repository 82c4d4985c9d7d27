/**
 * The thread of `packOutlineOf`. The file was read once already, by whoever counts with it; if it
 * is another one by now, or cannot be drawn, there are no outlines.
 */
import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { parseDistricts } from '../geo/districts.ts'
import { packOutline } from './outline.ts'
import type { OutlineAnswer, OutlineFile } from './outline-file.ts'

const { path, idProperty, fingerprint } = workerData as OutlineFile
parentPort?.postMessage(answer())

function answer(): OutlineAnswer {
  const bytes = readFileSync(path)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '')
  const geojson: unknown = JSON.parse(text)
  const districts = parseDistricts(geojson, 'districts', idProperty)
  if (districts.fingerprint !== fingerprint) return undefined
  return { outline: packOutline(districts), note: noteOf(geojson) }
}

/** What a FeatureCollection says about itself beside its features. */
function noteOf(geojson: unknown): string {
  const note = typeof geojson === 'object' && geojson !== null && 'note' in geojson && geojson.note
  return typeof note === 'string' ? note.slice(0, 1_000) : ''
}
