import { expect, onTestFinished, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { at, START } from '../makers.ts'
import { httpWorld, openWorld } from './world.ts'

test('a run whose message the queue did not take is picked up by the tick', async () => {
  const world = await httpWorld({ servers: fleet(3), http: { PLAN_QUEUE_URL: 'http://127.0.0.1:9/none' } })
  const body = { connection: 'prod', kind: 'ecs', selector: { all: true }, dryRun: true }
  const reply = await world.ask('POST', '/v1/runs', { body })
  const [run] = await world.ended([reply.body.id])
  expect(reply.status).toBe(202)
  expect(run).toMatchObject({ status: 'succeeded', startedAt: at(START + 60_000) })
})

test('an unexpected failure is 500 with a number that the log knows, and nothing else', async () => {
  const world = await openWorld({ http: { TABLE_NAME: 'gone' } })
  onTestFinished(() => world.close())
  const { status, headers, body } = await world.ask('GET', '/v1/settings')
  expect(status).toBe(500)
  expect(headers['content-type']).toBe('application/problem+json')
  expect(body).toEqual({
    type: 'about:blank',
    status: 500,
    title: 'Internal Server Error',
    detail: `something went wrong here; the log tells more under ${body.id}`,
    id: expect.stringMatching(/./),
  })
})
