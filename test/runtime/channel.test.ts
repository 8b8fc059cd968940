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

async function tellChannel(type: Channel['type'] = 'slack', path = 'hook') {
  const variables = { CHANNEL_URL: `https://localhost:${receiver.port}/${path}` }
  const config = { proxy: null, secretsPrefix: 'curfew/', variables }
  const { tell } = createChannelServices({ config, now: () => START } as unknown as BaseServices, () => null)
  const webhook = { event: 'curfew.run.ended', timestamp: at(START), text: 'x' }
  const message = { on: 'succeeded' as const, title: 'x', facts: [], links: [], webhook }
  const channel: Channel = { ...aChannel(), type, credentials: { source: 'environment', name: '' } }
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
  expect(await tellChannel()).toMatchObject({ waitMs })
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

test.each([
  ['path as it is', 'hook/T0%2Fabcdefgh'],
  ['path as its receiver reads it', 'hook/T0/abcdefgh'],
  ['path in JSON', 'hook\\/T0%2Fabcdefgh'],
])('of a URL an answer shows nothing, told by its %s', (_, told) => {
  const url = 'https://x.example/hook/T0%2Fabcdefgh'
  expect(hideSecrets(secretParts({ url }), `no ${told} here`)).not.toMatch(/T0|abcdefgh/)
})

test('a long answer is cut only once the secrets are out of it', async () => {
  const token = 'abcdefgh'.repeat(8)
  const errmsg = `${'x'.repeat(170)} ${token} is wrong`
  receiver.answer = { status: 200, body: JSON.stringify({ errcode: 310000, errmsg }) }
  const { reason } = await tellChannel('dingtalk', `robot/send?access_token=${token}`)
  expect(reason).toMatch(/^it answered 200 with code 310000: x{170} \[hidden\] is wrong$/)
})

const KEY = 'SK/secret+"x\\y~1'
const base64 = (text: string, kind: BufferEncoding = 'base64') => Buffer.from(text).toString(kind)

test.each([
  ['JSON', JSON.stringify({ password: KEY })],
  ['JSON that escapes slashes', JSON.stringify({ password: KEY }).replaceAll('/', '\\/')],
  ...['', 'a:', 'ab:', 'abc:'].flatMap(before => [
    [`base64 after "${before}"`, base64(`${before}${KEY}:z`)],
    [`base64url after "${before}"`, base64(`${before}${KEY}:z`, 'base64url')],
  ]),
])('a key is hidden in %s', (_, told) => {
  const shown = hideSecrets([KEY], `refused: ${told}`)
  expect(shown).toContain('[hidden]')
  const rest = shown.replace(/^refused: /, '')
  expect(rest).not.toContain('secret')
  expect(Buffer.from(rest.split('[hidden]').join(''), 'base64').toString('latin1')).not.toContain('secret')
  expect(shown.length).toBeLessThan(`refused: ${told}`.length)
})

test('a password beyond ASCII is hidden as Python writes it in JSON', () => {
  expect(hideSecrets(['pass"wörd'], String.raw`{"password": "pass\"w\u00f6rd"}`)).toBe(
    '{"password": "[hidden]"}',
  )
})

test('of a secret that begins like another one nothing is left', () => {
  expect(hideSecrets(['T0abcdefgh', 'T0abcdefgh-and-more'], 'no T0abcdefgh-and-more here')).toBe(
    'no [hidden] here',
  )
})

test('a short secret takes no letters out of what happens to be like its base64', () => {
  expect(hideSecrets(['ab'], 'YWI is a word')).toBe('YWI is a word')
})
