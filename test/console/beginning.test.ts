import { expect, test } from 'vitest'
import { scrollsSideways, seriousFindings, useConsole } from './page.ts'

/** Nothing is set up: no connection, no policy. */
const curfew = useConsole(['--no-simulator', '--no-token'])

test.each([
  { place: '', says: 'Welcome to Curfew' },
  { place: '#/week', says: 'There is no policy yet' },
  { place: '#/connections', says: 'npx curfew connections discover --apply' },
])('with nothing set up, the console at "$place" says how to begin', async ({ place, says }) => {
  const page = await curfew.open(place, { width: 360 })
  await page.getByText(says).waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
})

test('with a connection the next step is a policy; with a policy that never acts all is quiet', async () => {
  const connection = {
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId: '0123456789abcdef0123456789abcdef',
    credentials: { source: 'environment', name: 'NOWHERE_' },
  }
  await curfew.api('PUT', '/v1/connections/prod', connection)
  const page = await curfew.open('')
  await page.getByRole('link', { name: 'Write the first policy' }).waitFor()
  await curfew.api('PUT', '/v1/policies/nightly', {
    connection: 'prod',
    kind: 'ecs',
    enabled: false,
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    selector: { all: true },
  })
  await page.reload()
  await page.getByRole('heading', { name: 'All is quiet' }).waitFor()
})

test('how many cannot be said where the cloud does not answer, and the rest of Now stands', async () => {
  await curfew.api('PUT', '/v1/policies/nightly', {
    connection: 'prod',
    kind: 'ecs',
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    selector: { all: true },
  })
  const page = await curfew.open('')
  await page.getByText('nightly stops its servers').waitFor()
  await page.getByText(/How many it is cannot be said now|It would do nothing/).waitFor()
  await page.getByText('Nothing. All is well.').waitFor()
  expect(await seriousFindings(page)).toEqual([])
})
