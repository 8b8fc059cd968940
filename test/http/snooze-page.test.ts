import { expect, onTestFinished, test, vi } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { linkRoutes } from '../../lib/http/routes/links/snooze.ts'
import { aBrowser } from '../browser.ts'
import { createWorld } from '../flow/world.ts'
import { at, START } from '../makers.ts'

const STOP = START + 8 * 3_600_000

test('a person opens a link, on a phone and without scripts, and the button acts by the keyboard alone', async () => {
  const world = await createWorld()
  onTestFinished(() => world.close())
  await world.policy({
    warn: { minutesBefore: 30 },
    notify: [{ channel: 'ops', on: ['warning'] }],
    nextDueAt: at(STOP),
    description: 'x'.repeat(300),
  })
  const gateway = await startGateway({
    handler: httpHandler(linkRoutes, () => world.services),
    port: 0,
    trouble: (_, error) => {
      throw error
    },
  })
  onTestFinished(() => gateway.close())
  vi.setSystemTime(STOP - 1_000_000)
  const link = { policyId: 'nightly-dev', stopAt: at(STOP), channel: 'ops', language: 'en' as const }
  const url = (await world.services.linkSigner())({ ...link, action: 'one-hour' })
  const { browser, close } = await aBrowser()
  onTestFinished(close)
  const page = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } })
  const said: string[] = []
  const asked: string[] = []
  page.on('console', message => said.push(message.text()))
  page.on('request', request => asked.push(request.url()))
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.goto(`${gateway.url}${new URL(url).pathname}`)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  }
  await page.keyboard.press('Tab')
  await page.keyboard.type('Ann')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('This stop comes later', { exact: false }).first().waitFor()
  expect(await page.getByRole('button').count()).toBe(0)
  expect((await world.store.policy('nightly-dev'))!).toMatchObject({
    nextDueAt: at(STOP + 3_600_000),
    updatedBy: 'link:ops/one-hour (as "Ann")',
  })
  expect(asked.filter(one => !one.startsWith(gateway.url))).toEqual([])
  expect(said).toEqual([])
})
