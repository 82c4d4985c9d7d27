import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import * as assert from 'uvu/assert'
import { TcpProxy } from '../../localstack/tcp-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'

const test = suite('a TCP proxy')

/** Answers every chunk with itself, in capitals, unless it ends in dots; keeps what it heard. */
interface Echo {
  endpoint: string
  heard: string[]
  open: Set<Socket>
}

interface Caller {
  socket: Socket
  said: () => string
  gone: Promise<string>
}

async function withProxy(
  work: (proxy: TcpProxy, echo: Echo, call: () => Promise<Caller>) => Promise<void>,
): Promise<void> {
  const echo: Echo = { endpoint: '', heard: [], open: new Set() }
  const server: Server = createServer((socket) => {
    echo.open.add(socket)
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      echo.heard.push(String(text))
      if (!String(text).endsWith('...')) socket.write(String(text).toUpperCase())
    })
    socket.on('error', () => undefined)
    socket.on('close', () => echo.open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  echo.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const proxy = await TcpProxy.start(echo.endpoint)
  const callers: Socket[] = []
  const call = async (): Promise<Caller> => {
    const before = proxy.connections
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(proxy.endpoint).port) })
    callers.push(socket)
    let said = ''
    let how = 'closed'
    socket.on('data', (bytes) => (said += bytes.toString('utf8')))
    socket.on('error', (error: NodeJS.ErrnoException) => (how = error.code ?? ''))
    const gone = new Promise<string>((resolve) => socket.once('close', () => resolve(how)))
    await eventually('the connection', () => proxy.connections > before)
    return { socket, said: () => said, gone }
  }
  try {
    await work(proxy, echo, call)
  } finally {
    for (const socket of callers) socket.destroy()
    await proxy.stop()
    for (const socket of echo.open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

async function ask({ socket, said }: Caller, text: string): Promise<void> {
  const before = said()
  socket.write(text)
  await eventually('an answer', () => said() === before + text.toUpperCase())
}

test('passes bytes both ways, and listens on 127.0.0.1 alone', async () => {
  await withProxy(async (proxy, echo, call) => {
    assert.match(proxy.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/)
    const caller = await call()
    await ask(caller, 'one')
    await ask(caller, 'two')
    assert.equal(echo.heard, ['one', 'two'])
    assert.equal(proxy.tally, { cut: 0, requestsCutOff: 0, repliesLost: 0 })
  })
})

test('passes megabytes whole', async () => {
  await withProxy(async (_proxy, echo, call) => {
    const caller = await call()
    const text = 'trip '.repeat(1_000_000)
    caller.socket.write(text)
    await eventually('all of it', () => caller.said().length === text.length)
    assert.is(echo.heard.join('').length, text.length)
  })
})

test('resets all connections at both ends, and takes new ones', async () => {
  await withProxy(async (proxy, echo, call) => {
    const [first, second] = [await call(), await call()]
    await ask(first, 'a')
    await ask(second, 'b')
    assert.is(proxy.cutAll(), 2)
    assert.is(await first.gone, 'ECONNRESET')
    assert.is(await second.gone, 'ECONNRESET')
    await eventually('both ends to be gone', () => echo.open.size === 0)
    await ask(await call(), 'c')
    assert.equal(proxy.tally, { cut: 2, requestsCutOff: 0, repliesLost: 0 })
  })
})

test('resets one connection, the one that waits for an answer first', async () => {
  await withProxy(async (proxy, echo, call) => {
    const [idle, busy] = [await call(), await call()]
    await ask(idle, 'a')
    busy.socket.write('never answered...')
    await eventually('the question', () => echo.heard.length === 2)
    assert.is(proxy.cutOne(0), 1)
    assert.is(await busy.gone, 'ECONNRESET')
    assert.is(proxy.tally.requestsCutOff, 1)
    await ask(idle, 'still here')
    assert.is(proxy.cutOne(0), 1)
    assert.is(proxy.cutOne(0), 0)
    assert.equal(proxy.tally, { cut: 2, requestsCutOff: 1, repliesLost: 0 })
  })
})

test('loses a reply after the request was carried out', async () => {
  await withProxy(async (proxy, echo, call) => {
    const [first, second] = [await call(), await call()]
    proxy.loseReplies(1)
    first.socket.write('done')
    assert.is(await first.gone, 'ECONNRESET')
    assert.is(first.said(), '')
    assert.equal(echo.heard, ['done'])
    await ask(second, 'heard again')
    assert.equal(proxy.tally, { cut: 1, requestsCutOff: 1, repliesLost: 1 })
  })
})

test('keeps what is said in a silence until it is over', async () => {
  await withProxy(async (proxy, echo, call) => {
    const before = await call()
    await ask(before, 'a')
    proxy.fallSilent()
    before.socket.write('b')
    const during = await call()
    during.socket.write('c')
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(echo.heard, ['a'])
    proxy.speak()
    await eventually('both answers', () => before.said() === 'AB' && during.said() === 'C')
    assert.is(proxy.tally.cut, 0)
  })
})

test('ends a connection when either end does', async () => {
  await withProxy(async (proxy, echo, call) => {
    const caller = await call()
    await ask(caller, 'a')
    caller.socket.end()
    await eventually('the far end to hear of it', () => proxy.connections === 0)
    const other = await call()
    await ask(other, 'b')
    for (const socket of echo.open) socket.destroy()
    await other.gone
    await eventually('no connection', () => proxy.connections === 0)
  })
})

test.run()
