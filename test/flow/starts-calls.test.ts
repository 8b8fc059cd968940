/** Starts as each cloud takes them: for many by a job, for one by the native call, and what is up before the request comes. */
import { afterEach, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import { counts, ids } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const [A, B] = ids(2) as [string, string]
const BMS = { kind: 'bms', mode: 'hard', acceptPowerCut: true } as const

interface Case {
  api?: 'huaweicloud' | 'openstack'
  kind?: 'ecs' | 'bms'
  switches?: Partial<Switches>
  /** Somebody starts A right before the request for it goes out. */
  raced?: boolean
}

/** Stops three servers and starts them again. */
async function startedAgain({ api = 'huaweicloud', kind = 'ecs', switches = {}, raced = false }: Case) {
  world = await createWorld({
    servers: fleet(3).map(server => ({ ...server, kind })),
    switches,
    rig: services => ({
      ...services,
      async cloud(connection) {
        const cloud = await services.cloud(connection)
        return {
          ...cloud,
          request(asked, act, some) {
            if (raced && act.action === 'start' && some.includes(A))
              world.simulator.change(A, { status: 'ACTIVE' })
            return cloud.request(asked, act, some)
          },
        }
      },
    }),
  })
  await world.connection({ api })
  const policy = await world.policy({ nextDueAt: null, ...(kind === 'bms' ? BMS : {}) })
  await world.ended([await world.manualRun(policy)])
  const [run] = await world.ended([await world.manualRun(policy, { action: 'start' })])
  const outcomes = await world.outcomes(run!)
  for (const { serverId, status } of outcomes.values())
    expect(world.simulator.server(serverId)!.status).toBe(status === 'failed' ? 'ERROR' : 'ACTIVE')
  return { run: run!, outcomes, ends: counts(outcomes.values()) }
}
const sent = () => world.simulator.starts().map(({ start, status }) => `${start.ids.length} ${status}`)

test('Nova is asked for each, and takes it with 202', async () => {
  const { run, ends } = await startedAgain({ api: 'openstack' })
  expect(run).toMatchObject({ status: 'succeeded', summary: { started: 3 } })
  expect(ends).toEqual({ 'started started': 3 })
  expect(sent()).toEqual(['1 202', '1 202', '1 202'])
})

test.each<[string, Case]>([
  ['Nova refuses with 409', { api: 'openstack' }],
  ['a sub-job of which fails', {}],
  ['which is refused as a whole', { switches: { badMember: 'refuse' } }],
  ['which is refused as a whole, naming it', { switches: { badMember: 'refuse', refusalNamesId: true } }],
  ['a sub-job of which succeeds all the same', { switches: { badMember: 'doneIsFine' } }],
  ['for bare metal, a sub-job of which fails', { kind: 'bms' }],
  ['for bare metal, which is refused as a whole', { kind: 'bms', switches: { badMember: 'refuse' } }],
])('what a person has started before the request, %s, was running already', async (_, how) => {
  const { run, outcomes, ends } = await startedAgain({ ...how, raced: true })
  expect(run.status).toBe('succeeded')
  const isUntold = how.switches?.badMember === 'doneIsFine'
  expect(ends).toEqual(
    isUntold ? { 'started started': 3 } : { 'started started': 2, 'skipped already-running': 1 },
  )
  expect(outcomes.get(B)).toMatchObject({ status: 'started', mode: null })
})

test('what the call for many refuses without a cause that shows is started by the native one', async () => {
  const { outcomes } = await startedAgain({ switches: { nativeOnly: [A], badMember: 'refuse' } })
  expect(outcomes.get(A)).toMatchObject({ status: 'started', code: 'started', jobId: null })
  expect(outcomes.get(A)!.reason).toContain('a native one because of Ecs.0611')
})

test('bare metal is started by a job, and there is always room for it', async () => {
  const { ends } = await startedAgain({
    kind: 'bms',
    switches: { capacity: { refuses: [A], as: 'request-0319' } },
  })
  expect(ends).toEqual({ 'started started': 3 })
  expect(sent()).toEqual(['3 200'])
})

test('a native start that there was no room for is tried again later', async () => {
  const untilMs = Date.parse('2026-11-21T12:15:00Z')
  const { outcomes, ends } = await startedAgain({
    api: 'openstack',
    switches: { capacity: { refuses: [A], as: 'sub-job-0226', untilMs } },
  })
  expect(ends).toEqual({ 'started started': 3 })
  expect(Date.parse(outcomes.get(A)!.endedAt)).toBeGreaterThan(untilMs)
})

test('a native start that left the server in error ends so at once, for Nova starts no such server', async () => {
  const { run, ends } = await startedAgain({
    api: 'openstack',
    switches: { capacity: { refuses: [A], as: 'sub-job-0226', nativeEnds: 'error' } },
  })
  expect(ends).toEqual({ 'started started': 2, 'failed no-capacity': 1 })
  expect(run.status).toBe('partial')
  expect(world.simulator.starts()).toHaveLength(3)
})

test('a start that has nobody to start asks the cloud for nothing: a bad key is not tried in vain', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection()
  const policy = await world.policy({ nextDueAt: null })
  const [run] = await world.ended([await world.manualRun(policy, { action: 'start' })])
  expect(run).toMatchObject({ status: 'succeeded', summary: { matched: 0 } })
  expect(world.simulator.ledger).toEqual([])
})
