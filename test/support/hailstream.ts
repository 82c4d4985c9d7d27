/** The real command line in processes of its own, as a user runs it. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { repoRoot } from './repo-root.ts'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface Running {
  process: ChildProcess
  ended: Promise<Ended>
}

const ENTRY = join(repoRoot, 'bin/hailstream.js')

/** Starts a command; the caller waits for `ended` or kills it. */
export function start(
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string>; stdin?: string },
): Running {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { process: child, ended }
}

export function hailstream(
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string>; stdin?: string },
): Promise<Ended> {
  return start(args, options).ended
}
