import type { Page } from 'playwright-core'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import type { WeekAnswer, WeekItem } from '../../console/api/types.ts'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

const week = (query: string): Promise<WeekAnswer> => curfew.api('GET', `/v1/week?${query}`)

/** The row of a policy in the chart. */
const rowOf = (page: Page, policyId: string) => page.locator(`svg.week-chart[aria-label^="${policyId}:"]`)

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('the week stands at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('#/week?from=2027-02-01', view)
  await page.getByRole('link', { name: 'nightly-dev' }).first().waitFor()
  if (view.width > 760) await page.getByText('The same in words').click()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

interface Change {
  monday: string
  date: string
  hours: number
}

/** The next day of a zone that a clock change makes longer or shorter, and the Monday of its week. */
function nextChange(timeZone: string): Change {
  for (let day = Temporal.Now.plainDateISO(timeZone).add({ days: 7 }); ; day = day.add({ days: 1 })) {
    const hours = day.toZonedDateTime(timeZone).hoursInDay
    const monday = day.subtract({ days: day.dayOfWeek - 1 })
    if (hours !== 24) return { monday: monday.toString(), date: day.toString(), hours }
  }
}

interface Drawn {
  at: string
  action: string
  /** In shares of the row's width. */
  x: number
}

/** The marks of a row as the browser has them on its screen. */
const drawnMarks = (page: Page, policyId: string): Promise<Drawn[]> =>
  page.evaluate<Drawn[]>(`
    [...document.querySelector('svg.week-chart[aria-label^="${policyId}:"]').querySelectorAll('a.moment')].map(link => ({
      at: link.dataset.at,
      action: link.dataset.action,
      x: link.querySelector('svg').x.baseVal.value / link.ownerSVGElement.getBoundingClientRect().width,
    }))
  `)

function expectedMarks({ days, marks }: WeekItem): unknown[] {
  const from = Date.parse(days[0]!.from)
  const length = Date.parse(days.at(-1)!.to) - from
  return marks.map(({ at, action }) => ({
    at,
    action,
    x: expect.closeTo((Date.parse(at) - from) / length, 4),
  }))
}

test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'])(
  '%s: over a clock change each mark stands where the API says, and the day is as wide as it is long',
  async timeZone => {
    const { monday, date, hours } = nextChange(timeZone)
    const { items } = await week(`from=${monday}&timeZone=${timeZone}`)
    const page = await curfew.open(`#/week?${new URLSearchParams({ from: monday, zone: timeZone })}`, {
      timeZone: 'Asia/Tokyo',
    })
    await rowOf(page, 'nightly-dev').waitFor()
    expect(items.find(({ policyId }) => policyId === 'nightly-dev')!.marks.length).toBeGreaterThan(8)
    for (const item of items) expect(await drawnMarks(page, item.policyId)).toEqual(expectedMarks(item))

    const edges = await page.evaluate<number[]>(
      `[...document.querySelectorAll('svg.week-days .day-edge')].map(line => line.x1.baseVal.valueInSpecifiedUnits)`,
    )
    const inAll = 6 * 24 + hours
    const changed = items[0]!.days.findIndex(day => day.date === date)
    const widths = edges.slice(1).map((edge, day) => edge - edges[day]!)
    expect(widths).toEqual(
      widths.map((_, day) => expect.closeTo(((day === changed ? hours : 24) / inAll) * 100, 3)),
    )
    await page.locator('svg.week-days').getByText(`${hours} h`).waitFor()
  },
)

test("by default each policy's row has the days of its own zone", async () => {
  const { monday } = nextChange('Europe/Berlin')
  const { items } = await week(`from=${monday}`)
  const page = await curfew.open(`#/week?from=${monday}`)
  await rowOf(page, 'weekend').waitFor()
  const zones = await page.locator('.week-zone h3').allTextContents()
  expect(zones.toSorted()).toEqual(['Berlin', 'Shanghai'])
  for (const { policyId, marks } of items)
    expect((await drawnMarks(page, policyId)).map(({ at }) => at)).toEqual(marks.map(({ at }) => at))
})

test('a run by hand stands in the week with how it ended, and opens by a click', async () => {
  const { items } = await curfew.api('GET', '/v1/runs?policyId=weekend')
  const page = await curfew.open('#/week')
  await rowOf(page, 'weekend')
    .getByRole('link', { name: /Stop by hand.*partial/ })
    .click()
  expect(page.url()).toContain(`#/runs/${items[0].id}`)
})

