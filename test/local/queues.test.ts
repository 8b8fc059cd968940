import { networkInterfaces } from 'node:os'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { type Queues, startQueues } from '../../infra/local/emulators/queues.ts'
import { queueTemplates } from '../../infra/local/templates.ts'
import { aFolder, aProcess, killed } from './children.ts'

afterEach(() => vi.useRealTimers())

async function theQueues(folder: string | null = null) {
  const queues = await startQueues({ folder })
  const client = new SQSClient({ endpoint: queues.endpoint, ...LOCAL_AWS })
  onTestFinished(() => client.destroy())
  return { queues, client, ...calls(client, queues) }
}

function calls(client: SQSClient, { urls: { plan: QueueUrl } }: Queues) {
  return {
    send: (MessageBody: string, DelaySeconds?: number) =>
      client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds })),
    receive: async () => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      )
      return Messages.map(({ Body, ReceiptHandle = '' }) => ({ Body, ReceiptHandle }))
    },
    remove: (ReceiptHandle: string) => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
    giveBack: (ReceiptHandle: string) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
  }
}

test('a message that is sent can be received, and is gone once deleted', async () => {
  const { queues, send, receive, remove } = await theQueues()
  await send('one')
  expect(queues.inspect('plan').visible).toEqual(['one'])
  const [received] = await receive()
  expect(received?.Body).toBe('one')
  expect(queues.inspect('plan')).toMatchObject({ visible: [], hidden: [{ body: 'one', received: true }] })
  await remove(received?.ReceiptHandle ?? '')
  expect(queues.inspect('plan')).toEqual({ visible: [], hidden: [], dead: [] })
  await queues.close()
})

test('a delayed message is received when its time has come by the clock of the test', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-11-21T12:00:00Z')
  const { queues, send, receive } = await theQueues()
  await send('later', 60)
  expect(await receive()).toEqual([])
  expect(queues.inspect('plan').hidden).toEqual([
    { body: 'later', visibleAtMs: Date.parse('2026-11-21T12:01:00Z'), received: false },
  ])
  vi.setSystemTime('2026-11-21T12:01:00Z')
  expect(queues.inspect('plan').visible).toEqual(['later'])
  expect(await receive()).toMatchObject([{ Body: 'later' }])
  await queues.close()
})

test('a delay beyond 900 seconds is refused, alone and in a batch', async () => {
  const { queues, client, send } = await theQueues()
  await expect(send('late', 901)).rejects.toThrow('Must be between 0 and 900')
  const Entries = [{ Id: 'a', MessageBody: 'late', DelaySeconds: 901 }]
  const batch = new SendMessageBatchCommand({ QueueUrl: queues.urls.plan, Entries })
  await expect(client.send(batch)).rejects.toThrow('Must be between 0 and 900')
  await send('in time', 900)
  expect(queues.inspect('plan').hidden).toHaveLength(1)
  await queues.close()
})

test('a message given back too often is a dead letter', async () => {
  const { queues, send, receive, giveBack } = await theQueues(await aFolder())
  const most = queueTemplates().find(({ step }) => step === 'plan')?.maxReceiveCount ?? 0
  await send('hopeless')
  for (let receives = 0; receives < most; receives += 1)
    for (const { ReceiptHandle } of await receive()) await giveBack(ReceiptHandle)
  expect(queues.inspect('plan')).toMatchObject({ visible: ['hopeless'], dead: [] })
  expect(await receive()).toEqual([])
  expect(queues.inspect('plan')).toMatchObject({ visible: [], dead: ['hopeless'] })
  await queues.close()
})

test('after kill -9 every message is there, and what the dead process had received can be received', async () => {
  const folder = await aFolder()
  await killed(await aProcess('queue-user', folder))
  const { queues, receive } = await theQueues(folder)
  expect((await receive()).map(({ Body }) => Body).sort()).toEqual(['first', 'second'])
  expect(queues.inspect('plan').hidden.filter(({ received }) => !received)).toMatchObject([
    { body: 'delayed' },
  ])
  await queues.close()
})

test('queues answer on loopback only', async () => {
  const { queues } = await theQueues()
  const { port } = new URL(queues.endpoint)
  const others = Object.values(networkInterfaces())
    .flatMap(one => one ?? [])
    .filter(({ internal }) => !internal)
  for (const { address, family } of others) {
    const host = family === 'IPv6' ? `[${address}]` : address
    await expect(fetch(`http://${host}:${port}/health`)).rejects.toThrow('fetch failed')
  }
  expect((await fetch(`${queues.endpoint}/health`)).status).toBe(403)
  await queues.close()
})
