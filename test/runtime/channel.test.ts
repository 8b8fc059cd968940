import { setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hideSecrets } from '../../lib/cloud/http/answer-parts.ts'
import type { Channel } from '../../lib/core/notify/channel/channel.ts'
import { secretParts } from '../../lib/runtime/channel-post.ts'
import type { BaseServices } from '../../lib/runtime/services/base.ts'
import { createChannelServices } from '../../lib/runtime/services/channel.ts'
import { aCertificate } from '../certificate.ts'
import { aChannel, at, START } from '../makers.ts'
import { type Receiver, startReceiver } from '../receiver.ts'

const DAY_MS = 86_400_000
let receiver: Receiver
beforeAll(async () => {
  const identity = aCertificate(Date.now())
  setDefaultCACertificates([identity.cert])
  receiver = await startReceiver(identity)
})
afterAll(() => receiver.close())

async function tellSlack() {
  const variables = { CHANNEL_URL: `https://localhost:${receiver.port}/hook` }
  const config = { proxy: null, secretsPrefix: 'curfew/', variables }
  const { tell } = createChannelServices({ config, now: () => START } as unknown as BaseServices, () => null)
  const webhook = { event: 'curfew.run.ended', timestamp: at(START), text: 'x' }
  const message = { on: 'succeeded' as const, title: 'x', facts: [], links: [], webhook }
  const channel: Channel = { ...aChannel(), credentials: { source: 'environment', name: '' } }
  return tell(channel, { key: 'run.ended', message })
}

test.each([
  ['7', 7000],
  [new Date(START + 90_000).toUTCString(), 90_000],
  ['1e300', 60_000],
  ['9'.repeat(400), 60_000],
  ['999999999999', DAY_MS],
  [new Date(START + 400 * DAY_MS).toUTCString(), DAY_MS],
  ['0', 60_000],
])('a tool that asks by Retry-After: %s to be left alone is left alone for %i ms', async (value, waitMs) => {
  receiver.answer = { status: 429, headers: { 'retry-after': value } }
  expect(await tellSlack()).toMatchObject({ waitMs })
})

test.each([
  ['abc%2Bdef%3D%3D', 'abc%2Bdef%3D%3D'],
  ['abc%2Bdef%3D%3D', 'abc+def=='],
  ['abc%2bdef%3d%3d', 'abc%2bdef%3d%3d'],
  ['abc%2bdef%3d%3d', 'abc%2Bdef%3D%3D'],
])('of a secret that is written %s an answer shows nothing, told as %s', (token, told) => {
  const url = `https://x.example/robot/send?access_token=${token}`
  expect(hideSecrets(secretParts({ url }), `the token ${told} is wrong`)).toBe('the token [hidden] is wrong')
})
