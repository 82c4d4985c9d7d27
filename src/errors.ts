/**
 * Every error a user can meet. The message always has four parts: what it is about, what was
 * got, what was expected, and what to do. Anything else that is thrown is a bug in hailstream.
 */

export const ERROR_CODES = [
  'USAGE', // a wrong flag or combination of flags
  'INPUT', // a trip file that cannot be read
  'DISTRICTS', // a district file that cannot be used
  'STREAM', // the Kinesis stream is missing, or not the one that was expected
  'TABLE', // a DynamoDB table is missing or has the wrong shape
  'ACCESS', // credentials that are missing or refused
  'ENDPOINT', // nothing answers where the service should be
  'ITEM_SIZE', // an item that is larger than DynamoDB takes
  'RUN', // a run that cannot be started, resumed or found
  'GENERATION', // counts that cannot be mixed or found
  'CORRUPT', // bytes that are not what they claim to be
  'LOCAL', // the embedded pair did not start
  'OUTPUT', // a file that cannot be written
  'NOT_EQUAL', // verify found a difference
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

/** Nothing works without these; whoever looks after the program has to know at once. */
const CONCERNS_ALL: ReadonlySet<ErrorCode> = new Set(['STREAM', 'TABLE', 'ACCESS', 'ENDPOINT'])

export interface ErrorParts {
  /** What the error is about: a file's base name, a flag, a shard. Never a whole path. */
  subject: string
  got: string
  expected: string
  /** What the reader should do about it; a whole sentence. */
  fix?: string
}

export class HailstreamError extends Error {
  override readonly name = 'HailstreamError'
  readonly code: ErrorCode
  /** What the message is made of: enough to make the same error in another thread. */
  readonly parts: ErrorParts
  readonly retryable: boolean

  constructor(
    code: ErrorCode,
    parts: ErrorParts,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    const { subject, got, expected, fix } = parts
    super(
      `${subject}: got ${got}, expected ${expected}.${fix === undefined ? '' : ` ${fix}`}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.parts = parts
    this.retryable = options.retryable ?? false
  }

  /** 2 for wrong usage, 1 for everything else. */
  get exitCode(): 1 | 2 {
    return this.code === 'USAGE' ? 2 : 1
  }
}

/** Whether it is in the way of everything, and not of one thing that others can go on without. */
export function concernsAll(thrown: unknown): boolean {
  return thrown instanceof HailstreamError && CONCERNS_ALL.has(thrown.code)
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return text.replace(/\s+/g, ' ').trim()
}

const FILE_TROUBLES: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'no such file or folder'],
  ['EISDIR', 'a folder'],
  ['ENOTDIR', 'a path through a file that is no folder'],
  ['EEXIST', 'something else of that name'],
  ['EACCES', 'no permission'],
  ['EPERM', 'no permission'],
  ['EROFS', 'a file system that may only be read'],
  ['ENOSPC', 'no space left on the device'],
  ['EDQUOT', 'no space left on the device'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
])

/** Why a file cannot be read or written, for `got`: in words where they are known, never with its path. */
export function fileTrouble(cause: unknown): string {
  return (
    FILE_TROUBLES.get(systemCode(cause)) ?? messageOf(cause).replace(/(, \w+)? (-> )?'[^']*'/g, '')
  )
}

/** The system's name for what went wrong, `ENOENT` say; undefined for what did not come from it. */
export function systemCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** A message for others than the user of this machine: of an absolute path only the last part is told. */
export function withoutPaths(message: string): string {
  return message.replace(/(?<![\w.:/])\/(?:[^\s/'"]+\/)+(?=[^\s/'"])/g, '…/')
}

/** Whatever was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
}
