import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

interface Next {
  policyId: string
  action: string
  at: string
}
const nextStop = async (): Promise<Next> =>
  (await curfew.api('GET', '/v1/now')).next.find(({ action }: Next) => action === 'stop')

/** The part of the screen that is about the next stop. */
const stopPart = (page: Page) => page.locator('.chosen').filter({ hasText: ' stops ' })

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('Now stands at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('', view)
  await page.getByRole('heading', { name: 'Needs you' }).waitFor()
  await stopPart(page).getByText('left alone').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

test('Now says what the API says: the next stop and its number, what ended, what needs a person', async () => {
  const page = await curfew.open('')
  const { policyId } = await nextStop()
  const preview = await curfew.api('POST', `/v1/policies/${policyId}/preview`, {})
  const now = await curfew.api('GET', '/v1/now')
  const { targets, skipped } = preview.summary
  const number = targets === 0 ? 'its servers' : `${targets.toLocaleString('en-GB')} servers`
  await stopPart(page).getByText(`${policyId} stops ${number}`).waitFor()
  await stopPart(page)
    .getByText(`${skipped.toLocaleString('en-GB')} left alone`)
    .waitFor()
  const rows = page.getByRole('table', { name: 'Runs that ended' }).getByRole('row')
  expect(await rows.count()).toBe(now.latest.length + 1)
  expect(now.attention).toHaveLength(1)
  await page.getByText(now.attention[0].message.slice(10)).waitFor()
  await page.getByRole('link', { name: 'See why' }).click()
  expect(page.url()).toContain(`#/runs/${now.attention[0].runId}`)
})

test('the next stop is skipped by clicking, and taken back, and the API says so each time', async () => {
  const page = await curfew.open('')
  const { policyId, at } = await nextStop()
  await stopPart(page)
    .getByRole('button', { name: /^Not (tonight|this time)$/ })
    .click()
  await page.getByLabel('Reason').fill('release night')
  await page.getByRole('button', { name: 'Skip this stop' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('status').getByText(`${policyId} skips its stop of`).waitFor()
  const snoozed = await curfew.api('GET', `/v1/policies/${policyId}`)
  expect(Date.parse(snoozed.snoozedUntil)).toBe(Date.parse(at) + 60_000)
  expect(snoozed.snoozeReason).toBe('release night')
  expect(Date.parse(snoozed.nextStopAt)).toBeGreaterThan(Date.parse(at))
  await page.getByText('stops nothing until').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText(`${policyId} stops as before.`).waitFor()
  expect(await curfew.api('GET', `/v1/policies/${policyId}`)).toMatchObject({
    snoozedUntil: null,
    nextStopAt: at,
  })
})

test('an undo brings back the snooze that there was before', async () => {
  const { policyId, at } = await nextStop()
  const until = new Date(Date.parse(at) - 3_600_000).toISOString()
  const path = `/v1/policies/${policyId}/snooze`
  await curfew.api('POST', path, { until, reason: 'before' })
  const page = await curfew.open('')
  await stopPart(page)
    .getByRole('button', { name: /^Not (tonight|this time)$/ })
    .click()
  await page.getByRole('button', { name: 'Skip this stop' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText(`${policyId} stops as before.`).waitFor()
  expect(await curfew.api('GET', `/v1/policies/${policyId}`)).toMatchObject({
    snoozedUntil: until,
    snoozeReason: 'before',
  })
  await curfew.api('DELETE', path)
})

test('a run that goes on is shown with its numbers, and cancelled after a question', async () => {
  const connection = await curfew.api('GET', '/v1/connections/sample')
  // It lasts a minute at least: a thousand servers at once, the others later.
  const slow = { ...connection, maxServersPerMinute: { ecs: 1000, bms: null } }
  await curfew.api('PUT', '/v1/connections/sample', slow)
  const { id } = await curfew.api('POST', '/v1/runs', { policyId: 'weekend', action: 'start' })
  const page = await curfew.open('')
  await page.getByRole('heading', { name: 'Goes on' }).waitFor()
  await page.getByText(/1,000 of 2,0\d\d up/).waitFor()
  await page.getByText(/^since .*, \d\d:\d\d UTC$/).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Cancel weekend' }).click()
  await page.getByText('Nothing more is sent.').waitFor()
  await page.getByRole('button', { name: 'Send nothing more' }).click()
  await page.getByText('Nothing more of weekend is sent.').waitFor()
  expect(await curfew.api('GET', `/v1/runs/${id}`)).toMatchObject({ cancel: { actor: 'local' } })
  await page.getByText('is cancelled', { exact: true }).waitFor()
})

test('by keyboard alone: who exactly is opened, read and left, and the focus is where it was', async () => {
  const page = await curfew.open('')
  const { policyId } = await nextStop()
  // The run before this one has started some.
  const { summary, targets } = await curfew.api('POST', `/v1/policies/${policyId}/preview`, {})
  expect(targets.length).toBeGreaterThan(100)
  await stopPart(page)
    .getByText(`${summary.targets.toLocaleString('en-GB')} servers`)
    .waitFor()
  const button = stopPart(page).getByRole('button', { name: 'Who exactly?' })
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText(`Now it would stop ${summary.targets.toLocaleString('en-GB')} servers`).waitFor()
  for (const { name } of targets.slice(0, 3)) await dialog.getByRole('link', { name, exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Who exactly?')
})

test('stops that are off are told of on Now, with the way to switch them on', async () => {
  await curfew.api('PUT', '/v1/settings', { stopsEnabled: false })
  const page = await curfew.open('')
  await page.getByRole('region', { name: 'Stops are off' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  await page.getByRole('button', { name: 'Change it' }).click()
  await page.getByRole('button', { name: 'Switch stops on' }).click()
  await page.getByText('Stops are on now.').waitFor()
  await page.getByRole('region', { name: 'Stops are off' }).waitFor({ state: 'detached' })
  expect(await curfew.api('GET', '/v1/settings')).toMatchObject({ stopsEnabled: true })
})

test('how many the next stop is about is counted anew once a run has ended', async () => {
  const page = await curfew.open('')
  await stopPart(page).getByText('left alone').waitFor()
  const { policyId } = await nextStop()
  const counted = page.waitForRequest(request => request.url().includes(`/policies/${policyId}/preview`))
  const { id } = await curfew.api('POST', '/v1/runs', { policyId: 'lab-metal', dryRun: true })
  await expect.poll(async () => (await curfew.api('GET', `/v1/runs/${id}`)).status).toBe('succeeded')
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  await counted
})

test('the next stop comes an hour later by one click, this once, and the API says so', async () => {
  const page = await curfew.open('')
  const { policyId, at } = await nextStop()
  await stopPart(page).getByRole('button', { name: 'One hour later' }).click()
  await page.getByText(/, this once\./).waitFor()
  const later = new Date(Date.parse(at) + 3_600_000).toISOString()
  expect(await nextStop()).toMatchObject({ policyId, at: later })
  await stopPart(page).locator(`time[datetime="${later}"]`).waitFor()
})

test('a delay is told of with the policy, and taken back as far as the API lets it', async () => {
  const page = await curfew.open('')
  const { policyId, at } = await nextStop()
  const [{ dueAt }] = (await curfew.api('GET', `/v1/policies/${policyId}`)).delays
  expect(Date.parse(at) - Date.parse(dueAt)).toBe(3_600_000)
  await stopPart(page).getByRole('button', { name: 'One hour later' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(async () => (await nextStop()).at).toBe(at)
  await stopPart(page).getByRole('link', { name: policyId }).click()
  await page.getByText('delayed from').locator(`time[datetime="${dueAt}"]`).waitFor()
  await page.getByText('as before', { exact: false }).waitFor()
  // Once the schedule names another time, the delay holds nothing up.
  const policy = await curfew.api('GET', `/v1/policies/${policyId}`)
  const schedule = { ...policy.schedule, cron: '0 19 * * 1-5' }
  await curfew.api('PUT', `/v1/policies/${policyId}`, { ...policy, schedule })
  await page.reload()
  await page.getByText('at 19:00 on weekdays').waitFor()
  expect(await page.getByText('delayed from').count()).toBe(0)
  await curfew.api('PUT', `/v1/policies/${policyId}`, policy)
})

test('with many policies, Now says that more is due than it lists', async () => {
  const now = await curfew.api('GET', '/v1/now')
  const page = await curfew.open('#/week')
  await page.route('**/v1/now', route => {
    const next = Array.from({ length: 10 }, (_, place) => ({
      ...now.next[0],
      ...(place > 0 && { policyId: `team-${place}` }),
    }))
    return route.fulfill({ json: { ...now, next } })
  })
  await page.getByRole('link', { name: 'Now' }).click()
  await page.getByText('The first 10 due times.').waitFor()
})

test('where nothing is due that would act, Now says why, and leads to the policies', async () => {
  const connection = await curfew.api('GET', '/v1/connections/sample')
  await curfew.api('PUT', '/v1/connections/sample', { ...connection, enabled: false })
  const page = await curfew.open('')
  await page.getByText('Policies that are disabled, or whose connection is, act no more').waitFor()
  await page.getByRole('link', { name: 'see the policies' }).click()
  await page.getByText('nothing will act').first().waitFor()
  await curfew.api('PUT', '/v1/connections/sample', { ...connection, enabled: true })
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
