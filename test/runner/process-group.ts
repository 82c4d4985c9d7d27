import { readdirSync, readFileSync } from 'node:fs'

/** Zombie and dead, as in proc(5). */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X'])

/** Processes of the group that are still running. Zombies have ended and are not counted. */
export function livingMembers(group: number): number[] {
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return answers(-group) ? [group] : []
  }
  return names.map(Number).filter((pid) => {
    const stat = statOf(pid)
    return stat !== undefined && stat.group === group && !ENDED.has(stat.state)
  })
}

/** True while a process of this id runs. A zombie has ended. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid)
  return stat === undefined ? answers(pid) : !ENDED.has(stat.state)
}

/** Kills every process of the group; nothing happens when there is none. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** State and process group from /proc/PID/stat (proc(5)); the name in between may hold anything. */
function statOf(pid: number): { state: string; group: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', , group] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, group: Number(group) }
  } catch {
    return undefined
  }
}
