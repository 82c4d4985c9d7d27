/** Records as another producer would put them: JSON trips, and what nobody can read. */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import type { KinesisClient } from '@aws-sdk/client-kinesis'

export const FOREIGN_TRIPS = 12
export const UNREADABLE = 8

export async function putForeignRecords(client: KinesisClient, stream: string): Promise<void> {
  const readable = Array.from({ length: FOREIGN_TRIPS }, (_, i) => {
    const pickupTime = `2016-02-28T22:${String(i).padStart(2, '0')}:00`
    return JSON.stringify({
      v: 1,
      pickupTime,
      dropoffTime: pickupTime,
      pickup: null,
      dropoff: null,
    })
  })
  const unreadable = Array.from({ length: UNREADABLE }, (_, i) =>
    i % 2 === 0 ? `no trip, ${i}` : JSON.stringify({ v: 2, pickupTime: '2016-02-28T22:00:00' }),
  )
  const Records = [...readable, ...unreadable].map((text, i) => ({
    PartitionKey: `somebody else ${i}`,
    Data: Buffer.from(text),
  }))
  const reply = await client.send(new PutRecordsCommand({ StreamName: stream, Records }))
  if (reply.FailedRecordCount !== 0) throw new Error('records of another producer were not taken')
}
