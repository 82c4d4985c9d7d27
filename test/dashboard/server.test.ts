import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import * as assert from 'uvu/assert'
import { MINUTE } from '../counts/batches.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'
import { DashboardStage } from './stage.ts'

const test = suite('the server of the dashboard')

let stage = new DashboardStage()
let folder = ''
const open: { destroy(): unknown }[] = []

test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hailstream-page-'))
  const page = join(folder, 'page')
  await mkdir(join(page, 'assets'), { recursive: true })
  await writeFile(join(page, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(page, 'assets', 'app-1a2b.js'), 'export {}\n'.repeat(300))
  await writeFile(join(page, 'assets', 'map.png'), Buffer.alloc(3_000))
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await symlink(join(folder, 'secret.txt'), join(page, 'linked.txt'))
  stage = new DashboardStage({ folder: page, limits: { streams: 50, waitingBytes: 200_000 } })
  await stage.start()
  await stage.begin()
})

test.after.each(async () => {
  for (const each of open.splice(0)) each.destroy()
  await stage.stop()
  await rm(folder, { recursive: true, force: true })
})

const feed = (minutes: number): Promise<void> =>
  stage.feed([{ at: minutes * MINUTE, off: minutes * MINUTE }], minutes + 10)

/** What a server says to bytes that are no proper request. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(stage.port, '127.0.0.1')
    open.push(socket)
    let answer = ''
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      // The rest of a bomb may still be on its way when the answer has come.
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(answer) : reject(error),
    )
    socket.once('close', () => resolve(answer))
    socket.write(text)
  })
}

interface Listening {
  response: IncomingMessage
  text: string
  ended: boolean
}

function listen(path = '/api/events', headers: Record<string, string> = {}): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const where = { host: '127.0.0.1', port: stage.port, path, headers, agent: false }
    const asked = get(where, (response) => {
      const listening: Listening = { response, text: '', ended: false }
      const isZipped = response.headers['content-encoding'] === 'gzip'
      const plain = isZipped ? response.pipe(createGunzip()) : response
      plain.setEncoding('utf8')
      plain.on('data', (part: string) => (listening.text += part))
      plain.on('end', () => (listening.ended = true))
      plain.on('error', () => undefined)
      resolve(listening)
    })
    open.push(asked)
    asked.once('error', reject)
  })
}

const eventsIn = (text: string): string[] =>
  [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name)

test('serves the page, its assets for ever, and nothing beside them', async () => {
  const page = await stage.get('/')
  assert.is(page.status, 200)
  assert.match(page.text, /<title>page/)
  assert.is(page.headers['cache-control'], 'no-cache')
  const asset = await stage.get('/assets/app-1a2b.js?v=1', {
    headers: { 'accept-encoding': 'gzip' },
  })
  assert.match(String(asset.headers['cache-control']), /immutable/)
  assert.match(String(asset.headers['content-type']), /^text\/javascript/)
  assert.is(asset.headers['content-encoding'], 'gzip')
  const picture = await stage.get('/assets/map.png', { headers: { 'accept-encoding': 'gzip' } })
  assert.is(picture.headers['content-encoding'], undefined)
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '//etc/passwd',
    '/etc/passwd',
    '/assets/app-1a2b.js%00.png',
    '/linked.txt',
    '/assets',
    '/index.html/',
  ]) {
    const reply = await stage.get(path)
    assert.is(reply.status, 404, path)
    assert.not.match(reply.text, /secret|hailstream-page|passwd/)
  }
})

test('sends a policy without inline scripts, and no sniffing, with whatever it answers', async () => {
  for (const path of ['/', '/api/status', '/api/nothing', '/metrics', '/%']) {
    const { headers } = await stage.get(path)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /default-src 'none'/, path)
    assert.not.match(policy, /unsafe/)
    assert.is(headers['x-content-type-options'], 'nosniff', path)
    assert.is(headers['access-control-allow-origin'], undefined)
  }
})

test('only reads: any other method is told which there are', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const reply = await stage.get('/api/status', { method, body: 'x'.repeat(100_000) })
    assert.is(reply.status, 405, method)
    assert.is(reply.headers.allow, 'GET, HEAD')
    assert.match(reply.text, /METHOD_NOT_ALLOWED/)
  }
  assert.is((await stage.get('/healthz')).status, 503)
})

test('answers what is no request, or too much of one, with a 4xx, and stays', async () => {
  const bomb = `GET / HTTP/1.1\r\nhost: x\r\n${`a: ${'b'.repeat(500)}\r\n`.repeat(40)}\r\n`
  assert.match(await raw(bomb), /^HTTP\/1\.1 431 [^]*TOO_LARGE/)
  assert.match(
    await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`),
    /^HTTP\/1\.1 431/,
  )
  assert.match(await raw('hello\r\n\r\n'), /^HTTP\/1\.1 400 [^]*BAD_REQUEST/)
  assert.match(await raw('GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n'), /^HTTP\/1\.1 400/)
  assert.is((await stage.get('/%E0%A4%A')).status, 400)
  assert.is((await stage.get('/api/districts/%ff/series')).status, 400)
  assert.is((await stage.get('/')).status, 200)
  assert.equal(stage.errors, [])
})

test('tells a listener what there is, and then what changes', async () => {
  await feed(10)
  const listener = await listen()
  await eventually('the first events', async () => eventsIn(listener.text).length === 3)
  assert.match(String(listener.response.headers['content-type']), /^text\/event-stream/)
  assert.equal(eventsIn(listener.text), ['status', 'rolling', 'routes'])
  assert.match(listener.text, /^retry: 2000$/m)
  await stage.poller.poll()
  await feed(25)
  await eventually('news', async () => eventsIn(listener.text).length === 6)
  assert.equal(eventsIn(listener.text).slice(3), ['status', 'rolling', 'routes'])
  for (const [, data] of listener.text.matchAll(/^data: (.*)$/gm)) JSON.parse(data)
})

test('tells it in gzip to who takes that, event by event, and whole at the end', async () => {
  await feed(10)
  const [plain, zipped] = [
    await listen(),
    await listen('/api/events', { 'accept-encoding': 'gzip' }),
  ]
  assert.is(plain.response.headers['content-encoding'], undefined)
  assert.is(zipped.response.headers['content-encoding'], 'gzip')
  assert.is(zipped.response.headers.vary, 'accept-encoding')
  await eventually('the first events', async () => eventsIn(zipped.text).length === 3)
  await feed(25)
  await eventually('news', async () => eventsIn(zipped.text).length === 6)
  await stage.stop()
  // A gzip stream without its end, or with a wrong checksum, would end in an error.
  await eventually('the end of both', async () => plain.ended && zipped.ended)
  assert.equal(eventsIn(zipped.text), eventsIn(plain.text))
  assert.equal(
    zipped.text.replace(/"browsers":\d+/g, ''),
    plain.text.replace(/"browsers":\d+/g, ''),
  )
  await stage.start()
})

test('repeats the status of a feed that stands still every few seconds', async () => {
  await feed(10)
  const listener = await listen()
  for (let i = 0; i < 12; i++) {
    stage.counting.clock.jump(1_000)
    await stage.poller.poll()
  }
  await eventually('repeats', async () => eventsIn(listener.text).length >= 5)
  assert.equal(eventsIn(listener.text).slice(3), ['status', 'status'])
})

test('reads the table as often for many listeners as for none', async () => {
  await feed(10)
  const readsOf = async (): Promise<number> => {
    const before = stage.metered.reads
    for (let i = 0; i < 10; i++) {
      stage.counting.clock.jump(1_000)
      await stage.poller.poll()
    }
    return stage.metered.reads - before
  }
  const alone = await readsOf()
  for (let i = 0; i < 40; i++) await listen()
  const paths = ['/api/status', '/api/rolling/15m', '/api/districts']
  for (let i = 0; i < 60; i++) await stage.get(paths[i % 3])
  assert.is(await readsOf(), alone)
})

test('takes so many listeners and no more, and answers everybody else all the same', async () => {
  await feed(10)
  const listeners = await Promise.all(Array.from({ length: 500 }, () => listen()))
  const codes = listeners.map(({ response }) => response.statusCode)
  assert.is(codes.filter((code) => code === 200).length, 50)
  assert.is(codes.filter((code) => code === 503).length, 450)
  const refused = listeners.find(({ response }) => response.statusCode === 503)
  assert.is(refused?.response.headers['retry-after'], '2')
  assert.is((await stage.get('/api/rolling/15m')).status, 200)
  listeners.find(({ response }) => response.statusCode === 200)?.response.destroy()
  await eventually('a free place', async () => stage.streams.open === 49)
  assert.is((await listen()).response.statusCode, 200)
})

test('drops a listener that does not read', async () => {
  await stage.putOutline()
  await feed(10)
  const socket: Socket = connect(stage.port, '127.0.0.1')
  open.push(socket)
  socket.on('error', () => undefined)
  socket.write('GET /api/events HTTP/1.1\r\nhost: x\r\n\r\n')
  socket.pause()
  await eventually('the stream', async () => stage.streams.open === 1)
  const rolling = [...(stage.poller.seen.followed?.rolling.values() ?? [])][0]
  const districts = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, i) => [`d${i}`, { pickups: i }]),
  )
  for (let i = 0; i < 200 && stage.streams.open > 0; i++) {
    await stage.put({ ...rolling, districts, version: 1_000 + i })
    await stage.poller.poll()
    // The kernel takes its share first.
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal([stage.streams.open, stage.streams.dropped], [0, 1])
  assert.is((await stage.get('/healthz')).status, 200)
})

test('says goodbye to its listeners when it goes, and leaves nothing open', async () => {
  await feed(10)
  const listener = await listen()
  await stage.stop()
  await eventually('the end', async () => listener.ended)
  assert.is(eventsIn(listener.text).at(-1), 'bye')
  await eventually(
    'a closed port',
    async () => (await raw('').catch(() => 'refused')) === 'refused',
  )
  await stage.start()
})

test('says which port it cannot have', async () => {
  const other = new DashboardStage()
  const { port } = stage
  try {
    await other.start(port)
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), /--port \d+: got one that is in use/)
  }
})

test.run()
