/** A key that may not do what a run asks: the run fails, and its reason names the permission. */
import { afterEach, expect, test } from 'vitest'
import type { SeedServer } from '../../infra/simulator/index.ts'
import type { Action } from '../../lib/core/model/action.ts'
import { AdHoc } from '../../lib/core/model/model.ts'
import { manualRun, type Run } from '../../lib/core/model/run.ts'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

interface Asked {
  action: Action
  kind: Run['kind']
  body: unknown
  api?: 'openstack'
}

const NOVA_ROUTES = { stop: 'novaStop', start: 'novaStart' } as const

/** What a run of five servers ends as, each of whose requests is refused so. */
async function refused({ action, kind, body, api }: Asked): Promise<Run> {
  const status = action === 'start' ? 'SHUTOFF' : 'ACTIVE'
  const servers = fleet(5).map((server): SeedServer => ({ ...server, kind, status }))
  const route = api === undefined ? action : NOVA_ROUTES[action]
  const fault = { match: { route }, times: 1000, kind: 'status' as const, status: 403, body }
  world = await createWorld({ servers, switches: { faults: [fault] } })
  await world.connection(api ? { api } : {})
  const mode = kind === 'bms' ? { mode: 'hard', acceptPowerCut: true } : {}
  const policy = AdHoc.parse({ connection: 'prod', kind, selector: { all: true }, ...mode })
  const asked = { id: 'manual.1', action, policy, connection: 'prod', dryRun: false, overrideLimits: false }
  const run = manualRun(asked, { actor: 'tester', now: START })
  await world.store.createRun(run, policy, at(START + 60_000))
  await world.services.queue.plan({ runIds: [run.id] })
  return (await world.ended([run.id]))[0]!
}

const denied = { error: { code: 'Pdp.0001', message: 'Policy does not allow it.' } }

test.each<[Action, Run['kind'], string]>([
  ['start', 'ecs', 'ecs:cloudServers:start'],
  ['stop', 'ecs', 'ecs:cloudServers:stop'],
  ['start', 'bms', 'bms:servers:start'],
  ['stop', 'bms', 'bms:servers:stop'],
])('a %s of %s servers without its permission fails and names %s', async (action, kind, permission) => {
  const run = await refused({ action, kind, body: denied })
  expect(run).toMatchObject({ status: 'failed', codes: { 'failed/refused': 5 } })
  expect(run.reason).toMatch(/^0 of 5 targets (started|stopped), 5 failed \(refused 5\): Pdp\.0001: /)
  expect(run.reason).toContain(`The key may lack the permission ${permission}.`)
  for (const { reason } of (await world.outcomes(run)).values()) expect(reason).toContain(permission)
})

test('on a plain OpenStack the rule is named by the words of the cloud', async () => {
  const message = "Policy doesn't allow os_compute_api:servers:start to be performed."
  const run = await refused({
    action: 'start',
    kind: 'ecs',
    api: 'openstack',
    body: { forbidden: { code: 403, message } },
  })
  expect(run.status).toBe('failed')
  expect(run.reason).toContain('os_compute_api:servers:start')
})
