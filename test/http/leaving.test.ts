/** A connection is pointed to another project. */
import { expect, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { httpWorld } from './world.ts'

const OTHER = 'f'.repeat(32)

test('it stays with its project while a run acts there, or keeps servers off, and says which', async () => {
  const world = await httpWorld({ servers: fleet(2), projects: [{ id: OTHER, name: 'cn-north-4_other' }] })
  const own = (await world.ask('GET', '/v1/connections/prod')).body
  const put = (more: object) => world.ask('PUT', '/v1/connections/prod', { body: { ...own, ...more } })
  const target = { connection: 'prod', kind: 'ecs', selector: { all: true } }
  const stop = await world.ask('POST', '/v1/runs', { body: target })
  const refusal = (words: string) => ({ status: 409, body: { detail: expect.stringContaining(words) } })
  expect(await put({ projectId: OTHER })).toMatchObject(refusal(`run ${stop.body.id} goes on there`))
  await world.ended([stop.body.id])
  const words = `npx curfew undo ${stop.body.id} starts them`
  for (const elsewhere of [{ projectId: OTHER }, { region: 'cn-south-1' }])
    expect(await put(elsewhere)).toMatchObject(refusal(words))
  expect(await put({ maxServersPerMinute: { ecs: 10 } })).toMatchObject({ status: 200 })
  expect(await world.ask('DELETE', '/v1/connections/prod')).toMatchObject({ status: 204 })
  expect(await put({ projectId: OTHER })).toMatchObject(refusal(words))
  expect(await put({})).toMatchObject({ status: 201 })
  const undo = await world.ask('POST', `/v1/runs/${stop.body.id}/undo`)
  await world.ended([undo.body.id])
  expect(await put({ projectId: OTHER })).toMatchObject({ status: 200, body: { projectId: OTHER } })
})
