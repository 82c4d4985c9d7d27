/**
 * The files of the page. Only what was found in the folder at the start can be asked for, so a
 * path of a request never reaches the file system.
 */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Body } from './body.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}
const COMPRESSED = new Set(['.png', '.webp', '.woff2', '.ico'])

/** Vite puts what carries a digest of its content in its name there. */
const IMMUTABLE_FOLDER = '/assets/'

export interface StaticFile {
  body: Body
  /** Its name changes with its content, so it may be kept for ever. */
  immutable: boolean
}

export class StaticFiles {
  /** Path of the request → path of the file. */
  readonly #paths: ReadonlyMap<string, string>
  readonly #read = new Map<string, Promise<StaticFile>>()

  private constructor(paths: ReadonlyMap<string, string>) {
    this.#paths = paths
  }

  /** Of a folder that is not there, no file is found. */
  static async in(folder: string): Promise<StaticFiles> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      },
    )
    const paths = new Map<string, string>()
    for (const entry of entries) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
      paths.set(name, path)
      if (entry.name === 'index.html') paths.set(name.slice(0, -'index.html'.length), path)
    }
    return new StaticFiles(paths)
  }

  get found(): boolean {
    return this.#paths.has('/')
  }

  /** `path` as in the URL, decoded. */
  get(path: string): Promise<StaticFile> | undefined {
    const file = this.#paths.get(path)
    if (file === undefined) return undefined
    let read = this.#read.get(file)
    if (read === undefined) this.#read.set(file, (read = load(file, path)))
    return read
  }
}

async function load(file: string, path: string): Promise<StaticFile> {
  const extension = extname(file).toLowerCase()
  const body = new Body(TYPES[extension] ?? 'application/octet-stream', await readFile(file), {
    compressible: !COMPRESSED.has(extension),
  })
  return { body, immutable: path.startsWith(IMMUTABLE_FOLDER) }
}
