/**
 * A process that does nothing and watches its own event loop: how long the machine keeps it waiting.
 * Forked; answers the first message with what `watchTurns` says, and ends.
 */
import { watchTurns } from './turns.ts'

const turns = watchTurns()
process.once('message', () => {
  process.send?.(turns())
  process.disconnect()
})
