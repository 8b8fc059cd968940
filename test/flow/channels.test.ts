import { setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ChannelMessage } from '../../lib/core/notify/channel/message.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { queueMessage } from '../../lib/steps/notify/queue-message.ts'
import { httpEvent } from '../bundle/events.ts'
import { aCertificate } from '../certificate.ts'
import { type ChatTools, SIGNING_KEY, startChatTools, TOOLS } from '../chat-tools.ts'
import { aChannel, at } from '../makers.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

const RUN = 'nightly-dev.20261121T120000Z'
const identity = aCertificate(Date.now())
let world: World
let tools: ChatTools
let output: Output
beforeAll(() => setDefaultCACertificates([identity.cert]))
beforeEach(async () => {
  tools = await startChatTools(identity)
})
afterEach(async () => {
  await world.close()
  await tools.close()
})

/** A world with a channel for each tool, named after it, whose secrets may be sent to this machine. */
async function aWorld(options: WorldOptions = {}): Promise<World> {
  output = captured()
  world = await createWorld({
    servers: fleet(7),
    addressProblem: () => null,
    environment: {
      LOG_LEVEL: 'debug',
      METRICS_NAMESPACE: 'Curfew',
      PUBLIC_URL: 'https://curfew.example',
      WECOM_CHANNEL_URL: tools.url('wecom'),
    },
    ...options,
  })
  for (const tool of TOOLS) {
    const secret = JSON.stringify({ url: tools.url(tool), signingKey: SIGNING_KEY })
    world.aws.secrets.set(`curfew/${tool}`, secret)
    const credentials =
      tool === 'wecom'
        ? { source: 'environment', name: 'WECOM_' }
        : { source: 'secretsManager', name: `curfew/${tool}` }
    await world.store.saveChannel(
      aChannel({ id: tool, type: tool, credentials, language: tool === 'feishu' ? 'zh' : 'en' }),
      null,
    )
  }
  await world.connection()
  return world
}
const tellAll = (on: string[]) => TOOLS.map(channel => ({ channel, on }))

const aMessage = (title: string): ChannelMessage => ({
  on: 'succeeded',
  title,
  facts: [{ name: 'Due', value: 'now' }],
  links: [],
  webhook: { event: 'curfew.test', timestamp: at(Date.now()), text: title },
})
const queue = (channel: string, key: string) =>
  queueMessage({ channel, key, compose: () => aMessage(key) }, world.services)

describe('a night', () => {
  test("is told to each channel once, in its tool's own form, and a hard stop when it follows", async () => {
    await aWorld({ switches: { softHangs: [fleet(1)[0]!.id!] } })
    await world.policy({ escalateAfterMinutes: 5, notify: tellAll(['escalated', 'succeeded']) })
    await world.pass(20)
    expect(await world.store.run(RUN)).toMatchObject({ status: 'succeeded' })
    expect(tools.refused).toEqual([])
    for (const tool of TOOLS) {
      const [hard, end, ...others] = tools.of(tool).map(({ body }) => body)
      expect(others).toEqual([])
      expect(hard).toContain('dev-0')
      if (tool === 'webhook') continue
      expect(end).toContain('dev-4')
      expect(end).not.toContain('dev-5')
      expect(end).toContain(`https://curfew.example/#/runs/${RUN}`)
    }
    expect(JSON.parse(tools.of('webhook')[1]!.body)).toMatchObject({
      event: 'curfew.run.ended',
      text: '✅ Curfew: nightly-dev succeeded: 7 of 7 targets stopped, 0 skipped (due 2026-11-21T12:00:00.000Z)',
      run: { id: RUN, escalated: 1 },
    })
    expect(tools.of('feishu')[1]!.body).toContain('7 台中 7 台已关机')
    await world.pass(2 * 60)
    expect(tools.taken).toHaveLength(2 * TOOLS.length)
    const handler = httpHandler(ROUTES, () => world.services)
    for (const tool of TOOLS) {
      const event = httpEvent({ method: 'POST', path: `/v1/channels/${tool}/test`, userArn: 'ann' })
      expect(await handler(event as never, {} as never)).toMatchObject({ body: '{"ok":true}' })
      expect(tools.of(tool).at(-1)!.body).toContain(tool)
    }
    expect(output.text()).not.toContain('5ecret')
    expect(output.text()).not.toContain(SIGNING_KEY)
  })
})

describe('many messages at once', () => {
  test('wait for their turn, so that no tool refuses one, and all arrive', async () => {
    await aWorld({ servers: [] })
    const counts = { dingtalk: 45, slack: 12, feishu: 12 }
    // Right before a half hour, of which Feishu wants to be spared.
    await world.pass(28)
    for (const [channel, count] of Object.entries(counts))
      for (let number = 0; number < count; number++) await queue(channel, `message-${number}.ended`)
    await world.pass(8)
    expect(tools.refused).toEqual([])
    for (const [channel, count] of Object.entries(counts))
      expect(tools.of(channel as keyof typeof counts)).toHaveLength(count)
    const asked = output.logged('message waits for its turn')
    expect(asked.length).toBeLessThan(2 * tools.taken.length)
  })
})

describe('a night in which every channel is down', () => {
  test('stops all the same; what was not sent is sent once its tool is back, or given up with its reason', async () => {
    await aWorld()
    for (const tool of TOOLS) tools.down.add(tool)
    const schedule = { cron: '0 12 21 11 *', timeZone: 'UTC' }
    await world.policy({ schedule, notify: tellAll(['succeeded']) })
    await world.pass(20)
    expect(await world.store.run(RUN)).toMatchObject({ status: 'succeeded', announcedAt: expect.any(String) })
    expect(await world.outcomes((await world.store.run(RUN))!)).toHaveProperty('size', 7)
    expect(tools.taken).toEqual([])
    for (const tool of ['slack', 'feishu', 'wecom'] as const) tools.down.delete(tool)
    await world.pass(1 * 60)
    vi.setSystemTime(Date.now() + 23 * 3_600_000)
    await world.pass(5)
    expect(tools.taken.map(({ tool }) => tool).toSorted()).toEqual(['feishu', 'slack', 'wecom'])
    const given = output.logged('message given up')
    expect(new Map(given.map(({ channel, reason }) => [channel, reason]))).toEqual(
      new Map([
        ['teams', 'it answered 502'],
        ['dingtalk', 'it answered 200 with code 300001: token is not exist'],
        ['webhook', 'it answered 503'],
      ]),
    )
    expect(output.figures('WebhooksGivenUp')).toEqual([1, 1, 1])
    expect(await world.store.delivery({ key: `${RUN}.ended`, channel: 'teams' })).toMatchObject({
      givenUpAt: expect.any(String),
      reason: 'it answered 502',
    })
    const due: unknown[] = []
    for await (const page of world.store.due('9999')) due.push(...page)
    expect(due.filter(one => JSON.stringify(one).includes('ended'))).toEqual([])
    expect(output.text()).not.toContain('5ecret')
  })
})
