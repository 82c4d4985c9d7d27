/** What a suite reports while its tests run. */
export type TestEvent =
  | { type: 'started'; suite: string; sentence: string }
  | { type: 'passed'; suite: string; sentence: string; millis: number }
  | { type: 'failed'; suite: string; sentence: string; error: Error }
  | { type: 'skipped'; suite: string; sentence: string }

/** The same on its way from a file's process to the runner, where errors are already text. */
export type FileMessage =
  | Exclude<TestEvent, { type: 'failed' }>
  | { type: 'failed'; suite: string; sentence: string; text: string }
  /** The file is imported and this many tests are about to run. */
  | { type: 'registered'; tests: number; fileTimeoutMillis?: number }
  /** Something is wrong with the file as a whole. */
  | { type: 'problem'; text: string }
  /** Every suite has run to its end. */
  | { type: 'done' }
  /** The process should have ended by itself by now; what keeps it. */
  | { type: 'lingering'; resources: string[] }
