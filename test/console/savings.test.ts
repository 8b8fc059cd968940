import { expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

const ITEMS = [
  { key: 'nightly-dev', servers: 212, hours: 2756.25, savingHours: 2500, noPriceHours: 12, amount: 1050.5 },
  { key: 'weekend', servers: 2019, hours: 60570, savingHours: 0, noPriceHours: 60570, amount: 0 },
]
const SUM = {
  from: '2026-10-31T00:00:00.000Z',
  to: '2026-11-30T00:00:00.000Z',
  by: 'policy',
  items: ITEMS.map((item, place) => ({ ...item, currency: place === 0 ? 'CNY' : null })),
  moreKeys: 0,
  totals: [
    { currency: 'CNY', amount: 1050.5 },
    { currency: 'USD', amount: 3 },
  ],
  nextCursor: null,
}

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('Savings stands at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('', view)
  await page.route('**/v1/savings?by=*', route => route.fulfill({ json: SUM }))
  await page.getByRole('link', { name: 'Savings' }).click()
  await page.getByText('1,050.50 CNY and 3.00 USD').waitFor()
  await page.getByText('run until a person stops them').waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

test('what was saved is told as the API sums it up; without a price hours alone are', async () => {
  const page = await curfew.open('')
  await page.route('**/v1/savings?by=*', route =>
    route.fulfill({ json: { ...SUM, by: new URL(route.request().url()).searchParams.get('by') } }),
  )
  await page.getByRole('link', { name: 'Savings' }).click()
  const row = (name: string) => page.getByRole('table', { name: 'Savings' }).getByRole('row', { name })
  await row('nightly-dev').waitFor()
  expect(await row('nightly-dev').getByRole('cell').allInnerTexts()).toEqual([
    'nightly-dev',
    '212',
    '2,756.3 h',
    '12 h',
    '1,050.50 CNY',
  ])
  expect((await row('weekend').getByRole('cell').allInnerTexts()).at(-1)).toBe('–')
  await page.getByLabel('Summed up by').selectOption('by connection')
  await page.getByRole('columnheader', { name: 'By connection' }).waitFor()
})

test('where there was no time for all runs, the sums say so', async () => {
  const page = await curfew.open('')
  await page.route('**/v1/savings?by=*', route =>
    route.fulfill({ json: { ...SUM, totals: [], nextCursor: 'c', moreKeys: 1200 } }),
  )
  await page.getByRole('link', { name: 'Savings' }).click()
  await page.getByText('There was no time for all runs').waitFor()
  await page.getByText('And 1,200 more lines; the total is of all.').waitFor()
  await page.getByText('No price is known').waitFor()
})

test('before a time off is proved, it says when one is; servers that nobody stops are those of the API', async () => {
  const page = await curfew.open('#/savings')
  await page.getByText('No time off is proved yet.').waitFor()
  const { summary, uncovered } = await curfew.api('GET', '/v1/coverage')
  const said = (count: number) => count.toLocaleString('en-GB')
  await page.getByText(`${said(summary.uncovered)} servers of ${said(summary.servers)}`).waitFor()
  await page
    .getByText(`${said(summary.covered)} are covered by a policy, ${said(summary.protected)} are protected.`)
    .waitFor()
  const [{ name, serverId, connection }] = uncovered
  await page.getByRole('link', { name, exact: true }).click()
  expect(page.url()).toContain(`#/servers/${connection}/${serverId}`)
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
