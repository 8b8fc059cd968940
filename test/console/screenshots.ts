/**
 * `npm run screenshots`: the pictures of the README, of the sample as it stands after its first runs. Prints how big each
 * is, and how long the console takes to its first paint.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { aBrowser } from '../browser.ts'
import { startLocal } from '../local/child.ts'

const FOLDER = 'docs/images'
const SIZE = { width: 1280, height: 860 }

interface Picture {
  name: string
  place: string
  /** A text that is there once the screen is whole. */
  whole: string
}

async function send(url: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
  })
  return response.json() as Promise<{ id: string; status: string; items: { id: string }[] }>
}

/** Waits until a run has ended. */
async function endOf(url: string): Promise<void> {
  for (;;) {
    const { status } = await send(url)
    if (status !== 'pending' && status !== 'running') return
    await new Promise(resolve => setTimeout(resolve, 500))
  }
}

async function take(browser: Browser, url: string, { name, place, whole }: Picture): Promise<string> {
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  })
  const page = await context.newPage()
  await page.goto(`${url}/${place}`)
  await page.getByText(whole).first().waitFor()
  await page.waitForLoadState('networkidle')
  const paint = await page.evaluate<number>(
    'performance.getEntriesByName("first-contentful-paint")[0].startTime',
  )
  const path = join(FOLDER, `${name}.png`)
  await page.screenshot({ path })
  await context.close()
  const { size } = await stat(path)
  return `${path.padEnd(28)} ${String(Math.round(size / 1000)).padStart(4)} kB   first paint after ${Math.round(paint)} ms`
}

const folder = await mkdtemp(join(tmpdir(), 'curfew-'))
const local = startLocal(['--port', '0', '--data', folder])
try {
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await local.said(/Ticking each minute/))![0]
  const [run] = (await send(`${url}/v1/runs`)).items
  const undone = await send(`${url}/v1/runs/${run!.id}/undo`, { method: 'POST', body: {} })
  await endOf(`${url}/v1/runs/${undone.id}`)
  const { browser, close } = await aBrowser()
  try {
    const pictures = [
      { name: 'now', place: '#/', whole: 'Needs you' },
      // From today on: the calendar's own week may have all behind it.
      { name: 'week', place: `#/week?from=${new Date().toISOString().slice(0, 10)}`, whole: 'weekend' },
      { name: 'run', place: `#/runs/${run!.id}?status=failed`, whole: 'job-failed' },
    ]
    for (const picture of pictures) console.log(await take(browser, url, picture))
  } finally {
    await close()
  }
} finally {
  local.child.kill('SIGTERM')
  await local.ended
  await rm(folder, { recursive: true, force: true })
}
