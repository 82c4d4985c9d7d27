import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the package: we run from its dist/bin. */
export function packageHome(): string {
  return dirname(dirname(dirname(fileURLToPath(import.meta.url))))
}
