/**
 * Puts dead letters of one run back, exactly once: each gets its place in the run's log, and the log
 * is sent in order by a lane of its own. It may be killed anywhere and begun again, by anyone, with
 * the same letters or others, and by several at once: what is sent twice has ordinals that were seen.
 */
import { frontierKey, redrivePk } from '../counts/keys.ts'
import type { TablePort } from '../counts/table-port.ts'
import { grows } from '../counts/table-port.ts'
import type { KinesisPort } from '../kinesis/kinesis-port.ts'
import { aggregateOverhead, encodeAggregate, userRecordSize } from '../kinesis/encode-aggregate.ts'
import { controlRecordSize, encodeControl } from '../lanes/control-record.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { RetryPorts } from '../time/retry.ts'
import { retrying } from '../time/retry.ts'
import { RedriveLog } from './redrive-log.ts'
import type { RedriveEntry } from './redrive-log.ts'

export interface RedriveSettings {
  generation: string
  run: string
  /** Most bytes of one aggregate. */
  aggregateBytes: number
}

export interface RedrivePorts extends RetryPorts {
  table: TablePort
  kinesis: Pick<KinesisPort, 'putRecords'>
}

export interface RedriveOutcome {
  /** Letters that had not come back before. */
  added: number
  /** Letters that come back by the lane, in all. */
  total: number
}

/** Resolves when every letter of the log, `letters` among them, is in the stream. */
export async function redrive(
  letters: readonly RedriveEntry[],
  settings: RedriveSettings,
  ports: RedrivePorts,
): Promise<RedriveOutcome> {
  const { generation, run } = settings
  const { table } = ports
  const log = new RedriveLog(table, generation, run)
  await retrying(() => log.refresh(), ports)
  const added = new Set(letters.map(({ place }) => place).filter((place) => !log.has(place))).size
  await retrying(() => log.append(letters), ports)
  const key = frontierKey(redrivePk(generation, run))
  const frontier = await retrying(() => table.get(key), ports)
  let next = Number(frontier?.acknowledged ?? 0)
  while (next < log.entries.length) {
    next += await send(log.entries, next, settings, ports)
    const acknowledged = next
    await retrying(
      () => table.put({ ...key, acknowledged }, grows('acknowledged', acknowledged)),
      ports,
    )
  }
  return { added, total: log.entries.length }
}

/** Sends the next aggregate and waits until it is in the stream: one is under way at a time. */
async function send(
  entries: readonly RedriveEntry[],
  first: number,
  settings: RedriveSettings,
  ports: RedrivePorts,
): Promise<number> {
  const { generation, run, aggregateBytes } = settings
  const partitionKey = `redrive.${run}`
  const control = { runId: run, lane: 0, lanes: 1, redrive: generation }
  let bytes = aggregateOverhead(partitionKey) + userRecordSize(controlRecordSize(run, generation))
  let end = first
  while (end < entries.length) {
    bytes += userRecordSize(entries[end].data.length)
    if (end > first && bytes > aggregateBytes) break
    end++
  }
  const data = encodeAggregate(partitionKey, [
    encodeControl({
      ...control,
      firstOrdinal: first,
      count: end - first,
      putTime: ports.clock.now(),
      watermark: -Infinity,
      ended: false,
      abandoned: false,
    }),
    ...entries.slice(first, end).map((entry) => entry.data),
  ])
  for (let attempt = 1; ; attempt++) {
    const [outcome] = await retrying(
      () => ports.kinesis.putRecords([{ partitionKey, data }]),
      ports,
    )
    if (outcome.ok) return end - first
    await ports.clock.sleep(backoffMillis(attempt, ports.random))
  }
}
