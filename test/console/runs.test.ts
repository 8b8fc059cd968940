import { readFile } from 'node:fs/promises'
import type { Page, Route } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../../console/api/types.ts'
import { progressText, sharesOf } from '../../console/runs/outcome-words.ts'
import type { Simulator } from '../../infra/simulator/index.ts'
import { connectCloud, OWN_KEY, someServers } from './clouds.ts'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

const curfew = useConsole([], OWN_KEY)

const FORMULA = '=HYPERLINK("http://elsewhere")'
const QUOTED = 'büro, "eins"'
const FAILING = 3
/** Of 2,030 servers one is locked; three fail. */
const FLEET = someServers(2030, [{ name: FORMULA }, { name: QUOTED }, { locked: true }])
const failing = FLEET.slice(10, 10 + FAILING)
const TARGETS = FLEET.length - 1
const STOPPED = TARGETS - FAILING
/** Of their 30 servers ten are sent at once, the others a minute later: each is for one test, which takes less. */
const PACED = ['paced', 'seen-early', 'undone']
const clouds = new Map<string, Simulator>()

beforeAll(async () => {
  await connectCloud(curfew, {
    id: 'big',
    servers: FLEET,
    switches: {
      jobSeconds: { first: 2, spread: 6 },
      partialFail: Object.fromEntries(failing.map(({ id }) => [id, 'Ecs.0611'])),
    },
  })
  for (const id of PACED) {
    const cloud = await connectCloud(curfew, {
      id,
      servers: someServers(30),
      switches: { jobSeconds: { first: 1, spread: 1 } },
      maxServersPerMinute: 10,
    })
    clouds.set(id, cloud)
  }
})

/** Asked without a pause, the API would have no time for the run itself. */
const OFTEN_ENOUGH = { interval: 250 }
const everything = (connection: string) => ({ connection, kind: 'ecs', selector: { all: true } })
const readRun = (id: string): Promise<Run> => curfew.api('GET', `/v1/runs/${id}`)
const startRun = (body: unknown): Promise<Run> => curfew.api('POST', '/v1/runs', body)

async function endOf(id: string): Promise<Run> {
  await expect.poll(async () => (await readRun(id)).endedAt, OFTEN_ENOUGH).toBeDefined()
  return readRun(id)
}

const settled = ({ summary }: Run): number => summary.stopped + summary.started + summary.failed
const legendOf = (run: Run): string[] =>
  sharesOf(run).map(({ count, label }) => `${count.toLocaleString('en-GB')} ${label}`)
const shownLegend = (page: Page): Promise<string[]> => page.locator('.legend .word').allTextContents()

/** A run that goes on for a minute once it has stopped ten. */
async function startPaced(connection: string): Promise<string> {
  const { id } = await startRun(everything(connection))
  await expect.poll(async () => (await readRun(id)).summary.stopped, OFTEN_ENOUGH).toBe(10)
  return id
}

let bigRun = ''

test('the numbers of a run of 2,000 servers are those of the API at each poll, three seconds apart', async () => {
  const { id } = await startRun(everything('big'))
  bigRun = id
  const page = await curfew.open(`#/runs/${id}`)
  let shown: Run
  const steps = new Set<number>()
  do {
    const before = await readRun(id)
    const response = await page.waitForResponse(one => one.url().endsWith(`/v1/runs/${id}`))
    const after = await readRun(id)
    shown = response.status() === 304 ? before : await response.json()
    steps.add(settled(shown))
    expect(settled(shown)).toBeGreaterThanOrEqual(settled(before))
    expect(settled(shown)).toBeLessThanOrEqual(settled(after))
    if (shown.endedAt === undefined) await page.getByText(progressText(shown)).waitFor()
    await expect.poll(() => shownLegend(page)).toEqual(legendOf(shown))
  } while (shown.endedAt === undefined)
  // It was seen on its way, not at its end alone.
  expect(steps.size).toBeGreaterThan(2)
  const starts = await page.evaluate<number[]>(
    `performance.getEntriesByType('resource').filter(one => one.name.endsWith('/v1/runs/${id}')).map(one => one.startTime)`,
  )
  const gaps = starts.slice(1).map((at, place) => at - starts[place]!)
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3000)
  expect(shown).toEqual(await readRun(id))
  expect(shown.summary).toMatchObject({ targets: TARGETS, stopped: STOPPED, failed: FAILING, skipped: 1 })
  await page.getByText(`${shown.reason}`).waitFor()
})

