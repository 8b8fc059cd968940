import { afterEach, describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import { fleet } from '../flow/world.ts'
import { aPolicyBody } from '../makers.ts'
import { type HttpWorld, openWorld } from './world.ts'

let world: HttpWorld
afterEach(() => world.close())

const SERVERS = fleet(2500)
async function open(switches: Partial<Switches>): Promise<void> {
  world = await openWorld({ servers: SERVERS, switches })
  await world.connection()
  await world.ask('PUT', '/v1/policies/all', { body: aPolicyBody({ id: 'all' }) })
}
const check = () => world.ask('POST', '/v1/connections/prod/check')
const preview = () => world.ask('POST', '/v1/policies/all/preview')
const lists = () => world.simulator.ledger.filter(({ path }) => path.endsWith('/cloudservers/detail')).length

describe('a cloud of 2,500 servers', () => {
  test('is checked with two pages, and counts what there is', async () => {
    await open({})
    expect((await check()).body).toMatchObject({ ok: true, servers: { ecs: 2500 } })
    // The next page is on its way while one is looked at.
    expect(lists()).toBeLessThanOrEqual(3)
  })

  test.each([
    ['ignores', { ignoredParameters: ['marker', 'server_id'] }],
    ['refuses', { refusedParameters: ['marker', 'server_id'] }],
  ])('that %s marker and server_id is checked, previewed and explained whole', async (_how, switches) => {
    await open(switches)
    expect((await check()).body).toMatchObject({ ok: true, servers: { ecs: 2500 } })
    expect((await preview()).body).toMatchObject({ summary: { matched: 2500, targets: 2500 } })
    const { body } = await world.ask('GET', `/v1/policies/all/servers/${SERVERS[2400]!.id}`)
    expect(body).toMatchObject({ name: 'dev-2400', wouldStop: true, code: 'target' })
  })

  test('of which no list shows more than a thousand is not counted, and the numbers are told', async () => {
    await open({ ignoredParameters: ['marker', 'offset'] })
    const { body } = await check()
    // The policy needs them, so the connection is not well.
    expect(body).toMatchObject({ ok: false, reason: expect.stringContaining('only 1000 of 2500 came') })
    expect(await preview()).toMatchObject({
      status: 502,
      body: { detail: expect.stringContaining('only 1000 of 2500 came') },
    })
  })
})
