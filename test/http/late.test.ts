/** A cloud that does not answer: whoever asks is told so before the gateway gives up. */
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventOf, type HttpWorld, openWorld, policyBody, replyOf } from './world.ts'

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ http: { CLOUD_TIMEOUT_MS: '100' } })
  await world.connection()
  await world.ask('PUT', '/v1/policies/late', { body: policyBody({ id: 'late' }) })
  const match = (route: 'list' | 'groups' | 'projects') => ({ match: { route }, times: 99 })
  world.simulator.switches.faults = (['list', 'groups', 'projects'] as const).map(route => ({
    ...match(route),
    kind: 'hangBefore',
  }))
})
afterAll(() => world.close())

const LATE = { ok: false, reason: expect.stringMatching(/within 0\.25 s.*endpoints/) }

test('a check says that the cloud does not answer', async () => {
  const { status, body } = await world.ask('POST', '/v1/connections/prod/check')
  expect({ status, body }).toEqual({ status: 200, body: LATE })
})

test('discover says so, too', async () => {
  const { url } = world.simulator
  const body = { api: 'huaweicloud', endpoints: { iam: url }, credentials: { source: 'environment' } }
  const { status, body: found } = await world.ask('POST', '/v1/connections/discover', { body })
  expect({ status, body: found }).toEqual({ status: 200, body: LATE })
})

test('whatever else waits for it is 504 in time, and says what to ask next', async () => {
  const context = { getRemainingTimeInMillis: () => 600 } as Context
  const event = eventOf('POST', '/v1/policies/late/preview', {})
  const reply = await replyOf(await world.handler(event, context))
  expect(reply).toMatchObject({
    status: 504,
    headers: { 'content-type': 'application/problem+json' },
    body: { title: 'Gateway Timeout', detail: expect.stringContaining('connections check') },
  })
})
