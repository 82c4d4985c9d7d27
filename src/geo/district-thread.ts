/**
 * The thread of `readDistricts`: reads a file, builds its index, and hands both over. The index goes
 * as bytes, which change hands without being copied.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { fileTrouble, HailstreamError, messageOf } from '../errors.ts'
import type { ErrorCode, ErrorParts } from '../errors.ts'
import { districtsFrom } from './district-set.ts'
import type { DistrictSet } from './district-set.ts'

export interface DistrictFile {
  path: string
  idProperty: string | undefined
}

export type DistrictAnswer =
  | { set: Omit<DistrictSet, 'index'>; index: Uint8Array<ArrayBuffer> }
  | { code: ErrorCode; parts: ErrorParts }

const { path, idProperty } = workerData as DistrictFile
const answer = read()
parentPort?.postMessage(answer, 'index' in answer ? [answer.index.buffer] : [])

function read(): DistrictAnswer {
  try {
    const label = basename(path)
    const { index, ...set } = districtsFrom(parseJson(readBytes(label), label), idProperty, label)
    return { set, index: index.serialize() }
  } catch (error) {
    if (error instanceof HailstreamError) return { code: error.code, parts: error.parts }
    throw error
  }
}

function readBytes(label: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw refusal(label, fileTrouble(cause), 'a GeoJSON file that can be read')
  }
}

function parseJson(bytes: Buffer, label: string): unknown {
  const text = textOf(bytes, label).replace(/^\uFEFF/, '')
  if (text.trim() === '') throw refusal(label, 'an empty file', 'GeoJSON')
  try {
    return JSON.parse(text)
  } catch {
    // The parser's words quote the file, whatever is in it.
    const isBinary = text.includes('\0') || text.includes('\uFFFD')
    const got = isBinary ? 'binary data' : 'text that is no JSON, or is cut short'
    throw refusal(label, got, 'GeoJSON')
  }
}

function textOf(bytes: Buffer, label: string): string {
  const isGzip = bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (cause) {
    throw refusal(label, `gzip data that cannot be read (${messageOf(cause)})`, 'GeoJSON')
  }
}

function refusal(subject: string, got: string, expected: string): HailstreamError {
  return new HailstreamError('DISTRICTS', { subject, got, expected })
}
