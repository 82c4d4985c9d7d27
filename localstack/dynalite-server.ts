/**
 * The process of the embedded DynamoDB: `node -r loopback.cjs dynalite-server.js [FOLDER]`. It is
 * one of its own because dynalite is busy enough to make a table on a terminal stutter.
 */
import { writeSync } from 'node:fs'
import dynalite from 'dynalite'
import { messageOf } from '../src/errors.ts'

const [, , path] = process.argv

const server = dynalite({
  ...(path !== undefined && { path }),
  createTableMs: 0,
  deleteTableMs: 0,
  updateTableMs: 0,
})
// Node closes an idle connection after 5 s, and a request that is just then on its way is lost.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1')
process.once('SIGTERM', () => process.exit())
// A store that cannot be opened comes to light here, in one of several shapes.
process.once('uncaughtException', (error) => {
  writeSync(2, `${error.name}: ${messageOf(error.cause ?? error)}\n`)
  process.exit(1)
})
