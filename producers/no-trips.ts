/** An input without one trip: what was read of it, and what to do. */
import { basename } from 'node:path'
import { HailstreamError } from '../src/errors.ts'
import { count } from '../src/program/program.ts'
import type { TripSummary } from '../src/trips/trip-source.ts'

type RowsRead = Pick<TripSummary, 'rowsRead' | 'rejected' | 'outsideWindow'>

/** Why there is nothing to send. */
export function noTrips({ rowsRead, rejected, outsideWindow }: RowsRead): string {
  if (rowsRead === 0) return 'There is no row in the input, and so no trip.'
  return outsideWindow > 0 && rejected === 0
    ? `There is no trip in that window: all ${count(rowsRead)} rows are outside it.`
    : `There is no trip in the ${count(rowsRead)} rows: ${count(rejected)} rejected, ${count(outsideWindow)} outside the window.`
}

/** The refusal to begin a run of it: dashboards would leave the last real one for an empty one. */
export function nothingToReplay(
  summary: RowsRead & Pick<TripSummary, 'files' | 'rejectedByReason'>,
  quarantinePath: string,
): HailstreamError {
  const { files, rowsRead, rejected, outsideWindow } = summary
  const reasons = Object.entries(summary.rejectedByReason)
    .map(([reason, rows]) => `${reason} ${count(rows)}`)
    .join(', ')
  const gone = [
    ...(rejected > 0 ? [`${count(rejected)} rejected (${reasons})`] : []),
    ...(outsideWindow > 0 ? [`${count(outsideWindow)} outside the window`] : []),
  ]
  const rows = `${count(rowsRead)} ${rowsRead === 1 ? 'row' : 'rows'}`
  const advice = [
    ...(rowsRead === 0 ? ['Check that it is the right input, and whole.'] : []),
    ...(rejected > 0
      ? [`${basename(quarantinePath)} has the rejected rows; --columns says which column is which.`]
      : []),
    ...(outsideWindow > 0 ? ['Choose another --from or --to.'] : []),
  ]
  return new HailstreamError('RUN', {
    subject: files.length === 1 ? files[0] : `${files[0]} and ${count(files.length - 1)} more`,
    got: rowsRead === 0 ? 'no row' : `no trip in ${rows}: ${gone.join(', ')}`,
    expected: 'at least one trip',
    fix: `No run was begun, nothing was sent. ${advice.join(' ')}`,
  })
}
