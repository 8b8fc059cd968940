import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { startGateway } from '../../infra/local/runner/gateway.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import type { Services } from '../../lib/runtime/services.ts'

const BROWSER = '/usr/bin/chromium'
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

test.skipIf(!existsSync(BROWSER))(
  'a browser shows every route on the page, fits it to a phone, and asks no other host for anything',
  async () => {
    const handler = httpHandler(ROUTES, () => ({}) as Services)
    const gateway = await startGateway({
      handler,
      port: 0,
      trouble: (_, error) => {
        throw error
      },
    })
    const browser = await chromium.launch({ executablePath: BROWSER, args: QUIET })
    try {
      const page = await browser.newPage()
      const asked: string[] = []
      const said: string[] = []
      page.on('request', request => asked.push(request.url()))
      page.on('console', message => said.push(message.text()))
      await page.goto(`${gateway.url}/docs`)
      for (const { path } of ROUTES)
        expect(await page.getByText(path, { exact: false }).count()).toBeGreaterThan(0)
      await page.setViewportSize({ width: 360, height: 740 })
      const [wide, seen] = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]')
      expect(wide).toBe(seen)
      expect(asked.filter(url => !url.startsWith(gateway.url))).toEqual([])
      expect(said).toEqual([])
    } finally {
      await browser.close()
      await gateway.close()
    }
  },
)
