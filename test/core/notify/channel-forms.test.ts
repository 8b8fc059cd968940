import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_SERVERS, type Run } from '../../../lib/core/model/run.ts'
import { channelForm } from '../../../lib/core/notify/channel/forms/form.ts'
import { boundedMessage, type ChannelMessage } from '../../../lib/core/notify/channel/message.ts'
import { requestMessage, runMessage } from '../../../lib/core/notify/channel/run-message.ts'
import { requestEvents } from '../../../lib/core/notify/events.ts'
import { aPolicy, aRequest, aRun, at, aWhole, START } from '../../makers.ts'

const aMessage = (overrides: Partial<ChannelMessage> = {}): ChannelMessage => ({
  on: 'failed',
  title: '❌ nightly-dev: failed',
  facts: [{ name: 'Servers', value: 'dev-1' }],
  links: [{ text: 'Open the run', url: 'https://curfew.example/#/runs/x' }],
  webhook: { event: 'curfew.run.ended', timestamp: at(START), text: 'x' },
  ...overrides,
})
const formOf = (type: Parameters<typeof channelForm>[0], message: ChannelMessage): string =>
  JSON.stringify(channelForm(type, boundedMessage(message)))

describe('whatever a message says', () => {
  const text = fc.string({ unit: 'binary', maxLength: 3000 })
  const message = fc
    .record({
      title: text,
      facts: fc.array(fc.record({ name: text, value: text }), { maxLength: 12 }),
      links: fc.array(fc.record({ text, url: fc.webUrl({ withQueryParameters: true }) }), { maxLength: 6 }),
    })
    .map(aMessage)

  property.prop([message], { numRuns: 60 })('each tool takes its size', said => {
    const bytes = (form: string) => Buffer.byteLength(form)
    const wecom = channelForm('wecom', boundedMessage(said)) as { markdown: { content: string } }
    expect(bytes(wecom.markdown.content)).toBeLessThanOrEqual(4096)
    expect(bytes(formOf('feishu', said))).toBeLessThanOrEqual(20_000)
    expect(bytes(formOf('dingtalk', said))).toBeLessThanOrEqual(20_000)
    expect(bytes(formOf('teams', said))).toBeLessThanOrEqual(28_000)
    const slack = channelForm('slack', boundedMessage(said)) as { blocks: { text?: { text: string } }[] }
    expect(slack.blocks[0]!.text!.text.length).toBeLessThanOrEqual(150)
  })
})

