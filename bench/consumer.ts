/**
 * The consumer with the real SDK, one core: `npm run bench:consumer [-- --json]`.
 *
 * One operation is one trip on its way through a worker: GetRecords over HTTP from a server in
 * another process that has its replies ready, JSON and base64 undone by the SDK, KPL with MD5,
 * decoded, classified at both ends, counted, and flushed to a table in memory once a second. A round
 * is 1,000,000 trips of one shard, from its beginning to its end.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClients } from '../src/aws/clients.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { MemoryTable } from '../test/support/memory-table.ts'
import { readCities } from './classify/cities.ts'
import { cityCount, countShard } from './city-count.ts'
import { shardsOf } from './feed.ts'
import { benchOptions, measured, scaled } from './report.ts'
import { compete, spreadOf } from './rounds.ts'

const TRIPS = 1_000_000

const { rounds, print } = benchOptions()
const [city] = readCities()
const counting = cityCount(city)
const [shard] = shardsOf(1)

const server = fork(fileURLToPath(new URL('./canned-kinesis.js', import.meta.url)), [String(TRIPS)])
const [{ port }] = (await once(server, 'message')) as [{ port: number }]
const clients = createClients({
  AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${port}`,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
})
const kinesis = new KinesisStream(clients.kinesis, 'bench')
const cpuSeconds: number[] = []
try {
  const [standing] = await compete([{ name: 'hailstream', run: countAll }], { rounds })
  const scale = { factor: 1e-6, unit: 'M trips/s' }
  print(measured('consumer', scaled(standing.rate, scale.factor), scale.unit))
  const perCpu = cpuSeconds.slice(-rounds).map((seconds) => TRIPS / seconds)
  print(measured('consumer, by CPU time', scaled(spreadOf(perCpu), 1e-6), 'M trips/CPU s'))
} finally {
  clients.destroy()
  server.disconnect()
}

async function countAll(): Promise<number> {
  const cpu = process.cpuUsage()
  const trips = await countShard(shard, counting, { kinesis, table: new MemoryTable() })
  if (trips !== TRIPS) throw new Error(`${trips} of ${TRIPS} trips were counted`)
  const { user, system } = process.cpuUsage(cpu)
  cpuSeconds.push((user + system) / 1e6)
  return trips
}
