/** What somebody sees who starts a demo and opens the address it prints, until it is over. */
import { request } from 'node:http'
import { performance } from 'node:perf_hooks'
import * as assert from 'uvu/assert'
import { Browser, HAS_BROWSER, NO_BROWSER } from '../browser/browser.ts'
import { fetchFrom } from '../dashboard/stage.ts'
import { accepts } from '../support/emulated.ts'
import { eventually } from '../support/eventually.ts'
import type { Running } from '../support/hailstream.ts'
import { start } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 420_000

const test = suite('a demo that has just been started', { timeoutMillis: 200_000 })

/**
 * On a machine that does nothing else the address is there after 2 s, the first counts after 5.
 * Here other tests may run at the same time, on a machine that has other things to do.
 */
const ADDRESS_MILLIS = 60_000
const LIVE_MILLIS = 60_000

const ADDRESS = /^Dashboard (http:\/\/127\.0\.0\.1:(\d+))$/m

async function addressOf(demo: Running): Promise<{ url: string; port: number }> {
  let talk = ''
  demo.process.stderr?.on('data', (text: string) => (talk += text))
  await eventually('its address', () => ADDRESS.test(talk), ADDRESS_MILLIS)
  const [, url = '', port] = ADDRESS.exec(talk) ?? []
  return { url, port: Number(port) }
}

/** The names of the events of a dashboard, as they come; the last is there when it has closed. */
function eventsOf(port: number): { names: string[]; ended: Promise<void> } {
  const names: string[] = []
  const ended = new Promise<void>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/api/events', agent: false })
    asked.once('error', reject)
    asked.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        const lines = text.split('\n')
        text = lines.pop() ?? ''
        for (const line of lines) if (line.startsWith('event: ')) names.push(line.slice(7))
      })
      response.once('error', reject)
      response.once('end', resolve)
    })
    asked.end()
  })
  return { names, ended }
}

test('prints an address that answers at once, is live soon, and says goodbye when it is over', async () => {
  await withTempDir(async (cwd) => {
    const began = performance.now()
    const demo = start(['demo', '--port', '0', '--duration', '20s', '--exit'], { cwd })
    try {
      const { url, port } = await addressOf(demo)
      const page = await fetchFrom(port, '/')
      assert.equal([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8'])
      const { names, ended } = eventsOf(port)
      await eventually('counts', () => names.includes('rolling'), LIVE_MILLIS)
      assert.is(names[0], 'status')
      const { code, stdout, stderr } = await demo.ended
      assert.is(code, 0, stderr)
      assert.match(stdout, /^equal: /m)
      await ended
      assert.is(names.at(-1), 'bye')
      assert.is(await accepts(url), false)
      assert.ok(performance.now() - began > 20_000)
    } finally {
      demo.process.kill('SIGINT')
      await demo.ended
    }
  })
})

test.skipUnless(HAS_BROWSER, NO_BROWSER)(
  'is live in a browser that is sent there at once',
  async () => {
    const browser = await Browser.launch()
    try {
      await withTempDir(async (cwd) => {
        const demo = start(['demo', '--port', '0'], { cwd })
        try {
          const { url } = await addressOf(demo)
          await browser.page.goto(url)
          assert.match(await browser.text('#liveness'), /Connecting|Waiting|Live/)
          const isLive = async (): Promise<boolean> => (await browser.text('#liveness')) === 'Live'
          await eventually('Live', isLive, LIVE_MILLIS)
          assert.equal(browser.complaints, [])
        } finally {
          demo.process.kill('SIGINT')
          const { code } = await demo.ended
          assert.is(code, 130)
        }
      })
    } finally {
      await browser.close()
    }
  },
)

test.run()
