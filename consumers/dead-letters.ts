/** The file of records that are not trips: one JSON line each, so that nothing is lost. */
import { appendFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { DeadLetter } from '../src/counts/trip-batch.ts'
import { HailstreamError, messageOf } from '../src/errors.ts'

export function deadLetterFile(path: string): (letters: readonly DeadLetter[]) => Promise<void> {
  return async (letters) => {
    const lines = letters.map((letter) =>
      JSON.stringify({
        sequenceNumber: letter.seq.replace(/^0+(?=.)/, ''),
        index: letter.index,
        run: letter.run,
        reason: letter.reason,
        data: Buffer.from(letter.data).toString('base64'),
      }),
    )
    try {
      await appendFile(path, `${lines.join('\n')}\n`)
    } catch (cause) {
      throw new HailstreamError(
        'INPUT',
        {
          subject: `Dead-letter file ${basename(path)}`,
          got: messageOf(cause).replace(/ '.*'/, ''),
          expected: 'a file that can be written',
          fix: 'Name another with --dead-letters.',
        },
        { cause },
      )
    }
  }
}
