import { expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('the frame stands at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('', view)
  await page.getByRole('button', { name: 'Stops on' }).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

test('stops are switched off and on again, and the API says so', async () => {
  const page = await curfew.open('')
  await page.getByRole('button', { name: 'Stops on' }).click()
  await page.getByRole('button', { name: 'Switch stops off' }).click()
  await page.getByText('Stops are off now.').waitFor()
  expect(await curfew.api('GET', '/v1/settings')).toMatchObject({ stopsEnabled: false })
  await page.getByRole('button', { name: 'Switch stops on' }).click()
  await page.getByText('Stops are on now.').waitFor()
  expect(await curfew.api('GET', '/v1/settings')).toMatchObject({ stopsEnabled: true })
  await page.keyboard.press('Escape')
  expect(await page.getByRole('dialog').count()).toBe(0)
})

test('what another person switched since is shown before one switches, and is not taken back', async () => {
  const page = await curfew.open('#/week')
  const opens = page.getByRole('button', { name: 'Stops on' })
  await opens.waitFor()
  await curfew.api('PUT', '/v1/settings', { stopsEnabled: true, startsEnabled: false })
  await opens.click()
  await page.getByText('Starts are off.').waitFor()
  await page.getByRole('button', { name: 'Switch stops off' }).click()
  await page.getByText('Stops are off now.').waitFor()
  expect(await curfew.api('GET', '/v1/settings')).toMatchObject({ stopsEnabled: false, startsEnabled: false })
  await curfew.api('PUT', '/v1/settings', { stopsEnabled: true, startsEnabled: true })
})

test('a 401 asks for the token, and what was typed is sent from then on', async () => {
  const page = await curfew.open('#/week')
  await page.route('**/v1/**', (route, request) =>
    request.headers().authorization === 'Bearer right'
      ? route.continue()
      : route.fulfill({ status: 401, json: { title: 'Unauthorized', detail: 'a token is needed' } }),
  )
  await page.goto(`${curfew.url}/#/`)
  await page.reload()
  await page.getByLabel('Token').fill('right')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Stops on' }).waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
  // The browser logs each of them.
  const others = curfew.problems.filter(problem => !problem.includes('status of 401'))
  curfew.problems.splice(0, Infinity, ...others)
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
