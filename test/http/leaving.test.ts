/** A connection is pointed to another project. */
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runBehind } from '../../lib/steps/plan/open-servers.ts'
import { fleet, rigStore } from '../flow/world.ts'
import { aRun } from '../makers.ts'
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
  const words = `off there: npx curfew undo ${stop.body.id} starts them`
  for (const elsewhere of [{ projectId: OTHER }, { region: 'cn-south-1' }])
    expect(await put(elsewhere)).toMatchObject(refusal(words))
  expect(await put({ maxServersPerMinute: { ecs: 10 } })).toMatchObject({ status: 200 })
  expect(await put({ enabled: false })).toMatchObject({ status: 200 })
  const enabling = `off there: enable it, then npx curfew undo ${stop.body.id} starts them`
  expect(await put({ projectId: OTHER })).toMatchObject(refusal(enabling))
  expect(await world.ask('DELETE', '/v1/connections/prod')).toMatchObject({ status: 204 })
  const saving = `off there: save it as it was, then npx curfew undo ${stop.body.id} starts them`
  expect(await put({ projectId: OTHER })).toMatchObject(refusal(saving))
  expect(await put({})).toMatchObject({ status: 201 })
  const undo = await world.ask('POST', `/v1/runs/${stop.body.id}/undo`)
  await world.ended([undo.body.id])
  expect(await put({ projectId: OTHER })).toMatchObject({ status: 200, body: { projectId: OTHER } })
})

test('its runs are looked at some at a time: there may be thousands', async () => {
  const world = await httpWorld()
  const runs = Array.from({ length: 30 }, (_, number) =>
    aRun({ id: `run-${number}`, status: 'succeeded', chunks: 1, codes: { 'stopped/stopped': 1 } }),
  )
  let reading = 0
  let most = 0
  const rig = rigStore(() => ({
    async *runPages() {
      yield runs
    },
    async *outcomes() {
      most = Math.max(most, ++reading)
      await turn()
      reading -= 1
      yield []
    },
  }))
  expect(await runBehind('prod', rig(world.services))).toBeNull()
  expect(most).toBe(10)
})
