import { expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

const SAMPLE = '/v1/connections/sample'

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('connections stand at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('#/connections', view)
  await page.getByRole('link', { name: 'sample' }).click()
  await page.getByRole('heading', { name: 'Policies that use it' }).waitFor()
  await page.getByRole('link', { name: 'nightly-dev' }).waitFor()
  await page.getByText('The document, and how to change it').click()
  const text = await page.getByLabel('sample as JSON').inputValue()
  const {
    createdAt: _,
    updatedAt: _2,
    updatedBy: _3,
    version: _4,
    ...document
  } = await curfew.api('GET', SAMPLE)
  expect(JSON.parse(text)).toEqual(document)
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

test('a check says in words what the API answered', async () => {
  const { servers } = await curfew.api('POST', `${SAMPLE}/check`, {})
  const page = await curfew.open('#/connections/sample')
  await page.getByRole('button', { name: 'Check' }).click()
  const [ecs, bms] = [servers.ecs, servers.bms].map(count => count.toLocaleString('en-GB'))
  await page.getByText(`${ecs} cloud servers and ${bms} bare-metal servers`).waitFor()
})

test('a button keeps the focus while it waits, and the screen takes it where the button goes away', async () => {
  const page = await curfew.open('#/connections/sample')
  const check = page.getByRole('button', { name: 'Check' })
  await check.focus()
  await page.keyboard.press('Enter')
  await page.getByText('It works:').waitFor()
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Check again')
  const until = new Date(Date.now() + 3_600_000).toISOString()
  await curfew.api('POST', '/v1/policies/weekend/snooze', { until, reason: 'focus' })
  await page.goto(`${curfew.url}/#/policies/weekend`)
  const end = page.getByRole('button', { name: /^End/ })
  await end.focus()
  await page.keyboard.press('Enter')
  await end.waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
})

test('a check that fails says why', async () => {
  const { id: _, ...sample } = await curfew.api('GET', SAMPLE)
  const credentials = { source: 'environment', name: 'NOWHERE_' }
  await curfew.api('PUT', '/v1/connections/keyless', { ...sample, credentials })
  const { reason } = await curfew.api('POST', '/v1/connections/keyless/check', {})
  const page = await curfew.open('#/connections/keyless')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('It does not work:').waitFor()
  await page.getByText(reason).waitFor()
})

test('it is disabled and enabled by clicking, after its policies were named, and the API says so', async () => {
  const page = await curfew.open('#/connections/sample')
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'nightly-dev' }).waitFor()
  await page.getByRole('button', { name: 'Disable it' }).click()
  await page.getByText('sample is disabled now.').waitFor()
  expect(await curfew.api('GET', SAMPLE)).toMatchObject({ enabled: false })
  await page.getByRole('button', { name: 'Enable' }).click()
  await page.getByRole('button', { name: 'Enable it' }).click()
  await page.getByText('sample is enabled now.').waitFor()
  expect(await curfew.api('GET', SAMPLE)).toMatchObject({ enabled: true })
})

test('what somebody else changed meanwhile is not overwritten', async () => {
  const page = await curfew.open('#/connections/sample')
  await page.getByRole('button', { name: 'Disable' }).click()
  const sample = await curfew.api('GET', SAMPLE)
  await curfew.api('PUT', SAMPLE, { ...sample, maxServersPerMinute: { ecs: 500, bms: null } })
  await page.getByRole('button', { name: 'Disable it' }).click()
  await page.getByText('Somebody changed it meanwhile.').waitFor()
  expect(await curfew.api('GET', SAMPLE)).toMatchObject({
    enabled: true,
    maxServersPerMinute: { ecs: 500, bms: null },
  })
  await page.getByRole('button', { name: 'Leave it as it is' }).click()
  await page.getByText('cloud servers: 500 servers').waitFor()
})

test('nothing was asked of another host, and no page logged an error but the refused edit', () => {
  expect(curfew.problems).toEqual([expect.stringContaining('412')])
})
