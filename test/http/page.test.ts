import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { createLog } from '../../lib/runtime/log.ts'
import { aPage } from '../browser.ts'
import type { Services } from '../services.ts'

test('a browser shows every route on the page, fits it to a phone, and asks no other host for anything', async () => {
  const handler = httpHandler(ROUTES, () => ({ log: createLog('silent') }) as Services)
  const gateway = await startGateway({
    handler,
    port: 0,
    trouble: (_, error) => {
      throw error
    },
  })
  onTestFinished(() => gateway.close())
  const page = await aPage()
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
})
