import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withTempDir } from './temp-dir.ts'

const runner = fileURLToPath(new URL('../run.js', import.meta.url))
const suiteUrl = new URL('./suite.js', import.meta.url).href

export interface RunnerOutcome {
  code: number | null
  output: string
  lastLine: string
}

/** What every test file of a fixture begins with. */
export const PREAMBLE = [
  `import { suite } from '${suiteUrl}'`,
  `import * as assert from '${import.meta.resolve('uvu/assert')}'`,
].join('\n')

/** Writes `files` (path → text) under `folder`; a test file gets the preamble. */
export async function writeFixture(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, path.endsWith('.js') ? `${PREAMBLE}\n${text}\n` : text)
  }
}

/** Starts the real runner on a folder, with short limits unless `args` say otherwise. */
export function startRunner(
  root: string,
  args: readonly string[] = [],
  cwd = process.cwd(),
): ChildProcess {
  const limits = ['--file-timeout', '5000', '--linger', '500']
  return spawn(process.execPath, [runner, '--root', root, ...limits, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
  })
}

export async function outcomeOf(child: ChildProcess): Promise<RunnerOutcome> {
  let output = ''
  const take = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output, lastLine: output.trimEnd().split('\n').at(-1) ?? '' }
}

/** Runs the real runner on these files, in a folder of their own. */
export async function runFixture(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<RunnerOutcome> {
  return withTempDir(async (folder) => {
    await writeFixture(folder, files)
    return outcomeOf(startRunner(folder, args))
  })
}
