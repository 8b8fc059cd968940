import { expect, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { httpWorld, policyBody, type Shown } from './world.ts'

test('a preview, the reason why, and a run all tell servers of the other kind from ids that are nobody’s', async () => {
  const servers = fleet(3, { 1: { kind: 'bms', name: 'metal' } })
  const world = await httpWorld({ servers })
  const [ecs, bms] = servers.map(({ id }) => id!)
  const selector = { ids: [ecs, bms, 'nobody'] }
  await world.ask('PUT', '/v1/policies/named', { body: policyBody({ id: 'named', selector }) })

  const { body: seen } = await world.ask('POST', '/v1/policies/named/preview')
  expect(seen.summary).toEqual({ matched: 3, targets: 1, skipped: 2 })
  expect(seen.skipped).toEqual([
    { serverId: bms, name: 'metal', code: 'wrong-kind', reason: 'it is bms, the policy is for ecs' },
    { serverId: 'nobody', name: '', code: 'not-found', reason: 'no ecs server has this id' },
  ])
  const why = await world.ask('GET', `/v1/policies/named/servers/${bms}`)
  expect(why.body).toMatchObject({ wouldStop: false, name: 'metal', code: 'wrong-kind' })

  const run = await world.ask('POST', '/v1/runs', { body: { policyId: 'named', dryRun: true } })
  await world.ended([run.body.id])
  const outcomes = await world.all(`/v1/runs/${run.body.id}/servers`)
  const left = outcomes.filter(({ code }) => code !== 'dry-run')
  expect(left.map(({ serverId, name, code, reason }: Shown) => ({ serverId, name, code, reason }))).toEqual(
    seen.skipped,
  )
})
