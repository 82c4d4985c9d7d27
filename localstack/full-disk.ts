import { statfs } from 'node:fs/promises'
import { basename } from 'node:path'
import { HailstreamError } from '../src/errors.ts'

/** Less than an emulator needs to begin with. */
const LEAST_FREE_BYTES = 1_048_576

/**
 * What to throw for an emulator that ended: on a full disk it has words of its own, which are about
 * anything else.
 */
export async function orDiskFull(
  error: unknown,
  dataDir: string,
  freeBytes: (path: string) => Promise<number> = freeBytesOf,
): Promise<unknown> {
  const free = await freeBytes(dataDir).catch(() => Infinity)
  if (free >= LEAST_FREE_BYTES) return error
  return new HailstreamError(
    'LOCAL',
    {
      subject: `data folder ${basename(dataDir)}`,
      got: 'no space left on the device',
      expected: 'room for the data of both emulators',
      fix: 'Make room, or name another folder with --data-dir.',
    },
    { cause: error },
  )
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
