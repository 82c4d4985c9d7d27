import { readFileSync } from 'node:fs'

/**
 * A process, told apart from a later one that got the same id: in a container the ids start anew
 * with every run, and a lock that only names one would seem held for ever.
 */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks from boot to its start (field 22 of /proc/PID/stat, proc(5)); '' where unknown. */
  startedAt: string
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: statFields(pid)?.[19] ?? '' }
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Someone else's process is alive as well.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const fields = statFields(pid)
  if (fields === undefined) return true
  const isZombie = fields[0] === 'Z'
  return !isZombie && (startedAt === '' || fields[19] === startedAt)
}

/** Field 3 (state) and everything after it; the name before them may hold spaces. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