describe('what others wrote does not act', () => {
  const EVIL =
    '<!channel> <@U1> @all <at id=all></at> [x](https://evil.example) **b** _i_ `c` www.evil.example'
  const evil = aMessage({ title: EVIL, facts: [{ name: 'Servers', value: `dev_web_1, ${EVIL}` }], links: [] })

  test('in Slack: it is plain text, and escaped where it is not', () => {
    const { text, blocks } = channelForm('slack', boundedMessage(evil)) as {
      text: string
      blocks: { text?: { type: string }; fields?: { type: string }[] }[]
    }
    expect(text).not.toMatch(/[<>]/)
    const texts = blocks.flatMap(block => [block.text ?? [], block.fields ?? []].flat())
    expect(texts.map(({ type }) => type)).toEqual(['plain_text', 'plain_text'])
  })

  test('in Feishu: it is plain text', () => {
    expect(formOf('feishu', evil)).not.toContain('lark_md')
  })

  test('in Teams: it is text without markup', () => {
    expect(formOf('teams', evil)).not.toContain('"TextBlock"')
  })

  test.each(['dingtalk', 'wecom'] as const)('in %s: what acts is shown by what looks alike', type => {
    const form = formOf(type, evil)
    expect(form).not.toMatch(/<|@|\]\(|:\/\/|`|www\./)
    // Our own marks alone: around the title and the name of the fact.
    expect(form.match(/\*\*/g)).toHaveLength(4)
    expect(form).toContain('dev_web_1')
  })

  test('a link cannot end its own text or address', () => {
    const links = [{ text: 'a](https://evil.example)|<b>', url: 'https://curfew.example/a)b|c>d' }]
    for (const type of ['dingtalk', 'wecom'] as const)
      expect(formOf(type, aMessage({ links }))).toContain(
        '[a］(https:／／evil.example…](https://curfew.example/a%29b%7cc%3ed)',
      )
    const slack = channelForm('slack', boundedMessage(aMessage({ links }))) as {
      blocks: { text?: { text: string } }[]
    }
    expect(slack.blocks.at(-1)!.text!.text).toBe(
      '<https://curfew.example/a%29b%7cc%3ed|a](https://evil.example…>',
    )
  })
})

const telling = (names: string[]) => ({
  policy: aPolicy({ schedule: { cron: '0 20 * * *', timeZone: 'Asia/Shanghai' } }),
  names,
  service: 'curfew',
  publicUrl: 'https://curfew.example',
})
const ended = (overrides: Partial<Run>): Run =>
  aRun({ status: 'succeeded', endedAt: at(START + 60_000), ...overrides })

describe('the end of a run', () => {
  const partial = ended({
    status: 'partial',
    reason: '3 of 14 targets stopped, 9 failed, 2 unconfirmed (still-running 9, not-learnt 2)',
    summary: { ...NO_SERVERS, matched: 20, targets: 14, skipped: 6, stopped: 3, failed: 9, unconfirmed: 2 },
    codes: { 'stopped/stopped': 3, 'unconfirmed/not-learnt': 2, 'failed/still-running': 9 },
  })
  const names = ['dev-1', 'dev-2', 'dev-3', 'dev-4', 'dev-5']

  test('says the numbers, the reasons by count, the first five names, when it was due and where', () => {
    const { on, title, facts, links } = runMessage(partial, telling(names), 'en')
    expect({ on, title, links }).toEqual({
      on: 'partial',
      title: '⚠️ nightly-dev: partly succeeded',
      links: [{ text: 'Open the run', url: 'https://curfew.example/#/runs/nightly-dev.20261121T120000Z' }],
    })
    expect(facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Result: 3 of 14 stopped, 9 failed, 2 unconfirmed, 6 skipped',
      'Why: still-running 9, not-learnt 2',
      'Servers: dev-1, dev-2, dev-3, dev-4, dev-5, and 6 more',
      'Due: 2026-11-21 20:00 +08:00 Asia/Shanghai',
      'Connection: prod',
    ])
  })

  test('says the same in Chinese', () => {
    const { title, facts } = runMessage(partial, telling(names.slice(0, 1)), 'zh')
    expect(title).toBe('⚠️ nightly-dev: 部分成功')
    expect(facts.map(({ value }) => value)).toEqual([
      '14 台中 3 台已关机，失败 9 台，未确认 2 台，跳过 6 台',
      '仍在运行 9，结果未知 2',
      'dev-1，另有 10 台',
      '2026-11-21 20:00 +08:00 Asia/Shanghai',
      'prod',
    ])
  })

  test('of a run that asked nobody has its reason', () => {
    const missed = ended({ status: 'missed', reason: 'no tick came in time' })
    expect(runMessage(missed, telling([]), 'en').facts.map(({ name }) => name)).toEqual([
      'Reason',
      'Due',
      'Connection',
    ])
  })

  test.each([
    ['a stop', { action: 'stop' as const }, 'succeeded'],
    ['a start', { action: 'start' as const }, 'started'],
    ['an undo', { action: 'start' as const, undoes: 'x', trigger: 'manual' as const }, 'started'],
    [
      'a start that fell short',
      { action: 'start' as const, status: 'failed' as const, reason: 'x' },
      'failed',
    ],
  ])('%s is an occasion of its own', (_, overrides, on) => {
    expect(runMessage(ended(overrides), telling([]), 'en').on).toBe(on)
  })
})

test('a hard stop that follows names the first servers and how many there are', () => {
  const requests = [aRequest(), aRequest({ mode: 'hard', escalation: true, members: [0, 2] })]
  const run = aRun()
  const [event] = requestEvents(aWhole({ requests }), [], { run, service: 'curfew' })
  const { policy, publicUrl } = telling([])
  const message = requestMessage(event!, run, { policy, publicUrl, language: 'en' })
  expect(message).toMatchObject({
    on: 'escalated',
    title: '⚡ nightly-dev: a hard stop follows for servers that a soft one left running',
    webhook: { event: 'curfew.servers.escalated', count: 2, timestamp: at(START) },
  })
  expect(message.facts[0]).toEqual({ name: 'Servers', value: 'dev-0, dev-2' })
})
