import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileTrouble, HailstreamError } from '../src/errors.ts'
import { systemClock } from '../src/time/clock.ts'
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts'

/** The right to use a data folder. */
export interface DataLock {
  /** The processes that also write into the folder, and may do so after this one has died. */
  share(pids: readonly number[]): Promise<void>
  release(): Promise<void>
}

const LOCK_NAME = 'local.lock'
/** Emulators whose parent has died are gone by then: loopback.cts gives them 10 s. */
const ORPHAN_MILLIS = 15_000

/**
 * Makes the folder if need be and locks it. A lock whose processes are gone is taken over. Throws
 * `LOCAL` for a folder that cannot be written, or that another pair uses.
 */
export async function lockDataDir(dataDir: string): Promise<DataLock> {
  const file = join(dataDir, LOCK_NAME)
  try {
    await mkdir(dataDir, { recursive: true })
    // Two that take over one dead lock at the same instant are told apart by the store's own lock.
    while (!(await create(file))) await waitUntilDead(file, dataDir)
  } catch (error) {
    if (error instanceof HailstreamError) throw error
    throw new HailstreamError(
      'LOCAL',
      {
        subject: `data folder ${basename(dataDir)}`,
        got: fileTrouble(error),
        expected: 'a folder that can be written',
        fix: 'Name another one with --data-dir.',
      },
      { cause: error },
    )
  }
  return {
    async share(pids) {
      const part = `${file}.part`
      await writeFile(part, textOf([process.pid, ...pids]))
      await rename(part, file)
    },
    release: () => rm(file, { force: true }),
  }
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(textOf([process.pid]))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock when all its processes are gone, waiting for those whose owner is. */
async function waitUntilDead(file: string, dataDir: string): Promise<void> {
  const deadline = systemClock.monotonicMillis() + ORPHAN_MILLIS
  for (;;) {
    const [owner, ...others] = await readOwners(file)
    if (owner !== undefined && isAlive(owner)) throw inUse(dataDir, owner.pid)
    const orphan = others.find(isAlive)
    if (orphan === undefined) break
    if (systemClock.monotonicMillis() > deadline) throw inUse(dataDir, orphan.pid)
    await systemClock.sleep(50)
  }
  await rm(file, { force: true })
}

function textOf(pids: readonly number[]): string {
  return `${JSON.stringify(pids.map(identify))}\n`
}

/** Empty for a lock that was cut off while it was written: its writer has died. */
async function readOwners(file: string): Promise<ProcessIdentity[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  try {
    const owners = JSON.parse(text) as unknown
    return Array.isArray(owners) ? (owners as ProcessIdentity[]) : []
  } catch {
    return []
  }
}

function inUse(dataDir: string, pid: number): HailstreamError {
  return new HailstreamError('LOCAL', {
    subject: `data folder ${basename(dataDir)}`,
    got: `one that process ${pid} uses`,
    expected: 'a folder of its own for each local pair',
    fix: 'End that process, or name another folder with --data-dir.',
  })
}
