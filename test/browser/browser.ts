/** A real browser, without a network, and everything that it complains about. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { repoRoot } from '../support/repo-root.ts'

const CHROMIUM = '/usr/bin/chromium'
export const HAS_BROWSER = existsSync(CHROMIUM)
export const NO_BROWSER = 'no chromium on this machine'

const ARGUMENTS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
]

/** Git-ignored; to be looked at. */
const SCREENSHOTS = join(repoRoot, 'screenshots')

export class Browser {
  /** What the console and uncaught errors said. */
  readonly complaints: string[] = []
  /** URLs that were asked for. */
  readonly requests = new Set<string>()
  readonly #context: BrowserContext
  readonly #profile: string
  readonly page: Page

  private constructor(context: BrowserContext, profile: string, page: Page) {
    this.#context = context
    this.#profile = profile
    this.page = page
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('request', (request) => this.requests.add(request.url()))
  }

  static async launch(): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), 'hailstream-browser-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      headless: true,
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
    })
    return new Browser(context, profile, context.pages()[0] ?? (await context.newPage()))
  }

  async shoot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true })
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
  }

  /** The text of the first element that matches. */
  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText()
  }

  async close(): Promise<void> {
    await this.#context.close()
    await rm(this.#profile, { recursive: true, force: true })
  }
}
