import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Outcome } from '../../console/api/types.ts'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

/** A server that the sample's first run left for its state, and the policy of that run. */
let left: Outcome
let runId: string
let policyId: string
beforeAll(async () => {
  const { items: runs } = await curfew.api('GET', '/v1/runs')
  runId = runs[0].id
  policyId = runs[0].policyId
  const { items } = await curfew.api('GET', `/v1/runs/${runId}/servers?code=locked`)
  left = items[0]
})

const serverNow = async () => (await curfew.api('GET', `/v1/servers?id=${left.serverId}`)).items[0]
const place = () => `#/servers/sample/${left.serverId}`
const search = (page: Page) => page.getByLabel('Name or id')

test('a server is found by a part of its name, and shows why it was not stopped', async () => {
  const page = await curfew.open('#/servers')
  await search(page).fill(left.name.slice(0, -1))
  await page.getByRole('link', { name: left.name }).click()
  await page.getByRole('heading', { level: 1, name: left.name }).waitFor()
  const policy = page.getByRole('region', { name: `Policy ${policyId}` })
  const rows = policy.getByRole('table', { name: 'Latest runs' })
  await rows.getByText(left.reason).first().waitFor()
  expect(await rows.getByRole('link').last().getAttribute('href')).toBe(`#/runs/${runId}`)
  const why = await curfew.api('GET', `/v1/policies/${policyId}/servers/${left.serverId}`)
  await policy.getByText(`would leave it (${why.code}): ${why.reason}`).waitFor()
  await policy.getByText(why.nextStopLocal).waitFor()
})

test('an id finds its server, what nobody has finds none, and both say so', async () => {
  const page = await curfew.open('#/servers')
  await search(page).fill(left.serverId.toUpperCase())
  await page.getByRole('status').getByText('1 server', { exact: true }).waitFor()
  await search(page).fill('nobody-has-this')
  await page.getByText('No server matches.').waitFor()
  await search(page).fill('')
  await page.getByText('Nothing is searched for yet').waitFor()
  await page.getByRole('button', { name: 'list all servers' }).click()
  await page.getByText('100 servers so far').waitFor()
  await page.getByRole('button', { name: 'Search on' }).click()
  await page.getByText('200 servers so far').waitFor()
  expect(page.url()).toContain('#/servers?search=*')
})

test('it is snoozed with two clicks, and that is ended, and the API says so each time', async () => {
  const page = await curfew.open(place())
  await page.getByRole('button', { name: 'Snooze it' }).click()
  await page.getByLabel('Reason').fill('release night')
  await page.getByRole('button', { name: 'Until tomorrow 09:00' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText('release night').first().waitFor()
  const snoozed = await serverNow()
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  expect(snoozed.snoozedUntil).toBe(`${tomorrow}T09:00:00.000Z`)
  expect(snoozed.snoozeReason).toContain('release night')
  await page
    .getByRole('region', { name: `Policy ${policyId}` })
    .getByText('would leave it (snoozed)')
    .waitFor()
  await page.getByText('History of changes').click()
  const history = page.getByRole('region', { name: 'History of changes' })
  await history.getByText('"release night"').waitFor()
  await page.getByRole('button', { name: 'End snooze' }).first().click()
  await page.getByText(`The snooze of ${left.name} has ended.`).waitFor()
  expect(await serverNow()).toMatchObject({ snoozedUntil: null })
})

test('a snooze that the API refuses stands where it was asked for, and nothing typed is lost', async () => {
  const page = await curfew.open(place())
  await page.route('**/snooze', route =>
    route.fulfill({ status: 409, json: { detail: 'others changed it' } }),
  )
  await page.getByRole('button', { name: 'Snooze it' }).click()
  await page.getByLabel('Reason').fill('release night')
  await page.getByRole('button', { name: 'Until tomorrow 09:00' }).click()
  await page.getByRole('dialog').getByText('others changed it').waitFor()
  expect(await page.getByLabel('Reason').inputValue()).toBe('release night')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  curfew.problems.splice(0)
})

test('a connection that cannot be asked is named beside what was found', async () => {
  const sample = await curfew.api('GET', '/v1/connections/sample')
  const credentials = { source: 'environment', name: 'NOBODY_' }
  await curfew.api('PUT', '/v1/connections/broken', { ...sample, id: 'broken', credentials })
  const page = await curfew.open('#/servers?search=checkout')
  await page.getByRole('list', { name: 'What is missing here' }).getByText('NOBODY_').first().waitFor()
  await page.getByRole('table', { name: 'Servers found' }).waitFor()
  await page.getByLabel('Connection').selectOption('sample')
  await page.getByRole('list', { name: 'What is missing here' }).waitFor({ state: 'detached' })
  await curfew.api('DELETE', '/v1/connections/broken')
})

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('both screens stand at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('#/servers?search=checkout', view)
  await page.getByRole('table', { name: 'Servers found' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
  const one = await curfew.open(place(), view)
  await one
    .getByRole('region', { name: `Policy ${policyId}` })
    .getByRole('table')
    .waitFor()
  await one.getByText('Protect it for good').click()
  await one.getByText('Curfew never writes tags').waitFor()
  expect(await seriousFindings(one)).toEqual([])
  expect(await scrollsSideways(one)).toBe(false)
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
