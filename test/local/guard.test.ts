import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { ownClient } from '../../infra/local/emulators/own-clients.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { answerOf } from './ports.ts'

interface Signed {
  headers: Record<string, string>
  body?: string
}

/** A table's client whose requests are changed after they were signed. */
async function aTable(change: (signed: Signed) => void = () => undefined, options: object = {}) {
  const table = await startTable({ folder: null })
  const client = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS, maxAttempts: 1, ...options })
  client.middlewareStack.add(
    next => args => {
      change(args.request as Signed)
      return next(args)
    },
    { step: 'deserialize', priority: 'low' },
  )
  onTestFinished(async () => {
    client.destroy()
    await table.close()
  })
  return { table, list: () => client.send(new ListTablesCommand({})) }
}
const refused = { $metadata: { httpStatusCode: 403 } }

test('the table answers who signs with the key of this process', async () => {
  const { list } = await aTable()
  expect((await list()).TableNames).toEqual(['curfew'])
})

test('clients of this process need no socket to the table, and hear when it is closed', async () => {
  const { table } = await aTable()
  const client = new DynamoDBClient({ ...ownClient(table.endpoint), maxAttempts: 1 })
  onTestFinished(() => client.destroy())
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['curfew'])
  await table.close()
  await expect(client.send(new ListTablesCommand({}))).rejects.toThrow(`at ${table.endpoint}; it is closed`)
})

test('a client of a table that is of another process signs, and goes over the wire', async () => {
  const { table } = await aTable()
  expect(Object.keys(ownClient(table.endpoint))).toContain('requestHandler')
  expect(ownClient('http://127.0.0.1:1')).toEqual({ endpoint: 'http://127.0.0.1:1', ...LOCAL_AWS })
})

const withHeader = (name: string, change: (value: string) => string) => (signed: Signed) => {
  signed.headers[name] = change(signed.headers[name] ?? '')
}
const flipped = (text: string) => text.replace(/.$/, last => (last === '0' ? '1' : '0'))

test.for<[string, (signed: Signed) => void]>([
  [
    'with another body',
    signed => {
      signed.body = '{"Limit":1}'
    },
  ],
  ['with another operation', withHeader('x-amz-target', () => 'DynamoDB_20120810.Scan')],
  ['with another date', withHeader('x-amz-date', () => '20260101T000000Z')],
  ['for another host', withHeader('host', () => 'localhost')],
  ['from a web page', withHeader('origin', () => 'http://127.0.0.1')],
  ['with another signature', withHeader('authorization', flipped)],
  [
    'that leaves the operation unsigned',
    withHeader('authorization', value => value.replace('x-amz-target;', '')),
  ],
])('the table refuses a signed request %s', async ([, change]) => {
  const { list } = await aTable(change)
  await expect(list()).rejects.toMatchObject(refused)
})

test.for([
  ['another access key', { accessKeyId: 'local', secretAccessKey: LOCAL_AWS.credentials.secretAccessKey }],
  ['another secret key', { accessKeyId: LOCAL_AWS.credentials.accessKeyId, secretAccessKey: 'local' }],
  ['an empty secret key', { accessKeyId: LOCAL_AWS.credentials.accessKeyId, secretAccessKey: '' }],
])('the table refuses %s', async ([, credentials]) => {
  const { list } = await aTable(undefined, { credentials })
  await expect(list()).rejects.toThrow()
})

test('a signature for one emulator does not do for the other', async () => {
  const [{ table }, queues] = await Promise.all([aTable(), startQueues({ folder: null })])
  onTestFinished(() => queues.close())
  const client = new SQSClient({ endpoint: table.endpoint, ...LOCAL_AWS, maxAttempts: 1 })
  await expect(client.send(new ListQueuesCommand({}))).rejects.toMatchObject(refused)
})

test('the queues answer for SQS alone: no SNS, no S3, no pages to look at', async () => {
  const queues = await startQueues({ folder: null })
  const client = new SQSClient({ endpoint: queues.endpoint, ...LOCAL_AWS })
  onTestFinished(async () => {
    client.destroy()
    await queues.close()
  })
  await client.send(new SendMessageCommand({ QueueUrl: queues.urls.plan, MessageBody: 'kept' }))
  const port = Number(new URL(queues.endpoint).port)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const sent of [
    { path: '/health' },
    { path: '/_fauxqs/queues' },
    { path: '/_fauxqs/queues/plan' },
    { path: '/bucket' },
    { path: '/bucket/key', method: 'PUT', body: 'x' },
    { method: 'POST', headers: form, body: 'Action=CreateTopic&Name=a' },
    { method: 'POST', headers: form, body: 'Action=GetCallerIdentity' },
    { method: 'POST', headers: form, body: `Action=PurgeQueue&QueueUrl=${queues.urls.plan}` },
  ])
    expect(await answerOf(port, sent)).toMatchObject({ status: 403 })
  expect(queues.inspect('plan').visible).toEqual(['kept'])
})
