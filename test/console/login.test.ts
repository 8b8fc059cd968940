import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { buildConsole } from '../../infra/build/console.ts'
import { aBrowser } from '../browser.ts'
import { type HttpWorld, openWorld } from '../http/world.ts'
import { startGatewayWithIssuer } from './gateway.ts'
import { CLIENT_ID, startIssuer, type TestIssuer } from './issuer.ts'
import { seriousFindings } from './page.ts'

let issuer: TestIssuer
let world: HttpWorld
let gateway: Awaited<ReturnType<typeof startGatewayWithIssuer>>
let browser: Browser
const ends: (() => unknown)[] = []
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-console-'))
  ends.push(() => rm(folder, { recursive: true }))
  const [opened, issued] = await Promise.all([aBrowser(), startIssuer(), buildConsole(folder)])
  browser = opened.browser
  issuer = issued
  world = await openWorld({
    http: { CONSOLE_FOLDER: folder, CONSOLE_ISSUER: issuer.url, CONSOLE_CLIENT_ID: CLIENT_ID },
  })
  // Tokens end by the clock of the browser, which no test sets.
  vi.useRealTimers()
  gateway = await startGatewayWithIssuer(world, issuer)
  ends.push(
    opened.close,
    () => issuer.close(),
    () => gateway.close(),
    () => world.close(),
  )
})
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})
beforeEach(() => {
  Object.assign(issuer.switches, {
    refuses: null,
    lifetimeSeconds: 3600,
    refreshes: false,
    isReplayed: false,
    claims: { email: 'ada@example.com', groups: ['staff', 'curfew-admin'] },
  })
  issuer.granted.length = 0
  gateway.asked.length = 0
  gateway.clock.aheadSeconds = 0
})

/** What is kept in the browser beyond the page. */
const keptBy = (page: Page): Promise<string> =>
  page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])')

/** A page at a place of the console, and the violations of its rules that it tells of. */
async function openAt(place: string, url = gateway.url): Promise<{ page: Page; violations: string[] }> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const violations: string[] = []
  page.on('console', message => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text())
  })
  await page.goto(`${url}/${place}`)
  return { page, violations }
}
const stopsOn = (page: Page) => page.getByRole('button', { name: 'Stops on' })

describe('where the deployment names an issuer, the console', () => {
  test('logs in by itself, comes back to its screen, and keeps nothing outside the page', async () => {
    const { page, violations } = await openAt('#/policies')
    await stopsOn(page).waitFor()
    expect(page.url()).toBe(`${gateway.url}/#/policies`)
    expect(issuer.granted).toEqual(['authorization_code'])
    expect(new Set(gateway.asked.map(one => one.replace(/\/v1\/.*/, '/v1/')))).toEqual(
      new Set(['GET /console/v1/']),
    )
    expect(await keptBy(page)).toBe('[{},{},""]')
    expect(violations).toEqual([])
  })

  test('acts in the name of who logged in', async () => {
    const { page } = await openAt('')
    await stopsOn(page).click()
    await page.getByRole('button', { name: 'Switch stops off' }).click()
    await page.getByText('Stops are off now.').waitFor()
    await page.getByRole('button', { name: 'Switch stops on' }).click()
    await page.getByText('Stops are on now.').waitFor()
    const changes = await world.all('/v1/settings/changes')
    expect(changes.map(({ actor }) => actor)).toEqual(['oidc:ada@example.com', 'oidc:ada@example.com'])
  })

  test('shows what the API says to a role that is too low, and to none', async () => {
    issuer.switches.claims = { groups: ['curfew-read'] }
    const reader = await openAt('')
    await stopsOn(reader.page).click()
    await reader.page.getByRole('button', { name: 'Switch stops off' }).click()
    await reader.page.getByText('this needs the role admin, got read').waitFor()
    issuer.switches.claims = { groups: ['staff'] }
    const { page } = await openAt('')
    await page
      .getByText(/holds none of curfew-read, curfew-operate, curfew-admin/)
      .first()
      .waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('renews a login that is about to end, and asks nobody', async () => {
    Object.assign(issuer.switches, { lifetimeSeconds: 30, refreshes: true })
    const { page } = await openAt('')
    await stopsOn(page).click()
    await page.getByText('Stops are on.', { exact: true }).waitFor()
    await vi.waitUntil(() => issuer.granted.includes('refresh_token'), { timeout: 60_000 })
    expect(issuer.granted.filter(one => /refused/.test(one))).toEqual([])
    expect(await keptBy(page)).toBe('[{},{},""]')
  })

  test('asks anew where a login has ended and cannot be renewed, and comes back to its screen', async () => {
    const { page } = await openAt('#/policies')
    await stopsOn(page).waitFor()
    // The dialog reads anew what it shows: with the token that is still good.
    const read = page.waitForResponse(/\/v1\/settings$/)
    await stopsOn(page).click()
    await read
    // An hour and a minute later the token has ended.
    gateway.clock.aheadSeconds = 3660
    await page.getByRole('button', { name: 'Switch stops off' }).click()
    const dialog = page.getByRole('dialog', { name: 'Sign in' })
    await dialog.getByText('Your login has ended.').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    gateway.clock.aheadSeconds = 0
    await dialog.getByRole('button', { name: 'Log in again' }).click()
    await stopsOn(page).waitFor()
    expect(page.url()).toBe(`${gateway.url}/#/policies`)
  })

  test.each([
    ['what the issuer refuses', { refuses: 'your account is locked' }, /your account is locked/],
    ['a token of another login', { isReplayed: true }, /nonce/],
  ])('says %s, asks once, and logs in when told to', async (_, switches, message) => {
    Object.assign(issuer.switches, switches)
    const { page } = await openAt('')
    await page.getByRole('dialog').getByText(message).waitFor()
    expect(page.url()).toBe(`${gateway.url}/#/`)
    Object.assign(issuer.switches, { refuses: null, isReplayed: false })
    await page.getByRole('button', { name: 'Log in again' }).click()
    await stopsOn(page).waitFor()
  })

  test('takes no answer that it did not ask for', async () => {
    const { page } = await openAt('?code=stolen&state=stolen')
    await stopsOn(page).waitFor()
    expect(issuer.granted).toEqual(['authorization_code'])
  })
})

test('where it names none, the console says by which command it is opened', async () => {
  const bare = await openWorld({ http: { CONSOLE_ISSUER: '', CONSOLE_CLIENT_ID: '' } })
  const unissued = await startGatewayWithIssuer(bare, null)
  onTestFinished(async () => {
    unissued.close()
    await bare.close()
  })
  const { page } = await openAt('', unissued.url)
  const dialog = page.getByRole('dialog', { name: 'Open the console by a command' })
  await dialog.getByText(`CURFEW_URL=${unissued.url} npx curfew console`).waitFor()
  expect(await seriousFindings(page)).toEqual([])
})
