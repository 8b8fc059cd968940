import { expect, onTestFinished, test, vi } from 'vitest'
import { createMetricsPage } from '../../infra/local/metrics/page.ts'
import { createWorld, fleet, type World } from '../flow/world.ts'
import { at, START } from '../makers.ts'

function aPage({ store, queues }: World) {
  const page = createMetricsPage({ openStore: () => store, queues, now: () => Date.now() })
  onTestFinished(page.close)
  return page
}

/** The samples of a page, by name and labels. */
function samplesOf(text: string): Record<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

test('the page counts ends, outcomes, lateness and throttling, says how things stand, and names nobody', async () => {
  const servers = fleet(4, { 3: { tags: { 'curfew-protect': '' } } })
  const world = await createWorld({ servers })
  onTestFinished(() => world.close())
  const page = aPage(world)
  const { version } = await world.connection()
  await world.policy({ nextDueAt: at(START), selector: { all: true } })
  world.simulator.switches.faults.push({ match: { route: 'stop' }, times: 1, kind: 'throttle429' })
  await world.runner.tick()
  await world.pass(10)

  const text = await page.text()
  expect(text.endsWith('# EOF\n')).toBe(true)
  expect(text).not.toMatch(/dev-\d|00000000|nightly|prod/)
  expect(samplesOf(text)).toMatchObject({
    'curfew_runs_total{action="stop",status="succeeded"}': 1,
    'curfew_runs_total{action="stop",status="failed"}': 0,
    'curfew_runs_total{action="start",status="missed"}': 0,
    'curfew_outcomes_total{action="stop",status="stopped",code="stopped"}': 3,
    'curfew_outcomes_total{action="stop",status="skipped",code="protected"}': 1,
    curfew_throttled_answers_total: 1,
    curfew_credentials_refused_total: 0,
    // The first, and that of the minute at which the page is asked.
    curfew_tick_lateness_seconds_count: 2,
    'curfew_tick_lateness_seconds_bucket{le="1"}': 2,
    curfew_run_lateness_seconds_count: 1,
    curfew_verified_off_seconds_count: 1,
    curfew_last_tick_timestamp_seconds: Date.now() / 1000,
    curfew_refused_keys: 0,
    'curfew_enabled{action="stop"}': 1,
    'curfew_queue_messages{step="stop",state="dead"}': 0,
  })

  await world.store.saveSettings({ stopsEnabled: false, startsEnabled: true })
  await world.store.saveKeyHealth('prod', { version, refusedAt: at(Date.now()), reason: 'wrong' })
  await world.policy({ id: 'late', nextDueAt: at(Date.now()) })
  vi.setSystemTime(Date.now() + 120_000)
  const stands = {
    'curfew_enabled{action="stop"}': 0,
    curfew_refused_keys: 1,
    curfew_oldest_due_seconds: 120,
    curfew_last_tick_timestamp_seconds: Date.now() / 1000 - 120,
  }
  expect(samplesOf(await page.text())).toMatchObject(stands)
  expect(samplesOf(await aPage(world).text())).toMatchObject({
    ...stands,
    curfew_throttled_answers_total: 0,
    'curfew_runs_total{action="stop",status="succeeded"}': 0,
  })
})
