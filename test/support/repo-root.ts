import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the package the tests run in: the nearest one upwards that has a package.json. */
export const repoRoot: string = ((folder: string): string => {
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error('got no package.json, expected a package')
    folder = dirname(folder)
  }
  return folder
})(process.cwd())
