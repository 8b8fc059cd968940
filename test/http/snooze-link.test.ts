import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LinkAction, SnoozeLink } from '../../lib/core/notify/snooze-link.ts'
import { aRun, at, START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, type Reply, restorer } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A minute after people were warned. */
const NOW = START + 7.5 * HOUR + MINUTE
const STOP = START + 8 * HOUR
const ACTIONS = ['not-tonight', 'one-hour', 'three-hours'] as const
const NOBODY = { actor: null }
const stop = { policyId: 'nightly-dev', stopAt: at(STOP) }

let world: HttpWorld
let restore: () => Promise<void>
beforeAll(async () => {
  world = await openWorld()
  await world.connection()
  await world.policy({
    // 20:00 UTC.
    schedule: { cron: '0 4 * * *', timeZone: 'Asia/Shanghai' },
    warn: { minutesBefore: 30 },
    notify: [{ channel: 'ops', on: ['warning'] }],
    nextDueAt: at(STOP),
  })
  await world.store.createWarning(stop, at(STOP))
  await pathOf('not-tonight')
  restore = await restorer(world)
})
beforeEach(async () => {
  await restore()
  vi.setSystemTime(NOW)
})
afterAll(() => world.close())

const stored = async () => (await world.store.policy('nightly-dev'))!
const changes = async () =>
  (await world.store.changes({ kind: 'policy', id: 'nightly-dev' }, { most: 10 })).items

async function pathOf(action: LinkAction, overrides: Partial<SnoozeLink> = {}): Promise<string> {
  const link = { ...stop, channel: 'ops', language: 'en' as const, action, ...overrides }
  return new URL((await world.services.linkSigner())(link)).pathname
}
const look = (path: string, headers: Record<string, string> = {}) =>
  world.ask('GET', path, { ...NOBODY, headers })