test('all 2,030 servers of a run come as one scrolls, and none twice', async () => {
  const page = await curfew.open(`#/runs/${bigRun}`)
  const rows = page.locator('table.outcomes tbody tr')
  await rows.first().waitFor()
  while ((await rows.count()) < FLEET.length) await page.mouse.wheel(0, 20_000)
  await page.getByText('2,030 servers.').waitFor()
  expect(await page.locator('table.outcomes').getAttribute('aria-rowcount')).toBe('2031')
  const names = await page.locator('table.outcomes tbody tr td:first-child').allTextContents()
  expect(new Set(names).size).toBe(FLEET.length)
  expect(await rows.last().getAttribute('aria-rowindex')).toBe('2031')
})

test('servers are filtered by outcome, code and name, in the address, as the API does', async () => {
  const page = await curfew.open(`#/runs/${bigRun}`)
  await page.getByRole('link', { name: `${FAILING} failed` }).click()
  await page.getByText('3 servers.').waitFor()
  expect(page.url()).toContain('status=failed')
  const first = page.locator('table.outcomes tbody tr').first()
  const { items } = await curfew.api('GET', `/v1/runs/${bigRun}/servers?status=failed`)
  for (const text of [items[0].name, items[0].code, items[0].reason, items[0].jobId])
    expect(await first.textContent()).toContain(text)
  expect(await first.getByRole('link').getAttribute('href')).toBe(`#/servers/big/${items[0].serverId}`)
  await page.getByLabel('Outcome').selectOption('')
  await page.getByLabel('Name').fill('-002')
  await page.getByText('10 servers.').waitFor()
  await page.getByLabel('Code').selectOption('stopped')
  await expect.poll(() => page.url()).toContain('code=stopped&name=-002')
  await page.getByLabel('Name').fill('nobody*')
  await page.getByText('No server is like that.').waitFor()
})

test('the CSV holds every outcome, quoted, and no formula', async () => {
  const page = await curfew.open(`#/runs/${bigRun}`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save all servers of the run as CSV' }).click(),
  ])
  expect(download.suggestedFilename()).toBe(`${bigRun}.csv`)
  const text = await readFile(await download.path(), 'utf8')
  const lines = text.trimEnd().split('\r\n')
  expect(lines).toHaveLength(FLEET.length + 1)
  expect(lines[0]).toContain('"serverId","name","status","code","reason"')
  expect(text).toContain(`"'=HYPERLINK(""http://elsewhere"")","stopped","stopped"`)
  expect(text).toContain('"büro, ""eins""","stopped"')
})

test('a run is cancelled by clicking: what was sent is followed, the rest is left', async () => {
  const { id } = await startRun(everything('paced'))
  await expect.poll(() => clouds.get('paced')!.stops().length, OFTEN_ENOUGH).toBe(1)
  const page = await curfew.open(`#/runs/${id}`)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByLabel('Reason').fill('the release is late')
  await page.getByRole('button', { name: 'Send nothing more' }).click()
  await page.getByText('Nothing more of By hand is sent.').waitFor()
  await page.getByText('It is cancelled: nothing more is sent, what was sent is followed.').waitFor()
  expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
  expect(await readRun(id)).toMatchObject({ cancel: { reason: 'the release is late' } })
  await page.getByRole('link', { name: '10 stopped' }).waitFor()
})

test('outcomes that come while a run goes on are shown when somebody asks for them', async () => {
  const id = await startPaced('seen-early')
  const page = await curfew.open('#/runs')
  const early = async (route: Route) => {
    const run = await (await route.fetch()).json()
    await route.fulfill({ json: { ...run, codes: {} } })
  }
  await page.route(`**/v1/runs/${id}`, early, { times: 1 })
  await page.goto(`${curfew.url}/#/runs/${id}`)
  await page.getByRole('button', { name: 'Show 10 newer outcomes' }).click()
  await page.getByText('10 servers.').waitFor()
  expect(await page.getByRole('button', { name: /newer/ }).count()).toBe(0)
})

test('a stop that goes on is undone by keyboard: what it stopped is shown, then started', async () => {
  const id = await startPaced('undone')
  const page = await curfew.open(`#/runs/${id}`)
  const undo = page.getByRole('button', { name: 'Undo' })
  await undo.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('So far it has stopped 10:').waitFor()
  const { items: stopped } = await curfew.api('GET', `/v1/runs/${id}/servers?status=stopped`)
  const names = stopped.map(({ name }: { name: string }) => name)
  await expect.poll(() => dialog.getByRole('listitem').allTextContents()).toEqual(names)
  await page.keyboard.press('Escape')
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Undo')
  await page.keyboard.press('Enter')
  await dialog.getByLabel('Reason').fill('too early')
  await dialog.getByRole('button', { name: 'Start them again' }).focus()
  await page.keyboard.press('Enter')
  await dialog.getByRole('link', { name: /See the new run undo\./ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'start' }).waitFor()
  const made = await readRun(`undo.${id}`)
  expect(made).toMatchObject({ action: 'start', undoes: id, dryRun: false })
})

