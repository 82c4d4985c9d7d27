/** The end of a run that is given up: a record in every lane, after which nothing of it counts. */
import type { KinesisPort, PutEntry } from '../kinesis/kinesis-port.ts'
import { PUT_RECORDS_MAX_ENTRIES } from '../kinesis/limits.ts'
import { encodeControl } from '../lanes/control-record.ts'
import type { Run } from '../runs/run.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { RetryPorts } from '../time/retry.ts'
import { retrying } from '../time/retry.ts'
import { lanePartitionKey } from './lane-keys.ts'

/** Resolves when every lane has its end. May be repeated: a second end of a lane says nothing new. */
export async function endLanes(
  run: Pick<Run, 'id' | 'deal'>,
  kinesis: Pick<KinesisPort, 'putRecords'>,
  ports: RetryPorts,
): Promise<void> {
  const { lanes } = run.deal
  let entries: PutEntry[] = Array.from({ length: lanes }, (_, lane) => ({
    partitionKey: lanePartitionKey(lane, lanes),
    data: encodeControl({
      runId: run.id,
      lane,
      lanes,
      firstOrdinal: 0,
      count: 0,
      putTime: ports.clock.now(),
      watermark: -Infinity,
      ended: true,
      abandoned: true,
    }),
  }))
  for (let attempt = 1; entries.length > 0; attempt++) {
    const batch = entries.slice(0, PUT_RECORDS_MAX_ENTRIES)
    const outcomes = await retrying(() => kinesis.putRecords(batch), ports)
    const failed = batch.filter((_, i) => !outcomes[i].ok)
    entries = [...failed, ...entries.slice(batch.length)]
    if (failed.length > 0) await ports.clock.sleep(backoffMillis(attempt, ports.random))
  }
}