const press = (path: string, fields = '') =>
  world.ask('POST', path, {
    ...NOBODY,
    raw: fields,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
const headlineOf = ({ text }: Reply) => /<h1>(.*)<\/h1>/.exec(text)?.[1]
const hasButton = ({ text }: Reply) => text.includes('<button>')

describe('looking at a link', () => {
  test('changes nothing, however often a scanner opens all of them', async () => {
    const before = await world.items()
    for (const action of ACTIONS) {
      const path = await pathOf(action)
      for (let times = 0; times < 10; times++)
        for (const method of ['GET', 'HEAD'])
          expect(await world.ask(method, path, NOBODY)).toMatchObject({ status: 200 })
    }
    expect(await world.items()).toEqual(before)
  })

  test('shows what its one button would do, on the clock of the policy', async () => {
    const page = await look(await pathOf('one-hour'))
    expect(headlineOf(page)).toBe('nightly-dev: One hour later')
    expect(page.text).toContain('2026-11-22 04:00 +08:00 Asia/Shanghai')
    expect(page.text).toContain('2026-11-22 05:00 +08:00 Asia/Shanghai')
    expect(page.text.match(/<button/g)).toHaveLength(1)
  })

  test('names each connection of a policy with several', async () => {
    const { connection: _, ...policy } = await stored()
    await world.store.savePolicy({ ...policy, connections: ['prod-*', 'lab'], version: 2 }, policy)
    expect((await look(await pathOf('one-hour'))).text).toContain('prod-*, lab (ecs)')
  })

  test('speaks the language of the browser, and else that of the channel', async () => {
    const [english, chinese] = [await pathOf('not-tonight'), await pathOf('not-tonight', { language: 'zh' })]
    expect(headlineOf(await look(english))).toBe('nightly-dev: Skip this stop')
    expect(headlineOf(await look(chinese))).toBe('nightly-dev: 跳过这次关机')
    expect(headlineOf(await look(chinese, { 'accept-language': 'fr, en;q=0.8, zh;q=0.5' }))).toMatch(/Skip/)
    const asked = await look(english, { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' })
    expect(asked.headers).toMatchObject({ 'content-language': 'zh', vary: 'accept-language' })
    expect(headlineOf(asked)).toMatch(/跳过/)
  })

  test('is allowed its own style and form alone, is kept by no cache and tells nobody its address', async () => {
    const { headers, text } = await look(await pathOf('not-tonight'))
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(text).not.toMatch(/<script|https?:/)
  })
})

describe('the button', () => {
  test('of "not tonight" skips that stop, and is written down with the link and the name that was given', async () => {
    const page = await press(await pathOf('not-tonight'), 'name=Ann+%22%3Cb%3E')
    expect(page.status).toBe(200)
    expect(headlineOf(page)).toBe('nightly-dev: This stop is skipped.')
    expect(await stored()).toMatchObject({
      snoozedUntil: at(STOP + MINUTE),
      snoozeReason: 'by the link ops/not-tonight of the warning',
    })
    expect(await changes()).toMatchObject([
      { what: 'snoozed', actor: 'link:ops/not-tonight (as "Ann "<b>")' },
    ])
  })

  test('of "one hour" lets that stop come an hour later, and is written down', async () => {
    expect(headlineOf(await press(await pathOf('one-hour')))).toBe('nightly-dev: This stop comes later.')
    expect(await stored()).toMatchObject({
      nextDueAt: at(STOP + HOUR),
      nextWarnAt: at(STOP + HOUR / 2),
      snoozedUntil: null,
    })
    expect(await changes()).toMatchObject([{ what: 'delayed', actor: 'link:ops/one-hour' }])
  })

  test('acts once: pressed again, alone or with others at the same moment, it shows what is', async () => {
    const paths = await Promise.all(ACTIONS.map(action => pathOf(action)))
    const pages = await Promise.all([...paths, ...paths].map(path => press(path)))
    expect(pages.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(pages.filter(hasButton)).toEqual([])
    expect(await changes()).toHaveLength(1)
    const { version } = await stored()
    expect(version).toBe(2)
    for (const path of paths) expect(hasButton(await press(path))).toBe(false)
    expect(await stored()).toMatchObject({ version })
  })

  test('acts no second time after a person took it back', async () => {
    const path = await pathOf('not-tonight')
    await press(path)
    await world.ask('DELETE', '/v1/policies/nightly-dev/snooze')
    for (const page of [await look(path), await press(path)])
      expect(headlineOf(page)).toContain('It acts only once')
    expect((await stored()).version).toBe(3)
    expect(hasButton(await look(await pathOf('one-hour')))).toBe(true)
  })

  test('is gone once the stop is due: the page says what became of it', async () => {
    const path = await pathOf('not-tonight')
    const { connection, kind } = aRun()
    const policy = await stored()
    const run = aRun({
      id: 'nightly-dev.1',
      connection,
      kind,
      dueAt: at(STOP),
      status: 'failed',
      reason: '<i>no key</i>',
    })
    vi.setSystemTime(STOP)
    expect((await press(path)).text).toContain('none is known')
    await world.store.createRun(run, policy, at(STOP))
    const page = await press(path)
    expect(headlineOf(page)).toContain('Too late')
    expect(page.text).toContain('nightly-dev.1: failed: &lt;i&gt;no key&lt;/i&gt;')
    expect(await stored()).toEqual(policy)
  })

  test('refuses a name that is too long, and fields that it does not know', async () => {
    const path = await pathOf('not-tonight')
    expect((await press(path, `name=${'x'.repeat(101)}`)).body.errors).toMatchObject([{ path: 'name' }])
    expect((await press(path, 'policy=other')).status).toBe(422)
    expect(await changes()).toEqual([])
  })

  test('crashed between its act and its mark, acts no second time while it holds', async () => {
    const path = await pathOf('not-tonight')
    await press(path)
    const { used, ...warning } = (await world.store.warning(stop))!
    expect(Object.keys(used)).toEqual(['ops/not-tonight'])
    await restore()
    const { store } = world
    const policy = await stored()
    await store.savePolicy({ ...policy, version: 2, snoozedUntil: at(STOP + MINUTE) }, policy)
    expect(hasButton(await press(path))).toBe(false)
    expect(await stored()).toMatchObject({ version: 2 })
    expect(await store.warning(stop)).toEqual({ ...warning, used: {} })
  })
})

test('a policy that warns says when it will, and is refused where nobody would be told', async () => {
  await world.ask('PUT', '/v1/channels/ops', {
    body: { type: 'slack', credentials: { source: 'environment' } },
  })
  const put = (fields: object) =>
    world.ask('PUT', '/v1/policies/other', {
      body: policyBody({ id: 'other', warn: { minutesBefore: 45 }, ...fields }),
    })
  expect((await put({})).body.errors).toEqual([
    { path: 'warn', message: expect.stringContaining('nobody would be warned') },
  ])
  const { status, body } = await put({ notify: [{ channel: 'ops', on: ['warning'] }] })
  expect({ status, body }).toMatchObject({
    status: 201,
    body: { warn: { minutesBefore: 45, maxSnoozeHours: 12 }, nextWarnAt: at(STOP - 45 * MINUTE) },
  })
  const sentBack = await world.ask('PUT', '/v1/policies/other', { body })
  expect(sentBack).toMatchObject({ status: 200, body: { version: 1 } })
})

test('Feishu asks to keep off full and half hours: people are warned before them, and later again as ever', async () => {
  await world.ask('PUT', '/v1/channels/lark', {
    body: { type: 'feishu', credentials: { source: 'environment' } },
  })
  const put = async (channel: string) => {
    const { body } = await world.ask('PUT', '/v1/policies/other', {
      body: policyBody({
        id: 'other',
        warn: { minutesBefore: 30 },
        notify: [
          { channel, on: ['warning'] },
          { channel: 'lark', on: ['failed'] },
        ],
      }),
    })
    return body
  }
  const early = await put('lark')
  expect(early).toMatchObject({ nextWarnAt: at(STOP - 33 * MINUTE) })
  expect(early).not.toHaveProperty('warnsEarly')
  const delay = { dueAt: at(STOP), minutes: 60, reason: 'demo' }
  const delayed = await world.ask('POST', '/v1/policies/other/delay', { body: delay })
  expect(delayed.body).toMatchObject({ nextWarnAt: at(STOP + 27 * MINUTE) })
  await world.ask('PUT', '/v1/channels/ops', {
    body: { type: 'slack', credentials: { source: 'environment' } },
  })
  expect(await put('ops')).toMatchObject({ nextWarnAt: at(STOP + 30 * MINUTE) })
  const { items } = (await world.ask('GET', '/v1/policies/other/changes')).body
  expect(JSON.stringify(items[0])).not.toContain('warnsEarly')
})

describe('what is no link of ours', () => {
  const answerOf = async (token: string, method = 'GET') => {
    const { status, headers, text } = await world.ask(method, `/snooze/${encodeURIComponent(token)}`, NOBODY)
    return { status, headers, text }
  }
  const tokenOf = async (action: LinkAction, overrides = {}) =>
    (await pathOf(action, overrides)).slice('/snooze/'.length)

  test('gets one and the same answer, whatever is wrong with it', async () => {
    const token = await tokenOf('not-tonight')
    const parts = token.split('.')
    const unknown = await answerOf('x')
    expect(unknown.status).toBe(404)
    const swapped = (place: number, part: string) => parts.with(place, part).join('.')
    const wrong = [
      ...[
        swapped(0, 'otherkey'),
        swapped(1, 'other'),
        swapped(2, 'zzzzzz'),
        swapped(3, '1'),
        swapped(4, 'dev'),
      ],
      ...[
        swapped(5, 'zh'),
        swapped(6, 'zzzzzz'),
        swapped(7, 'A'.repeat(22)),
        `${token}A`,
        token.slice(0, -1),
        '',
      ],
      ...['..', '%', '\u0000', 'a/b', 'x'.repeat(4000)],
    ].filter(one => one !== '')
    for (const one of wrong) expect({ one, ...(await answerOf(one)) }).toEqual({ one, ...unknown })
    expect(await answerOf(swapped(3, '3'), 'POST')).toEqual(unknown)
    vi.setSystemTime(STOP + 49 * HOUR)
    expect(await answerOf(token)).toEqual({ ...unknown, headers: expect.anything() })
  })

  test('is a link of another installation, and every link once the keys are taken away', async () => {
    const token = await tokenOf('not-tonight')
    expect((await answerOf(token)).status).toBe(200)
    const [key] = await world.store.linkKeys()
    await world.store.saveLinkKeys([{ ...key!, secret: 'A'.repeat(43) }], [key!])
    expect((await answerOf(token)).status).toBe(404)
  })
})
