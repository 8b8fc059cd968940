import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

const policy = (id: string) => curfew.api('GET', `/v1/policies/${id}`)
const pressed = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const json = (page: Page) => page.getByRole('textbox', { name: 'The same as JSON' })
/** The text that tells of a field: its fault, then what it means. */
const textAbout = async (page: Page, name: string): Promise<string> => {
  const id = await field(page, name).getAttribute('aria-describedby')
  return (await page.locator(`[id="${id}"]`).textContent()) ?? ''
}

describe.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('at $width px, $theme', view => {
  test('every screen of policies stands without a serious finding, and does not scroll sideways', async () => {
    const page = await curfew.open('#/policies', view)
    const stands = async (place: string, sign: string) => {
      await page.goto(`${curfew.url}/${place}`)
      await page.getByText(sign).first().waitFor()
      expect([place, await seriousFindings(page), await scrollsSideways(page)]).toEqual([place, [], false])
    }
    await stands('#/policies', 'at 20:00 on weekdays (Shanghai); starts them at 07:00.')
    await stands('#/policies/nightly-dev', 'Now it would stop')
    await stands('#/policies/nightly-dev/edit', 'Now it would stop')
    await stands('#/new', 'Say which servers it is about')
    await page.goto(`${curfew.url}/#/policies/weekend`)
    await pressed(page, 'Start now …')
    await page.getByLabel(/^Type \d+ to go on/).waitFor()
    expect([await seriousFindings(page), await scrollsSideways(page)]).toEqual([[], false])
    await page.context().close()
  })
})

test('the next ten times of a policy are those of the API, each on a day and at an hour that its sentence names', async () => {
  const { dueTimes } = await curfew.api('POST', '/v1/policies/nightly-dev/preview')
  const page = await curfew.open('#/policies/nightly-dev')
  const times = page.locator('ol.times time')
  await times.nth(9).waitFor()
  const shown = await times.evaluateAll(all => all.map(one => one.getAttribute('datetime')))
  expect(shown).toEqual(dueTimes.map(({ at }: { at: string }) => at))
  for (const { local, action } of dueTimes) {
    expect(local).toContain(action === 'stop' ? ' 20:00 ' : ' 07:00 ')
    expect([1, 2, 3, 4, 5]).toContain(new Date(`${local.slice(0, 10)}T00:00Z`).getUTCDay())
  }
})

test('two clicks snooze a policy past its next stop, and one ends it', async () => {
  const page = await curfew.open('#/policies/lab-metal')
  const { nextDueAt } = await policy('lab-metal')
  await pressed(page, 'Snooze: lab-metal')
  await pressed(page, /^(Tonight|The next stop)$/)
  await page.getByText('lab-metal is snoozed until').waitFor()
  const { snoozedUntil, snoozeReason } = await policy('lab-metal')
  expect(Date.parse(snoozedUntil) - Date.parse(nextDueAt)).toBe(60_000)
  expect(snoozeReason).toBe('The servers are needed longer')
  await page.getByText(`(ends in`).waitFor()
  await page.locator('.snooze-note').getByRole('button', { name: 'End snooze' }).click()
  await page.getByText('The snooze of lab-metal has ended').waitFor()
  expect(await policy('lab-metal')).toMatchObject({ snoozedUntil: null })
})

test('a snooze that came too late for a run says so, and leads to it', async () => {
  const page = await curfew.open('#/policies/nightly-dev')
  await page.route('**/v1/policies/nightly-dev/snooze', async route => {
    const response = await route.fetch()
    const runUnderWay = {
      id: 'nightly-dev.20261120T120000Z',
      dueAt: '2026-11-20T12:00:00Z',
      status: 'running',
    }
    await route.fulfill({ response, json: { ...(await response.json()), runUnderWay } })
  })
  await pressed(page, 'Snooze: nightly-dev')
  await pressed(page, 'Until tomorrow 09:00')
  const link = page.getByRole('dialog').getByRole('link', { name: 'See it, or cancel it there' })
  expect(await link.getAttribute('href')).toBe('#/runs/nightly-dev.20261120T120000Z')
  await curfew.api('DELETE', '/v1/policies/nightly-dev/snooze')
})

