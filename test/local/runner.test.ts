import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterEach, expect, test, vi } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import type { Message } from '../../infra/local/runner/runner.ts'
import { functionSettings, queueTemplates } from '../../infra/local/templates.ts'
import { aRunner, bodies } from './runners.ts'

afterEach(() => vi.useRealTimers())

/** Fails the messages with these bodies and does the others. */
const failing =
  (...which: string[]) =>
  (event: SQSEvent) => ({
    batchItemFailures: event.Records.filter(({ body }) => which.includes(body)).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  })

test('what was done is deleted, what failed comes again, until it is a dead letter', async () => {
  const seen: string[] = []
  const { runner, queues, send } = await aRunner({
    follow: async event => {
      seen.push(...bodies(event))
      return failing('bad')(event)
    },
  })
  const most = queueTemplates().find(({ step }) => step === 'follow')?.maxReceiveCount ?? 0
  await send('follow', 'good', 'bad', 'fine')
  expect(await runner.drain()).toBe(2 + most)
  expect(seen).toEqual(['good', 'bad', 'fine', ...Array.from({ length: most - 1 }, () => 'bad')])
  expect(queues.inspect('follow')).toEqual({ visible: [], hidden: [], dead: ['bad'] })
})

test('a batch comes again as a whole when its function throws or answers something else', async () => {
  const answers = [() => Promise.reject(new Error('boom')), () => ({ batchItemFailures: 'all' }), failing()]
  const seen: string[][] = []
  const { runner, troubles, send } = await aRunner({
    follow: async event => {
      seen.push(bodies(event))
      return answers.shift()?.(event)
    },
  })
  await send('follow', 'a', 'b')
  expect(await runner.drain()).toBe(6)
  expect(seen).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ])
  expect(troubles[0]).toBe('follow: Error: boom')
  expect(troubles).toHaveLength(2)
})

test('messages that a function sends are worked on too, and those that are delayed when their time has come', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-11-21T12:00:00Z')
  const seen: string[] = []
  const { runner, queues, send } = await aRunner({
    plan: async event => {
      seen.push(...bodies(event))
      await send('stop', 'next')
      const client = new SQSClient({ endpoint: queues.endpoint, ...LOCAL_AWS })
      await client.send(
        new SendMessageCommand({ QueueUrl: queues.urls.follow, MessageBody: 'later', DelaySeconds: 15 }),
      )
      client.destroy()
    },
    stop: async event => void seen.push(...bodies(event)),
    follow: async event => void seen.push(...bodies(event)),
  })
  await send('plan', 'first')
  expect(await runner.drain()).toBe(2)
  expect(seen).toEqual(['first', 'next'])
  vi.setSystemTime('2026-11-21T12:00:15Z')
  expect(await runner.drain()).toBe(1)
  expect(seen).toEqual(['first', 'next', 'later'])
})

test('each call takes as many messages as the deployment says, and no message twice', async () => {
  const sizes: Record<string, number[]> = { plan: [], follow: [] }
  const { runner, send } = await aRunner(
    {
      plan: async ({ Records }) => void sizes.plan?.push(Records.length),
      follow: async ({ Records }) => void sizes.follow?.push(Records.length),
    },
    { deliver: messages => messages.flatMap(message => [message, message]) },
  )
  await send('plan', 'a', 'b')
  await send('follow', ...Array.from({ length: 12 }, (_, n) => String(n)))
  expect(await runner.drain()).toBe(28)
  expect(functionSettings()).toMatchObject({ plan: { batchSize: 1 }, follow: { batchSize: 30 } })
  expect(sizes.plan).toEqual([1, 1, 1, 1])
  expect(sizes.follow?.reduce((sum, size) => sum + size)).toBe(24)
  expect(Math.max(...(sizes.follow ?? []))).toBeLessThanOrEqual(12)
})

test('more than ten messages that wait together come in one call where its function takes so many', async () => {
  const sizes: number[] = []
  const { runner, send } = await aRunner({ follow: async ({ Records }) => void sizes.push(Records.length) })
  await send('follow', ...Array.from({ length: 23 }, (_, n) => String(n)))
  await runner.drain()
  expect(sizes).toEqual([23])
})

test.for<[string, (messages: Message[]) => Message[], string[]]>([
  ['doubled', messages => [...messages, ...messages], ['a', 'b', 'a', 'b']],
  ['reversed', messages => messages.toReversed(), ['b', 'a']],
  ['lost', messages => messages.slice(1), ['b']],
  ['all lost', () => [], []],
])('messages can be %s on their way', async ([, deliver, expected]) => {
  const seen: string[] = []
  const { runner, queues, send } = await aRunner(
    { stop: async event => void seen.push(...bodies(event)) },
    { deliver },
  )
  await send('stop', 'a', 'b')
  expect(await runner.drain()).toBe(expected.length)
  expect(seen).toEqual(expected)
  expect(queues.inspect('stop')).toEqual({ visible: [], hidden: [], dead: [] })
})

test('a failed message waits for its visibility to end where nothing else is said', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { runner, queues, send } = await aRunner(
    { stop: () => Promise.reject(new Error('boom')) },
    { retrySeconds: null },
  )
  await send('stop', 'a')
  expect(await runner.drain()).toBe(1)
  expect(queues.inspect('stop').hidden).toMatchObject([{ body: 'a', received: true }])
  const seconds = queueTemplates().find(({ step }) => step === 'stop')?.visibilitySeconds ?? 0
  vi.setSystemTime(Date.now() + seconds * 1000)
  expect(await runner.drain()).toBe(1)
})

test('tick is called with the event of the scheduler and a time that runs out', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-11-21T12:00:00.123Z')
  const calls: { time: string; source: string; left: number }[] = []
  const { runner } = await aRunner({
    tick: async ({ time, source }, context: Context) =>
      void calls.push({ time, source, left: context.getRemainingTimeInMillis() }),
  })
  await runner.tick()
  expect(calls).toMatchObject([{ time: '2026-11-21T12:00:00Z', source: 'aws.scheduler' }])
  expect(calls[0]?.left).toBeGreaterThan(0)
  expect(calls[0]?.left).toBeLessThanOrEqual(functionSettings().tick.timeoutSeconds * 1000)
})

test('what tick throws is thrown on to a test', async () => {
  const { runner } = await aRunner({ tick: () => Promise.reject(new Error('no table')) })
  await expect(runner.tick()).rejects.toThrow('no table')
})
