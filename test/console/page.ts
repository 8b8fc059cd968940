/** The console as people have it: the local run with its sample in a process of its own, in a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { aBrowser } from '../browser.ts'
import { started } from '../local/started.ts'

export interface View {
  /** Pixels; 1280 by default. */
  width?: number
  theme?: 'light' | 'dark'
  /** Of the browser; UTC by default. */
  timeZone?: string
  locale?: string
}

export interface OpenConsole {
  url: string
  /** A page at a place of the console, such as `#/runs`, for the test that opens it. Anything the page logs as an error fails `problems`. */
  open(place: string, view?: View): Promise<Page>
  /** What the API answers. Throws for 400 and above. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they asked for
  api(method: string, path: string, body?: unknown): Promise<any>
  /** What pages logged as errors, and what they asked of other hosts. */
  problems: string[]
}

/** One local run and one browser for all tests of a file; `env` is what its process has besides. */
export function useConsole(args: string[] = [], env: Record<string, string> = {}): OpenConsole {
  const made = { url: '', problems: [] as string[] } as OpenConsole
  const ends: (() => Promise<void>)[] = []
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
    ends.push(() => rm(folder, { recursive: true, force: true }))
    const running = started(['--port', '0', '--data', folder, ...args], env)
    ends.unshift(async () => {
      running.child.kill('SIGKILL')
      await running.ended
    })
    const opened = aBrowser()
    ends.unshift(async () => (await opened).close())
    const [{ browser }, text] = await Promise.all([opened, running.said(/Ticking each minute/)])
    made.url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)![0]
    made.api = (method, path, body) => sent(`${made.url}${path}`, { method, body })
    made.open = async (place, { width = 1280, theme = 'light', timeZone = 'UTC', locale = 'en-GB' } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        timezoneId: timeZone,
        locale,
      })
      // A page left open goes on asking, and slows what comes after it.
      onTestFinished(() => context.close())
      const page = await context.newPage()
      page.on('console', message => {
        if (message.type() === 'error') made.problems.push(message.text())
      })
      page.on('pageerror', error => made.problems.push(String(error)))
      page.on('request', request => {
        if (!request.url().startsWith(made.url)) made.problems.push(`asked of ${request.url()}`)
      })
      await page.goto(`${made.url}/${place}`)
      return page
    }
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })
  return made
}

async function sent(url: string, { method, body }: { method: string; body: unknown }): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds serious or critical on a page, in a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(await axe)
  const { violations } = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

/** Whether the page itself can be scrolled sideways: it should not. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