test.each([
  { width: 1280, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)('runs, and one of them, stand at $width px, $theme, without a serious finding', async view => {
  const page = await curfew.open('#/runs?connection=paced&action=stop', view)
  const isSound = async () => {
    expect(await seriousFindings(page)).toEqual([])
    expect(await scrollsSideways(page)).toBe(false)
  }
  await page.getByRole('link', { name: 'By hand' }).waitFor()
  await isSound()
  await page.getByRole('link', { name: 'By hand' }).click()
  await page.getByRole('link', { name: 'web-0000' }).waitFor()
  await isSound()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('listitem').first().waitFor()
  await isSound()
})

test('above 50 servers the number is typed before an undo', async () => {
  const page = await curfew.open(`#/runs/${bigRun}`)
  await page.getByRole('button', { name: 'Undo' }).click()
  const start = page.getByRole('button', { name: 'Start them again' })
  await start.waitFor()
  expect(await start.isDisabled()).toBe(true)
  await page.getByLabel(`Type ${STOPPED} to go on`).fill('2027')
  expect(await start.isDisabled()).toBe(true)
  await page.getByLabel(`Type ${STOPPED} to go on`).fill(String(STOPPED))
  await start.click()
  await page.getByRole('link', { name: /See the new run/ }).click()
  await page.getByText(`of ${STOPPED.toLocaleString('en-GB')} servers up`).waitFor()
  expect(await readRun(`undo.${bigRun}`)).toMatchObject({ action: 'start', summary: { targets: STOPPED } })
})

test('a run is made again once, however often its answer is lost, and its preview is seen first', async () => {
  const { id } = await endOf((await startRun({ policyId: 'lab-metal' })).id)
  const page = await curfew.open(`#/runs/${id}`)
  await page.route('**/v1/runs', async route => {
    await route.fetch()
    await route.abort()
  })
  await page.getByRole('button', { name: 'Run again' }).click()
  const preview = await curfew.api('POST', '/v1/policies/lab-metal/preview')
  expect(preview.summary.targets).toBe(0)
  await page.getByText('Nobody would be stopped now.').waitFor()
  await page.getByLabel('Dry run: decide everything, ask for nothing').check()
  const button = page.getByRole('button', { name: 'Make a dry run' })
  await button.click()
  await page.getByText('Curfew does not answer').waitFor()
  await page.unrouteAll()
  await button.click()
  await page.getByRole('link', { name: /See the new run/ }).waitFor()
  const { items } = await curfew.api('GET', '/v1/runs?policyId=lab-metal')
  expect(items).toHaveLength(2)
  expect(items[0].dryRun).toBe(true)
  const others = curfew.problems.filter(problem => !problem.includes('ERR_FAILED'))
  curfew.problems.splice(0, Infinity, ...others)
})

test('a refusal is told in the words of the API where it happened', async () => {
  const connection = await curfew.api('GET', '/v1/connections/big')
  await curfew.api('PUT', '/v1/connections/big', { ...connection, enabled: false })
  const page = await curfew.open(`#/runs/${bigRun}`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByText('connection big is disabled').waitFor()
  const others = curfew.problems.filter(problem => !problem.includes('status of 409'))
  curfew.problems.splice(0, Infinity, ...others)
})

test('the list of runs is filtered in the address, and goes on', async () => {
  const page = await curfew.open('#/runs')
  await page.getByLabel('Connection').fill('big')
  await page.getByLabel('Connection').press('Enter')
  await page.getByLabel('Action').selectOption('start')
  await expect.poll(() => page.url()).toContain('#/runs?connection=big&action=start')
  const { items } = await curfew.api('GET', '/v1/runs?connection=big&action=start')
  await expect.poll(() => page.locator('tbody tr').count()).toBe(items.length)
  await page.getByLabel('Only those that went wrong').check()
  await page.getByText('No run is like that.').waitFor()
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByRole('link', { name: 'weekend' }).waitFor()
})

test('nothing was asked of another host, and no page logged an error', () => {
  expect(curfew.problems).toEqual([])
})
