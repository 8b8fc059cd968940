import { expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { createLinkLimit } from '../../infra/local/door/link-limit.ts'

const MOST = 120

test('an address opens only so many links a minute, and others are none the worse for it', () => {
  let nowMs = 0
  const limit = createLinkLimit(() => nowMs)
  const open = (address: string, url = '/snooze/token') => limit({ url }, address)
  for (let count = 0; count < MOST; count++)
    expect(open('10.0.0.1', count % 2 ? '/feeds/token.ics' : '/snooze/token')).toBeNull()
  nowMs = 20_000
  expect(open('10.0.0.1')).toMatchObject({ statusCode: 429, headers: { 'retry-after': '40' } })
  expect(open('10.0.0.2')).toBeNull()
  expect(open('10.0.0.1', '/v1/health')).toBeNull()
  nowMs = 60_000
  expect(open('10.0.0.1')).toBeNull()
})

test('the gateway asks no function for links beyond that', async () => {
  let calls = 0
  const gateway = await startGateway({
    handler: async () => ({ statusCode: ++calls && 204 }),
    port: 0,
    trouble: (_, error) => {
      throw error
    },
  })
  onTestFinished(() => gateway.close())
  const statuses = await Promise.all(
    Array.from({ length: MOST + 5 }, () => fetch(`${gateway.url}/snooze/x`).then(({ status }) => status)),
  )
  expect(statuses.filter(status => status === 429)).toHaveLength(5)
  expect(calls).toBe(MOST)
})