test('a skipped day is hatched with its reason, a snooze with its own', async () => {
  const path = '/v1/policies/nightly-dev/snooze'
  const until = new Date(Date.now() + 3 * 86_400_000).toISOString()
  const page = await curfew.open('#/week?from=2027-02-01')
  expect(await rowOf(page, 'lab-metal').locator('.skipped title').textContent()).toMatch(/skipDates/)
  await curfew.api('POST', path, { until, reason: 'release' })
  const today = new Date().toISOString().slice(0, 10)
  await page.goto(`${curfew.url}/#/week?from=${today}`)
  expect(await rowOf(page, 'nightly-dev').locator('.snoozed title').textContent()).toMatch(
    /^Snoozed until .*: release$/,
  )
  const { items } = await week(`from=${today}`)
  const { marks } = items.find(({ policyId }) => policyId === 'nightly-dev')!
  expect(await rowOf(page, 'nightly-dev').locator('.mark.hollow').count()).toBe(
    marks.filter(({ skippedBecause }) => skippedBecause !== null).length,
  )
  await curfew.api('DELETE', path)
})

test('by keyboard: one stop of Tab for a row, arrows along it, Enter opens the policy at that time', async () => {
  const page = await curfew.open('#/week?from=2027-02-01')
  const links = rowOf(page, 'nightly-dev').locator('a.moment')
  await links.first().waitFor()
  await page.getByRole('link', { name: 'nightly-dev', exact: true }).focus()
  await page.keyboard.press('Tab')
  const focused = () => page.evaluate<string>('document.activeElement.dataset.at')
  const times = (await drawnMarks(page, 'nightly-dev')).map(({ at }) => at)
  expect(await focused()).toBe(times[0])
  await page.keyboard.press('ArrowRight')
  expect(await focused()).toBe(times[1])
  await page.keyboard.press('End')
  expect(await focused()).toBe(times.at(-1))
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  expect(page.url()).toContain(`#/policies/nightly-dev?at=${encodeURIComponent(times[0]!)}`)
})

test('a due time of the next ten is found again in its policy', async () => {
  const page = await curfew.open('')
  const { dueTimes } = await curfew.api('POST', '/v1/policies/nightly-dev/preview', {})
  const { at, action } = dueTimes[3]
  await page.goto(`${curfew.url}/#/week?from=${at.slice(0, 10)}`)
  await rowOf(page, 'nightly-dev').locator(`a[data-at="${at}"]`).click()
  const chosen = page.locator('[aria-current="time"]')
  expect(await chosen.locator('time').getAttribute('datetime')).toBe(at)
  expect(await chosen.textContent()).toMatch(new RegExp(`^${action}`))
})

test('the week and its zone stand in the address, and are moved by what is on the screen', async () => {
  const page = await curfew.open('#/week?from=2027-02-01')
  await page.getByRole('heading', { name: '1–7 February 2027' }).waitFor()
  await page.getByRole('link', { name: 'Next', exact: true }).click()
  await page.getByRole('heading', { name: '8–14 February 2027' }).waitFor()
  await page.getByLabel('Times in').selectOption('America/New_York')
  await page.locator('.week-zone h3').getByText('New York').waitFor()
  expect(page.url()).toContain('#/week?from=2027-02-08&zone=America%2FNew_York')
  await page.getByRole('link', { name: 'This week' }).click()
  await page.locator('.now-line').first().waitFor({ state: 'attached' })
  expect(page.url()).toMatch(/#\/week\?zone=America%2FNew_York$/)
})

test('on a narrow screen the week is a list by day that says the same', async () => {
  const { items } = await week('from=2027-02-01')
  const page = await curfew.open('#/week?from=2027-02-01', { width: 360 })
  await page
    .getByRole('heading', { name: /Friday.*5 February/ })
    .first()
    .waitFor()
  const all = items.flatMap(({ marks }) => marks)
  expect(await page.locator('.week-list .plain a').count()).toBe(all.length)
  await page.getByText(/lab-metal: nothing is due: .*skipDates/).waitFor()
})

test('on a narrow screen the choice of a zone stands within its card', async () => {
  const page = await curfew.open('#/week', { width: 360 })
  const choice = page.getByLabel('Times in')
  await choice.waitFor()
  const rightOf = async (locator: typeof choice) => {
    const { x, width } = (await locator.boundingBox())!
    return x + width
  }
  const heading = page.locator('.card-head')
  expect(await rightOf(choice)).toBeLessThanOrEqual(await rightOf(heading))
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
