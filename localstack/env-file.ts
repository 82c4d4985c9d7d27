import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileTrouble, HailstreamError } from '../src/errors.ts'

/** One `KEY=value` a line, as a shell and `docker --env-file` read it. */
export function formatEnvironment(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/**
 * Removes what an earlier pair wrote, so that the file is there exactly when its pair answers.
 * Throws `LOCAL` for a file that holds anything but AWS settings: it is someone's own.
 */
export async function clearEnvFile(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unwritable(file, error)
  })
  if (text === undefined) return
  const foreign = text.split('\n').find((line) => line.trim() !== '' && !/^AWS_\w+=/.test(line))
  if (foreign !== undefined) {
    throw new HailstreamError('LOCAL', {
      subject: basename(file),
      got: 'a file with lines that hailstream did not write',
      expected: 'a new file, or one from an earlier local pair',
      fix: 'Name another file with --write-env.',
    })
  }
  await rm(file, { force: true }).catch((error: unknown) => {
    throw unwritable(file, error)
  })
}

/** Writes the file whole or not at all. Throws `LOCAL` when that is not possible. */
export async function writeEnvFile(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const part = `${file}.${process.pid}.part`
  try {
    await writeFile(part, formatEnvironment(environment))
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw unwritable(file, error)
  }
}

function unwritable(file: string, error: unknown): HailstreamError {
  return new HailstreamError(
    'LOCAL',
    {
      subject: basename(file),
      got: fileTrouble(error),
      expected: 'a file that can be written',
      fix: 'Name another file with --write-env.',
    },
    { cause: error },
  )
}
