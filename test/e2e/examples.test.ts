import { spawn } from 'node:child_process'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { createClients } from '../../src/aws/clients.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { generationItem } from '../../src/counts/generation.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { rollingItem } from '../../src/merge/rolling-item.ts'
import { routesItem } from '../../src/merge/routes-item.ts'
import { hourCounts, mergingAt, MINUTE, T0 } from '../merge/counting.ts'
import { generation } from '../merge/merging.ts'
import { finished } from '../support/finished.ts'
import { repoRoot } from '../support/repo-root.ts'
import { hailstream } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 300_000

interface Output {
  code: number | null
  stdout: string
  stderr: string
}

function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Output> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repoRoot,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', (error) => resolve({ code: 127, stdout, stderr: String(error) }))
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

const has = async (command: string, ...args: string[]): Promise<boolean> =>
  (await run(command, args)).code === 0

const EXAMPLES = [
  { command: 'node', file: 'poll-table.mjs', there: true, missing: '' },
  {
    command: 'python3',
    file: 'poll-table.py',
    there: await has('python3', '-c', 'import boto3'),
    missing: 'there is no python3 with boto3',
  },
  {
    command: 'sh',
    file: 'poll-table.sh',
    there: await has('aws', '--version'),
    missing: 'there is no aws',
  },
]

const G = generation.id
const EXPECTED = `current ${G} r
generation 3 districts 101 101
status asOf 2016-01-01T00:40:00 trips 9 complete true
rolling 2016-01-01T00:25:00 2016-01-01T00:40:00 pickups 2
route 3 101 2
route 20 20 1
hour 2016-01-01T00 pickups 5 dropoffs 4 final false
day 2016-01-01 pickups 5 fare 2500
run r sent
`

async function fill(table: DynamodbTable): Promise<void> {
  const merging = { ...mergingAt(40), generation: G }
  const counts = hourCounts([
    [0, 0, 3, 1],
    [7, 1, 2, 3],
  ])
  counts.routes.add(5, 2, 0, 2)
  counts.routes.add(4, 1, 1, 1)
  const hour = hourItem(merging, T0, counts, undefined)
  const items = [
    { pk: 'current', sk: 'current', generation: G, run: 'r' },
    generationItem(generation),
    { pk: `status#${G}#r`, sk: 'status', asOf: '2016-01-01T00:40:00', trips: 9, complete: true },
    rollingItem(merging, 15 * MINUTE, () => counts, undefined),
    routesItem(merging, () => counts, undefined),
    hour,
    finished(dayItem(merging, T0, [hour], undefined)),
    { pk: 'run', sk: 'r', state: 'sent' },
  ]
  for (const item of items) await table.put(item)
}

const test = suite('the examples', { timeoutMillis: 200_000 })

for (const { file, there, missing } of EXAMPLES) {
  test.skipUnless(there, missing)(`can be run: ${file}`, () => assert.ok(there))
}

test('tell the same of the same table, each in its language', async () => {
  await withTempDir(async (cwd) => {
    const pair = await startLocalPair()
    try {
      const init = await hailstream(['init', '--shards', '1'], {
        cwd,
        environment: pair.environment,
      })
      assert.is(init.code, 0, init.stderr)
      const clients = createClients({ ...process.env, ...pair.environment })
      const table = new DynamodbTable(clients.dynamodb, 'hailstream-counts')
      const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }
      const environment = { ...pair.environment, ...quiet }
      try {
        const before = await run('node', [join('examples', 'poll-table.mjs')], environment)
        assert.equal([before.code, before.stdout], [1, ''])
        const none = await run('node', [join('examples', 'poll-table.mjs'), 'nowhere'], environment)
        assert.is(none.code, 1)
        assert.match(none.stderr, /^nowhere: ResourceNotFoundException: .*\n$/)
        await fill(table)
        for (const { command, file, there } of EXAMPLES) {
          if (!there) continue
          const { code, stdout, stderr } = await run(command, [join('examples', file)], environment)
          assert.is(code, 0, stderr)
          assert.is(stdout, EXPECTED, file)
        }
      } finally {
        clients.destroy()
      }
    } finally {
      await pair.stop()
    }
  })
})

test.run()