test('the list goes on page by page, names what cannot be read, and finds by name and description', async () => {
  const page = await curfew.open('')
  await page.route(/\/v1\/policies\?limit=100(?!0)/, async route => {
    const response = await route.fetch({ url: route.request().url().replace('limit=100', 'limit=2') })
    await route.fulfill({ response, json: { ...(await response.json()), unreadable: ['from-tomorrow'] } })
  })
  await page.getByRole('link', { name: 'Policies' }).click()
  await page.getByText('Cannot be read by this version: from-tomorrow').waitFor()
  const names = page.locator('a.name')
  expect(await names.allInnerTexts()).toEqual(['lab-metal', 'nightly-dev'])
  await pressed(page, 'Show more')
  await page.getByRole('link', { name: 'weekend' }).waitFor()
  await page.getByLabel('Find a policy').fill('only production')
  await expect.poll(() => names.allInnerTexts()).toEqual(['weekend'])
})

test('servers that a warning names are not taken for all that it is about', async () => {
  const page = await curfew.open('#/policies/nightly-dev')
  const { warnings } = await curfew.api('POST', '/v1/policies/nightly-dev/preview', {})
  const overlap = warnings.find(({ code }: { code: string }) => code === 'overlap')
  expect(overlap.servers).toHaveLength(100)
  await page.getByText(overlap.message).waitFor()
  await page.getByText('100 of them by name').waitFor()
})

test('a policy is found that stands on a page which was not opened', async () => {
  const page = await curfew.open('')
  await page.route(/\/v1\/policies\?limit=100(?!0)/, route =>
    route.continue({ url: route.request().url().replace('limit=100', 'limit=2') }),
  )
  await page.getByRole('link', { name: 'Policies' }).click()
  await page.getByRole('button', { name: 'Show more' }).waitFor()
  await page.getByLabel('Find a policy').fill('week')
  await page.getByRole('link', { name: 'weekend' }).waitFor()
  await page.getByLabel('Find a policy').fill('no such policy')
  await page.getByText('None of these is named or described so.').waitFor()
})

test('the keyboard alone goes from the list to a snooze, and Escape leads back', async () => {
  const page = await curfew.open('#/policies')
  await page.getByRole('link', { name: 'weekend' }).focus()
  await page.keyboard.press('Enter')
  const snooze = page.getByRole('button', { name: 'Snooze: weekend' })
  await snooze.waitFor()
  while (!(await snooze.evaluate(button => button === button.ownerDocument.activeElement)))
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true)
  await page.keyboard.press('Escape')
  expect(await page.getByRole('dialog').count()).toBe(0)
  await expect.poll(() => snooze.evaluate(button => button === button.ownerDocument.activeElement)).toBe(true)
})

test('two edits of one policy: mine goes on top, and theirs is not lost', async () => {
  const page = await curfew.open('#/policies/lab-metal/edit')
  await field(page, 'Description').fill('Mine')
  const before = await policy('lab-metal')
  await curfew.api('PUT', '/v1/policies/lab-metal', {
    ...before,
    limits: { ...before.limits, maxServers: 33 },
  })
  await pressed(page, 'Save')
  const dialog = page.getByRole('dialog', { name: 'It was changed meanwhile' })
  await dialog.waitFor()
  const rows = await dialog.locator('tbody tr').allInnerTexts()
  expect(rows.map(row => row.split(/\s+/)[0])).toEqual(['limits.maxServers', 'description'])
  await pressed(page, 'Go on editing')
  expect(await field(page, 'Description').inputValue()).toBe('Mine')
  await pressed(page, 'Save')
  await dialog.getByRole('button', { name: 'Take theirs' }).click()
  expect(await field(page, 'Description').inputValue()).toBe(before.description)
  await pressed(page, 'Back to mine')
  expect(await field(page, 'Description').inputValue()).toBe('Mine')
  await pressed(page, 'Save')
  await dialog.getByRole('button', { name: 'Keep mine on top, and save' }).click()
  await page.getByText('lab-metal is saved.').waitFor()
  expect(await policy('lab-metal')).toMatchObject({ description: 'Mine', limits: { maxServers: 33 } })
})

test('a snooze meanwhile is no conflict', async () => {
  const page = await curfew.open('#/policies/weekend/edit')
  await field(page, 'Description').fill('Off over the weekend')
  await curfew.api('POST', '/v1/policies/weekend/snooze', {
    until: new Date(Date.now() + 3_600_000).toISOString(),
    reason: 'release',
  })
  await pressed(page, 'Save')
  await page.getByText('weekend is saved.').waitFor()
  expect(await policy('weekend')).toMatchObject({
    description: 'Off over the weekend',
    snoozeReason: 'release',
  })
})

