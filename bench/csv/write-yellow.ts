/** `write-yellow.js FILE ROWS`: what `yellowCsv` makes, in a file; half a million strings are left behind. */
import { writeFile } from 'node:fs/promises'
import { seededRandom } from '../../src/time/random.ts'
import { yellowCsv } from './yellow.ts'

const [file, rows] = process.argv.slice(2)
await writeFile(file, yellowCsv(Number(rows), seededRandom(1)))
