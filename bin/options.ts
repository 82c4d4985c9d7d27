/**
 * Every option of every command, once: the name, its help and how its text is read. `--help` is
 * printed from the same table that validates.
 */
import { Option } from 'commander'
import { HailstreamError } from '../src/errors.ts'
import { DEFAULT_NAMES } from '../src/program/program.ts'
import { parseDuration, parseEventTime } from '../src/time/units.ts'
import { checkRunId } from '../src/runs/run.ts'
import { checkPane } from '../src/windows/pane.ts'
import { parseRollingWindows } from '../src/windows/rolling-windows.ts'
import { parseColumns } from '../src/trips/column-map.ts'
import { MOST_LANES } from '../src/replay/plan-deal.ts'

function usage(subject: string, got: string, expected: string): HailstreamError {
  return new HailstreamError('USAGE', { subject, got: JSON.stringify(got), expected })
}

function wholeNumber(subject: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN
    if (!(value >= least && value <= most)) {
      throw usage(subject, text, `a whole number from ${least} to ${most}`)
    }
    return value
  }
}

function positive(subject: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!(value > 0 && Number.isFinite(value)) || text.trim() === '') {
      throw usage(subject, text, 'a number above 0')
    }
    return value
  }
}

/** Tables have at least 3 characters; what names nothing in AWS may be as short as people like. */
function name(subject: string, shortest = 3): (text: string) => string {
  return (text) => {
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(text) || text.length < shortest) {
      throw usage(subject, text, `${shortest} to 128 letters, digits, dots, dashes or underscores`)
    }
    return text
  }
}

const duration = (subject: string) => (text: string) => parseDuration(text, subject)
const eventTime = (subject: string) => (text: string) => parseEventTime(text, subject)

function option<T>(flags: string, help: string, parse?: (text: string) => T): Option {
  const made = new Option(flags, help)
  return parse === undefined ? made : made.argParser(parse)
}

export const names = (): Option[] => [
  option('--stream <name>', 'Kinesis stream', name('--stream', 1)).default(DEFAULT_NAMES.stream),
  option('--table <name>', 'DynamoDB table of the counts', name('--table')).default(
    DEFAULT_NAMES.table,
  ),
  option('--application <name>', 'prefix of the lease tables', name('--application')).default(
    DEFAULT_NAMES.application,
  ),
]

export function parseSpeed(text: string): number {
  if (text === 'max') return Infinity
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value)) || text.trim() === '') {
    throw usage('--speed', text, 'a number above 0, or max')
  }
  return value
}

export const input = (): Option[] => [
  option(
    '--columns <map>',
    'where each role is found, for files of no known layout: pickupTime=started_at,pickupLon=start_lng,… (header names, or 1-based positions of a file without a header)',
    (text) => ({ text, map: parseColumns(text) }),
  ),
  option('--from <time>', 'leave out trips released before this event time', eventTime('--from')),
  option('--to <time>', 'leave out trips released at or after this event time', eventTime('--to')),
  option('--order <time>', 'release a trip at its pickup or at its dropoff')
    .choices(['pickup', 'dropoff'])
    .default('pickup'),
]

/** `pace` says what happens when neither a speed nor a duration is given. */
export const replaying = (pace: string): Option[] => [
  option('--speed <factor>', `event seconds per second, or max (default: ${pace})`, parseSpeed),
  option(
    '--duration <time>',
    'choose the speed so that the whole replay takes this long',
    duration('--duration'),
  ),
  option(
    '--loop',
    'start over at the end, with event times moved on by one span, until the year 9999',
  ).default(false),
  option(
    '--run-id <name>',
    'name of the run; the same name continues it (default: from the input)',
    checkRunId,
  ),
  option('--new-run', 'a new feed, even if the same command was run before').default(false),
  option('--codec <name>', 'trips as 80-byte records or as JSON')
    .choices(['binary', 'json'])
    .default('binary'),
  option(
    '--lanes <n>',
    `lanes of a new run, ${MOST_LANES} at most; bounds the shards that can share it (default: 2 a shard)`,
    wholeNumber('--lanes', 1, MOST_LANES),
  ),
  option('--quarantine <file>', 'where rejected rows go (default: rejected-<run>.ndjson)'),
]

/** Not for people: a demo shows the counts of whatever it is given, in a table of its own. */
export const allowEmpty = (): Option =>
  option('--allow-empty', 'begin a run of an input without a trip').hideHelp()

export const dryRun = (): Option =>
  option('--dry-run', 'say what it would send, need and cost; send nothing').default(false)

export const districts = (): Option[] => [
  option(
    '--districts <file>',
    'GeoJSON of the districts (default: count by the zone ids of the trips)',
  ),
  districtId(),
]

export const districtId = (): Option =>
  option(
    '--district-id <property>',
    'property that names a district (default: the first that can be one)',
  )

export const newColumn = (): Option =>
  option('--as <name>', 'name of the new column', (text) => {
    if (text.trim() === '') throw usage('--as', text, 'the name of a column')
    return text
  }).default('district')

