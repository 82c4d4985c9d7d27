/**
 * Preloaded (`node -r`) into both emulators, which know nothing of it. It makes four promises:
 *
 * - every TCP server listens on 127.0.0.1 only: kinesis-local itself would listen everywhere;
 * - every TCP server gets a free port instead of the one it asks for, and the parent is told which:
 *   no port is ever looked for first and lost to another process before it is used;
 * - an open connection never delays the end: kinesis-local would wait for all its clients to hang up,
 *   and write its data only then;
 * - when the parent is gone, however it went, this process ends too.
 *
 * CommonJS because `-r` wants it; the built-in modules come without an import so that it may be.
 */
{
  const net = process.getBuiltinModule('node:net')

  type Server = InstanceType<typeof net.Server>
  type Listen = (this: Server, ...args: unknown[]) => Server

  /** The port Node would take from the first argument; undefined for a path, handle or descriptor. */
  const askedPort = (first: unknown): number | undefined => {
    if (typeof first === 'number') return first
    if (typeof first === 'string') return /^\d+$/.test(first) ? Number(first) : undefined
    if (first === undefined || first === null || typeof first === 'function') return 0
    const { path, fd, port } = first as { path?: unknown; fd?: unknown; port?: unknown }
    return path !== undefined || fd !== undefined || port === undefined ? undefined : Number(port)
  }

  type Socket = InstanceType<typeof net.Socket>
  const connections = new Set<Socket>()
  let stopping = false

  /** Only an error makes kinesis-local give a connection up; a bare `destroy` it never notices. */
  const hangUp = (socket: Socket): void => {
    socket.on('error', () => undefined)
    socket.destroy(new Error('the emulator is stopping'))
  }

  const listen = Reflect.get(net.Server.prototype, 'listen') as Listen

  net.Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const asked = askedPort(args[0])
    if (asked === undefined) return listen.apply(this, args)
    this.once('listening', () => {
      const address = this.address()
      if (address !== null && typeof address === 'object') {
        process.send?.({ asked, port: address.port })
      }
    })
    this.on('connection', (socket) => {
      if (stopping) hangUp(socket)
      connections.add(socket)
      socket.once('close', () => connections.delete(socket))
    })
    const given = typeof args[0] === 'object' ? args[0] : {}
    const callback = args.find((arg) => typeof arg === 'function')
    return listen.call(this, { ...given, host: '127.0.0.1', port: 0 }, callback)
  }

  process.on('SIGTERM', () => {
    stopping = true
    connections.forEach(hangUp)
  })

  // The channel to the parent closes with it, even after SIGKILL. SIGTERM first: kinesis-local
  // writes its data then.
  process.on('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000)
    process.kill(process.pid, 'SIGTERM')
  })
}
