/** What the console shows while the API fails, asks for a token, or does not answer. */
import type { Page, Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { problemTitle } from '../../console/words/problem.ts'
import { seriousFindings, useConsole } from './page.ts'

const curfew = useConsole()

const LOG = 'something went wrong here; the log tells more under 4711'

/** How the API fails, and the words that tell of it. */
const TROUBLES = [
  {
    what: '500',
    meet: (route: Route) => route.fulfill({ status: 500, json: { status: 500, detail: LOG } }),
    words: LOG,
    title: 'Failed (500)',
  },
  {
    what: 'a page of a proxy',
    meet: (route: Route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad</h1>' }),
    words: 'Curfew answered 502 without saying why.',
    title: 'Failed (502)',
  },
  {
    what: 'half an answer',
    meet: (route: Route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"it' }),
    words: 'The answer was cut off',
    title: 'No answer',
  },
  {
    what: 'nothing',
    meet: (route: Route) => route.abort(),
    words: 'Curfew does not answer.',
    title: 'No answer',
  },
]

const firstRun = async (): Promise<string> => (await curfew.api('GET', '/v1/runs?limit=1')).items[0].id

/** The two screens that people look at while something goes wrong: their place, what they ask, and what they show. */
async function screens() {
  const id = await firstRun()
  return [
    {
      place: '#/',
      request: '**/v1/now',
      shows: (page: Page) => page.getByRole('heading', { name: 'Needs you' }),
    },
    {
      place: `#/runs/${id}`,
      request: `**/v1/runs/${id}`,
      shows: (page: Page) => page.getByRole('heading', { name: 'What happened' }),
    },
  ]
}

/** What these tests bring about, the browser logs as well. */
function forgiveTrouble(): void {
  const others = curfew.problems.filter(
    problem => !/status of (401|500|502)|ERR_FAILED|net::ERR/.test(problem),
  )
  curfew.problems.splice(0, Infinity, ...others)
}

test.each(TROUBLES)(
  'Now and a run say what is wrong where the API answers $what, and come back',
  async trouble => {
    for (const { place, request, shows } of await screens()) {
      const page = await curfew.open('#/policies')
      await page.route(request, trouble.meet)
      await page.goto(`${curfew.url}/${place}`)
      const told = page.getByRole('main').getByRole('alert').filter({ hasText: trouble.words })
      await told.getByText(trouble.title).waitFor()
      expect(await seriousFindings(page)).toEqual([])
      await page.unroute(request)
      await told.getByRole('button', { name: 'Try again' }).click()
      await shows(page).waitFor()
      expect(await told.count()).toBe(0)
      await page.close()
    }
    forgiveTrouble()
  },
)

test.each([TROUBLES[0]!, TROUBLES[3]!])(
  'where the API answers $what later, the last answer stays and says of when',
  async trouble => {
    for (const { place, request, shows } of await screens()) {
      const page = await curfew.open(place)
      await shows(page).waitFor()
      await page.route(request, trouble.meet)
      // Whatever is changed has every answer asked for again.
      await page.getByRole('button', { name: 'Stops on' }).click()
      await page.getByRole('button', { name: 'Switch stops off' }).click()
      await page.getByText('Stops are off now.').waitFor()
      await page.getByRole('button', { name: 'Switch stops on' }).click()
      await page.getByText('Stops are on now.').waitFor()
      await page.keyboard.press('Escape')
      const stale = page.getByText(new RegExp(`As of .*${trouble.words}`))
      await stale.waitFor()
      await shows(page).waitFor()
      await page.unroute(request)
      await stale.getByRole('button', { name: 'Try again' }).click()
      await stale.waitFor({ state: 'detached' })
      await page.close()
    }
    forgiveTrouble()
  },
)

/** Asks for a token, whatever is asked for, until one is given. */
const askForToken = (page: Page, asked = '**/v1/**') =>
  page.route(asked, (route, request) =>
    request.headers().authorization === 'Bearer right'
      ? route.continue()
      : route.fulfill({ status: 401, json: { status: 401, detail: 'a token is needed' } }),
  )

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill('right')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('Now and a run ask for the token, and show what they were asked for once it is given', async () => {
  for (const { place, shows } of await screens()) {
    const page = await curfew.open('#/policies')
    await askForToken(page)
    await page.goto(`${curfew.url}/${place}`)
    await signIn(page)
    await shows(page).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.close()
  }
  forgiveTrouble()
})

test('a screen whose answer never comes says so, and comes back', async () => {
  const page = await curfew.open('#/')
  // The console gives up a hundred times sooner.
  await page.addInitScript(
    'const timeout = AbortSignal.timeout; AbortSignal.timeout = ms => timeout.call(AbortSignal, ms / 100)',
  )
  await page.route('**/v1/now', () => {})
  await page.reload()
  const told = page.getByRole('alert').filter({ hasText: 'Curfew does not answer.' })
  await told.waitFor()
  await page.unroute('**/v1/now')
  await told.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'Needs you' }).waitFor()
  await page.close()
})

test('a link with a token signs an open tab in, and leaves no trace in the address', async () => {
  const page = await curfew.open('#/policies')
  await askForToken(page)
  await page.goto(`${curfew.url}/#/runs`)
  await page.getByRole('dialog', { name: 'Sign in' }).waitFor()
  await page.goto(`${curfew.url}/#token=right`)
  await page.getByRole('heading', { name: 'Needs you' }).waitFor()
  expect([page.url(), await page.getByRole('dialog').count()]).toEqual([`${curfew.url}/#/`, 0])
  await page.goBack()
  expect(page.url()).toBe(`${curfew.url}/#/runs`)
  await page.close()
  forgiveTrouble()
})

test('a half-filled form survives a 500, a lost answer and a sign-in, and is sent as it was', async () => {
  const page = await curfew.open(`#/runs/${await firstRun()}`)
  await page.getByRole('button', { name: 'Undo' }).click()
  const dialog = page.getByRole('dialog', { name: 'Start again what this run stopped?' })
  const number = dialog.getByLabel(/Type \d+ to go on/)
  const count = /\d+/.exec((await dialog.getByText(/Type \d+ to go on/).textContent())!)![0]
  await number.fill(count)
  const start = dialog.getByRole('button', { name: 'Start them again' })
  for (const { meet, words } of TROUBLES) {
    await page.route('**/undo', meet)
    await start.click()
    await dialog.getByRole('alert').filter({ hasText: words }).waitFor()
    await page.unroute('**/undo')
  }
  // The click alone: a poll that came before it would have the sign-in in its way.
  await askForToken(page, '**/undo')
  await start.click()
  await signIn(page)
  expect(await number.inputValue()).toBe(count)
  await start.click()
  await page.getByRole('link', { name: /See the new run/ }).waitFor()
  forgiveTrouble()
})

test('a half-filled snooze at Now survives a 500', async () => {
  const page = await curfew.open('#/')
  await page
    .getByRole('button', { name: /^Not t/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('release night')
  await page.route('**/snooze', TROUBLES[0]!.meet)
  await dialog.getByRole('button', { name: 'Skip this stop' }).click()
  await dialog.getByText(LOG).waitFor()
  expect(await dialog.getByLabel('Reason').inputValue()).toBe('release night')
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip this stop')
  forgiveTrouble()
})

test.each([
  [null, 'No answer'],
  [401, 'Not signed in (401)'],
  [403, 'Not allowed (403)'],
  [409, 'Not possible now (409)'],
  [422, 'Refused (422)'],
  [503, 'Failed (503)'],
])('an answer of %s is titled %s', (status, title) => {
  expect(problemTitle({ status })).toBe(title)
})

test('nothing else was logged as an error', () => {
  expect(curfew.problems).toEqual([])
})
