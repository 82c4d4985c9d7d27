import { clearEnvFile, formatEnvironment, writeEnvFile } from './env-file.ts'
import { startLocalPair } from './local-pair.ts'

export interface LocalCommand {
  dataDir?: string
  /** File that gets the environment; without it, stdout does. It stays when the pair has ended. */
  writeEnv?: string
  /** The first Ctrl-C: both emulators are stopped. */
  signal: AbortSignal
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
}

/**
 * `hailstream local`: runs the pair until `signal` aborts. The environment is written once both
 * answer, so whoever waits for the file may start at once. Throws `LOCAL` when the pair does not
 * start, when one of the two ends by itself, and when the file cannot be written.
 */
export async function runLocal(command: LocalCommand): Promise<void> {
  const { dataDir, writeEnv, signal, stdout, stderr } = command
  if (writeEnv !== undefined) await clearEnvFile(writeEnv)
  const pair = await startLocalPair({
    ...(dataDir !== undefined && { dataDir }),
    signal,
    log: (line) => stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    if (signal.aborted) return undefined
    throw error
  })
  if (pair === undefined) return
  try {
    if (writeEnv === undefined) stdout.write(formatEnvironment(pair.environment))
    else await writeEnvFile(writeEnv, pair.environment)
    const where = dataDir === undefined ? 'in memory' : `in ${dataDir}`
    stderr.write(`Data is kept ${where}. Ctrl-C stops both.\n`)
    const died = await Promise.race([pair.exited, untilAborted(signal)])
    if (died !== undefined) throw died
  } finally {
    await pair.stop()
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