test('calendars, channels and warnings are edited in the form, and an edit of another field loses none of them', async () => {
  const ics =
    'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nSUMMARY:New Year\nEND:VEVENT\nEND:VCALENDAR\n'
  await curfew.api('PUT', '/v1/calendars/holidays', { ics })
  await curfew.api('PUT', '/v1/channels/ops', { type: 'slack', credentials: { source: 'environment' } })
  const page = await curfew.open('#/policies/weekend/edit')
  const openMore = (of: Page) => of.getByRole('group', { name: 'When it stops' }).getByText('More').click()
  await openMore(page)
  await field(page, 'Calendars').fill('holidays')
  await field(page, 'Channels, and of what').fill('ops = warning, failed')
  await page.getByLabel('They are warned of its stops').check()
  await field(page, 'How much later its links let it come (h)').fill('6')
  await pressed(page, 'Save')
  await page.getByText('weekend is saved.').waitFor()
  const edited = {
    schedule: { calendars: [{ id: 'holidays', effect: 'skip' }] },
    notify: [{ channel: 'ops', on: ['warning', 'failed'] }],
    warn: { minutesBefore: 30, maxSnoozeHours: 6 },
  }
  expect(await policy('weekend')).toMatchObject(edited)
  const again = await curfew.open('#/policies/weekend/edit')
  await openMore(again)
  expect(await field(again, 'Calendars').inputValue()).toBe('holidays = skip')
  await field(again, 'Description').fill('Off at the weekend')
  await pressed(again, 'Save')
  await again.getByText('weekend is saved.').waitFor()
  expect(await policy('weekend')).toMatchObject({ ...edited, description: 'Off at the weekend' })
})

test("the API's errors stand at their fields and at their lines, and the last good preview stays", async () => {
  const page = await curfew.open('#/policies/nightly-dev/edit')
  await page.getByText('Now it would stop').waitFor()
  await field(page, 'Stops at (cron)').fill('0 25 * * *')
  await page.getByText('hour: expected', { exact: false }).first().waitFor()
  expect(await textAbout(page, 'Stops at (cron)')).toMatch(/^hour: expected .* got "25"/)
  expect(await field(page, 'Stops at (cron)').getAttribute('aria-invalid')).toBe('true')
  await page.getByText('As of the text before.').waitFor()
  expect(await page.getByText('Now it would stop').count()).toBe(1)
  const errors = page.locator('.json-errors')
  expect(await errors.innerText()).toContain('schedule.cron')
  await errors.getByRole('button').click()
  const selected = 'const a = document.activeElement; a.value.slice(a.selectionStart, a.selectionEnd)'
  expect(await page.evaluate(`(() => { ${selected.replace('; ', '; return ')} })()`)).toContain(
    '"cron": "0 25',
  )
})

test('JSON that cannot be read stays as typed and says where; what it says then, the form shows', async () => {
  const page = await curfew.open('#/policies/nightly-dev/edit')
  await field(page, 'Description').waitFor()
  await json(page).fill('{\n  "id": "nightly-dev",\n  "description": "half')
  await page.getByText('This is no JSON yet.').waitFor()
  await page.getByRole('button', { name: 'Line 3, column 18' }).waitFor()
  expect(await field(page, 'Description').isDisabled()).toBe(true)
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await json(page).fill('{\n  "id": "nightly-dev",\n  "description": "whole",\n  "later": 1\n}')
  expect(await field(page, 'Description').inputValue()).toBe('whole')
  await field(page, 'Description').fill('by the form')
  expect(JSON.parse(await json(page).inputValue())).toEqual({
    id: 'nightly-dev',
    description: 'by the form',
    later: 1,
  })
})

test('a policy from nothing: its preview is seen, what is wrong is said, a failure loses nothing, it is saved', async () => {
  const page = await curfew.open('#/new')
  await field(page, 'With these tags').fill('env = test\nrole = notebook')
  await page.getByText('Now it would stop').waitFor()
  await field(page, 'Stops at (cron)').fill('30 21 * * 1-4')
  expect(await textAbout(page, 'Stops at (cron)')).toBe('At 21:30 from Monday to Thursday.')
  await page.getByLabel('It starts servers, too').check()
  expect(await field(page, 'Starts at (cron)').inputValue()).toBe('0 7 * * 1-4')
  await pressed(page, 'Save')
  await page.getByText('choose a name').first().waitFor()
  await field(page, 'Name').fill('nightly-dev')
  await pressed(page, 'Save')
  await page.getByText('there is a policy nightly-dev already').first().waitFor()
  await field(page, 'Name').fill('notebooks')
  await page.route('**/v1/policies/notebooks', route => route.fulfill({ status: 500, body: '{}' }))
  await pressed(page, 'Save')
  await page.getByText('Curfew answered 500').waitFor()
  expect(await field(page, 'With these tags').inputValue()).toBe('env = test\nrole = notebook')
  await page.unroute('**/v1/policies/notebooks')
  await pressed(page, 'Save')
  await page.getByText('notebooks is saved.').waitFor()
  expect(await policy('notebooks')).toMatchObject({
    connection: 'sample',
    schedule: { cron: '30 21 * * 1-4', timeZone: 'UTC' },
    start: { cron: '0 7 * * 1-4', servers: 'stopped' },
    selector: { tags: { env: ['test'], role: ['notebook'] } },
  })
  expect(page.url()).toContain('#/policies/notebooks')
})

