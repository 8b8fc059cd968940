/** On a Huawei connection: a server whom the call for many refuses without a cause that shows is asked by the native call. */
import { afterEach, expect, test } from 'vitest'
import type { SeedServer, Switches } from '../../infra/simulator/index.ts'
import { defaultSwitches } from '../../infra/simulator/world/switches/switches.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const id = (number: number): string => fleet(number + 1)[number]!.id!

async function lived(servers: SeedServer[], switches: Partial<Switches>, policy = {}) {
  world = await createWorld({
    servers,
    switches: { jobSeconds: { first: 2, spread: 0 }, badMember: 'refuse', ...switches },
  })
  await world.connection()
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null, ...policy }))])
  return { run: run!, outcomes: await world.outcomes(run!) }
}
const natives = () =>
  world.simulator
    .stops()
    .filter(({ path }) => path.startsWith('/v2.1/'))
    .map(({ stop, status }) => ({ ...stop, status }))

test('it is stopped, once, and its outcome says why it was asked so', async () => {
  const { run, outcomes } = await lived(fleet(6), { nativeOnly: [id(4)] })
  expect(run.status).toBe('succeeded')
  expect(natives()).toEqual([{ action: 'stop', kind: 'ecs', type: null, ids: [id(4)], status: 202 }])
  expect(outcomes.get(id(4))).toMatchObject({ status: 'stopped', code: 'stopped', jobId: null, mode: 'soft' })
  expect(outcomes.get(id(4))?.reason).toMatch(
    /^seen off after the request, a native one because of Ecs\.0611/,
  )
  expect(outcomes.get(id(0))?.reason).toBe('seen off after the request')
})

test('a hard stop is a hard one natively, too', async () => {
  await lived(fleet(2), { nativeOnly: [id(1)] }, { mode: 'hard' })
  expect(natives()).toEqual([{ action: 'stop', kind: 'ecs', type: 'HARD', ids: [id(1)], status: 202 }])
})

test('bare metal, whose runs have consent, is asked at the ECS host, and answers 204', async () => {
  const metal = fleet(2).map((server): SeedServer => ({ ...server, kind: 'bms' }))
  const { run } = await lived(
    metal,
    { nativeOnly: [id(1)] },
    { kind: 'bms', mode: 'hard', acceptPowerCut: true },
  )
  expect(run.status).toBe('succeeded')
  expect(natives()).toEqual([{ action: 'stop', kind: 'bms', type: null, ids: [id(1)], status: 204 }])
})

test('whom the native call refuses, too, is failed, with both refusals', async () => {
  const { outcomes } = await lived(fleet(3), {
    nativeOnly: [id(1)],
    faults: [
      {
        match: { route: 'novaStop' },
        times: 100,
        kind: 'status',
        status: 409,
        body: { conflictingRequest: { code: 409, message: 'no' } },
      },
    ],
  })
  expect(natives()).toHaveLength(1)
  expect(outcomes.get(id(1))).toMatchObject({ status: 'failed', code: 'refused' })
  expect(outcomes.get(id(1))?.reason).toMatch(
    /^conflictingRequest: .*; the native call was tried because of Ecs\.0611: /,
  )
  expect(outcomes.get(id(2))?.code).toBe('stopped')
})

test('natively taken and up again, it is asked natively again, and is still running in the end', async () => {
  const { outcomes } = await lived(fleet(2), { nativeOnly: [id(1)], partialFail: { [id(1)]: 'unused' } })
  expect(outcomes.get(id(1))).toMatchObject({ status: 'failed', code: 'still-running' })
  expect(natives()).toHaveLength(3)
})

test.each([
  ['Ecs.0110', 'who asks may not stop it', 'refused'],
  ['Ecs.0605', 'it is locked', 'locked'],
  ['Ecs.0030', 'it is frozen', 'frozen'],
])('a refusal with %s, which says that %s, is not got round', async (code, _, end) => {
  const { memberCodes: usual } = defaultSwitches()
  const memberCodes = { ...usual, ecs: { ...usual.ecs, unserved: code } }
  const { outcomes } = await lived(fleet(3), { nativeOnly: [id(1)], memberCodes })
  expect(natives()).toEqual([])
  expect(outcomes.get(id(1))).toMatchObject({ status: 'failed', code: end })
})