export const counting = (): Option[] => [
  ...districts(),
  option('--pane <duration>', 'smallest window; divides an hour', (text) =>
    checkPane(parseDuration(text, '--pane')),
  ).default(300_000, '5m'),
  option(
    '--start <where>',
    'trim-horizon, latest or a time (UTC): where a stream is begun that was never counted',
    parseStart,
  ).default('trim-horizon'),
  option(
    '--write-units <n>',
    'DynamoDB write units a second per shard; fewer make counts later (default: 25 on AWS, no limit at an emulator)',
    positive('--write-units'),
  ),
  option(
    '--merge-units <n>',
    'DynamoDB write units a second for merging (default: 200 on AWS)',
    positive('--merge-units'),
  ),
  option(
    '--out-of-orderness <duration>',
    'how far out of order other producers may be',
    duration('--out-of-orderness'),
  ).default(60_000, '1m'),
  option('--flush <duration>', 'how often counts are made durable', duration('--flush')).default(
    1_000,
    '1s',
  ),
  option(
    '--failover <duration>',
    'how long a silent worker keeps its shards',
    duration('--failover'),
  ).default(10_000, '10s'),
  option(
    '--fan-out',
    'enhanced fan-out: the stream pushes its records to the workers (AWS bills it per shard and GB)',
  ).default(false),
  option(
    '--rolling <windows>',
    'windows of the rolling items, whole panes (default: 5m,15m,30m,60m)',
    parseRollingWindows,
  ),
  option(
    '--dead-letter <place>',
    'keep records that are not trips in a folder, one file a worker, or in stream:NAME',
  ),
  option('--dead-letters <file>', 'or in this file (default: dead-letters-<worker>.ndjson)'),
]

function parseStart(text: string): 'trim-horizon' | 'latest' | number {
  const plain = text.toLowerCase().replace('_', '-')
  if (plain === 'trim-horizon' || plain === 'latest') return plain
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)
  if (Number.isNaN(time))
    throw usage('--start', text, 'trim-horizon, latest or a time such as 2026-01-31T12:00:00Z')
  return time
}

export const worker = (): Option =>
  option('--worker <name>', 'name of this worker (default: made up)', name('--worker', 1))

export const view = (
  whichRun = 'the one dashboards follow',
  whichGeneration = whichRun,
): Option[] => [
  option('--run-id <name>', `the run to look at (default: ${whichRun})`),
  option('--generation <name>', `the generation to look at (default: ${whichGeneration})`),
]

export const port = (): Option =>
  option(
    '--port <n>',
    'port of the dashboard (default: 8787, or a free one)',
    wholeNumber('--port', 0, 65_535),
  )

export const host = (): Option =>
  option(
    '--host <address>',
    'address the dashboard listens on; 0.0.0.0 opens it to others',
  ).default('127.0.0.1')

export const shards = (): Option =>
  option('--shards <n>', 'shards of a new stream; on-demand lets AWS choose', (text) =>
    text === 'on-demand' ? 'on-demand' : wholeNumber('--shards', 1, 10_000)(text),
  ).default(4)

export const workers = (): Option =>
  option('--workers <n>', 'worker processes', wholeNumber('--workers', 1, 64)).default(2)

export const chaos = (): Option[] => [
  option(
    '--chaos',
    'make trouble while it runs: kill -9 and freeze processes, split and merge shards, cut connections; then verify, and say what was survived',
  ).default(false),
  option(
    '--seed <n>',
    'with --chaos: the same seed makes the same schedule of trouble (default: made up, and said)',
    wholeNumber('--seed', 0, 2 ** 32 - 1),
  ),
  option(
    '--minutes <m>',
    'with --chaos: how long there is trouble; without a speed or duration the replay takes as long (default: as long as the replay is to take)',
    positive('--minutes'),
  ),
]

export const topN = (): Option =>
  option('--top <n>', 'at most so many districts (default: all)', wholeNumber('--top', 1, 10_000))

export const readUnits = (): Option =>
  option(
    '--read-units <n>',
    'DynamoDB read units a second (default: 100 on AWS, no limit where it is emulated)',
    positive('--read-units'),
  )

export const firstN = (): Option =>
  option('--n <n>', 'the first so many', wholeNumber('--n', 1, 10_000)).default(10)

export const rolling = (): Option =>
  option('--rolling <window>', 'window of the rolling counts (default: 15m)', duration('--rolling'))

export const window = (): Option =>
  option(
    '--window <duration>',
    'counts per window of this size, a multiple of the pane',
    duration('--window'),
  )

export const bound = (flag: 'from' | 'to', help: string): Option =>
  option(`--${flag} <time>`, help, eventTime(`--${flag}`))

export const timeout = (): Option =>
  option(
    '--timeout <duration>',
    'how long to wait for what was sent to be merged',
    duration('--timeout'),
  ).default(60_000, '60s')

export { option }