test('bare metal asks for consent, and says why', async () => {
  const page = await curfew.open('#/new')
  await page.getByLabel('Kind of servers').selectOption('bms')
  await page.getByText('Bare metal has no soft stop').waitFor()
  expect(JSON.parse(await json(page).inputValue())).toMatchObject({ mode: 'hard', acceptPowerCut: false })
  await field(page, 'With these tags').fill('env = test')
  await page.getByText('a BMS stop is a power cut').first().waitFor()
  await page.getByLabel('I accept that the power').check()
  await page.getByText('Now it would stop').waitFor()
})

test('what is not saved is not left without a question', async () => {
  const page = await curfew.open('#/policies/nightly-dev/edit')
  await field(page, 'Description').fill('Not saved')
  await page.getByRole('link', { name: 'Runs' }).click()
  await pressed(page, 'Stay here')
  expect(await field(page, 'Description').inputValue()).toBe('Not saved')
  expect(page.url()).toContain('#/policies/nightly-dev/edit')
  await page.getByRole('link', { name: 'Runs' }).click()
  await pressed(page, 'Leave, and lose it')
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
})

test('a policy leads to the list of its own runs', async () => {
  const page = await curfew.open('#/policies/nightly-dev')
  await page.getByRole('link', { name: 'All its runs' }).click()
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
  expect(await page.getByLabel('Policy').inputValue()).toBe('nightly-dev')
})

test('who stops servers by hand is told how they stop', async () => {
  const page = await curfew.open('#/policies/lab-metal')
  await pressed(page, 'Stop now …')
  await page.getByRole('dialog').getByText('Bare metal has no soft stop: its power is cut.').waitFor()
})

test('many servers are started only once their number is typed, and a dry run starts none', async () => {
  const page = await curfew.open('#/policies/weekend')
  await pressed(page, 'Start now …')
  const number = page.getByLabel(/^Type \d+ to go on/)
  await number.waitFor()
  const count = /\d+/.exec(
    await page.getByRole('dialog').locator('label', { hasText: /^Type/ }).innerText(),
  )![0]
  const start = page.getByRole('button', { name: /^Start [\d,]+ servers$/ })
  expect(await start.isDisabled()).toBe(true)
  await number.fill(count)
  expect(await start.isDisabled()).toBe(false)
  await pressed(page, 'Dry run')
  await page.waitForURL(/#\/runs\/manual\./)
  const id = decodeURIComponent(page.url().split('/').at(-1)!)
  expect(await curfew.api('GET', `/v1/runs/${id}`)).toMatchObject({
    action: 'start',
    dryRun: true,
    policyId: 'weekend',
  })
})

test('a policy is disabled at once, and the notice takes it back', async () => {
  const page = await curfew.open('#/policies/weekend')
  await pressed(page, 'Disable')
  await page.getByText('weekend is disabled').waitFor()
  expect(await policy('weekend')).toMatchObject({ enabled: false })
  await pressed(page, 'Undo')
  await page.getByText('weekend is enabled').waitFor()
  expect(await policy('weekend')).toMatchObject({ enabled: true })
})

test('a policy is deleted once its name is typed, and its history tells who did what', async () => {
  const page = await curfew.open('#/policies/weekend')
  await page.getByText('History of changes').click()
  await page.getByText('edited').first().waitFor()
  await pressed(page, 'Delete …')
  await page.getByText(/servers that it would start again are off, and stay off without it/).waitFor()
  const remove = page.getByRole('button', { name: 'Delete it' })
  expect(await remove.isDisabled()).toBe(true)
  await page.getByLabel('Type weekend to delete it').fill('weekend')
  await remove.click()
  await page.getByText('weekend is deleted. Its runs stay.').waitFor()
  await expect(policy('weekend')).rejects.toThrow('404')
})

test('no page logged an error but for what the API refused, and none asked another host', () => {
  expect(curfew.problems.filter(one => !/status of (404|412|422|500)/.test(one))).toEqual([])
})
