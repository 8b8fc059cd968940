import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test } from 'vitest'
import { aFolder } from './children.ts'
import { answerOf, listening, type Sent } from './ports.ts'

const START = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url))
/** In `/proc/net/tcp`. */
const LOOPBACK = '0100007F'

async function aStart(args: string[], folder?: string): Promise<{ child: ChildProcess; text: string }> {
  const data = folder ?? (await aFolder())
  const child = spawn(process.execPath, [START, '--port', '0', '--data', data, ...args])
  onTestFinished(async () => {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  })
  let text = ''
  child.stderr.pipe(process.stderr)
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    text += part
    if (text.includes('Ticking each minute')) break
  }
  child.stdout.resume()
  return { child, text }
}

/** What a web page or another account of this machine can send, by what is wrong with it. */
const ATTEMPTS: [string, (host: string) => Sent][] = [
  ['a foreign origin', host => ({ headers: { host, origin: 'https://evil.example' } })],
  [
    'a foreign origin, asking first',
    host => ({ method: 'OPTIONS', headers: { host, origin: 'https://evil.example' } }),
  ],
  ['the origin of a sandboxed page', host => ({ method: 'POST', headers: { host, origin: 'null' } })],
  [
    'the origin of another port',
    host => ({ method: 'POST', headers: { host, origin: 'http://127.0.0.1:1' } }),
  ],
  ['a foreign host', () => ({ headers: { host: 'evil.example' } })],
  ['a host that begins like ours', () => ({ headers: { host: '127.0.0.1.evil.example' } })],
]
const KEYLESS: [string, (host: string) => Sent][] = [
  ['no key', host => ({ headers: { host } })],
  ['no key, to DynamoDB', host => ({ ...dynamo(host), body: '{}' })],
  ['no key, to SQS', host => ({ ...sqs(host), body: '{}' })],
  [
    'no key, a cross-site form',
    host => ({ method: 'POST', headers: { host, 'content-type': 'text/plain' } }),
  ],
  ['a bearer that is none', host => ({ headers: { host, authorization: 'Bearer x' } })],
  ['a wrong signature', host => signed(dynamo(host), 'dynamodb')],
  ['a wrong signature, to SQS', host => signed(sqs(host), 'sqs')],
]
const typed = (host: string, target: string) => ({
  method: 'POST',
  headers: { host, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
})
const dynamo = (host: string) => typed(host, 'DynamoDB_20120810.DeleteTable')
const sqs = (host: string) => typed(host, 'AmazonSQS.ListQueues')
const signed = (sent: ReturnType<typeof typed>, service: string): Sent => ({
  ...sent,
  headers: {
    ...sent.headers,
    'x-amz-date': '20261121T120000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=local/20261121/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
  },
  body: '{"TableName":"curfew"}',
})

async function answers(port: number, attempts: typeof ATTEMPTS, path = '/'): Promise<[string, number][]> {
  const given: [string, number][] = []
  for (const [name, make] of attempts) {
    const { status, headers } = await answerOf(port, { path, ...make(`127.0.0.1:${port}`) })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    given.push([name, status])
  }
  return given
}
const all = (attempts: typeof ATTEMPTS, status: number) => attempts.map(([name]) => [name, status])

async function sdkAnswers(port: number): Promise<unknown[]> {
  const options = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  }
  const asked = [
    new DynamoDBClient(options).send(new ListTablesCommand({})),
    new SQSClient(options).send(new ListQueuesCommand({})),
  ]
  return (await Promise.allSettled(asked)).map(one =>
    one.status === 'rejected' ? one.reason.$metadata?.httpStatusCode : 'an answer',
  )
}

const portOf = (text: string, row: string) =>
  Number(new RegExp(`^ *${row} .*?http://127\\.0\\.0\\.1:(\\d+)`, 'm').exec(text)?.[1])

test.skipIf(process.platform !== 'linux')(
  'no port that the process listens on answers a web page or a wrong key, whatever they send',
  { timeout: 120_000 },
  async () => {
    const { child, text } = await aStart([])
    const sockets = listening(child.pid!)
    const [door, cloud] = [portOf(text, 'HTTP'), portOf(text, 'cloud')]
    expect(sockets.map(({ address }) => address)).toEqual(sockets.map(() => LOOPBACK))
    expect(sockets).toHaveLength(4)
    for (const { port } of sockets) expect(await answers(port, ATTEMPTS)).toEqual(all(ATTEMPTS, 403))
    const inner = sockets.map(({ port }) => port).filter(port => port !== door && port !== cloud)
    expect(inner).toHaveLength(2)
    for (const port of inner) {
      expect(await answers(port, KEYLESS)).toEqual(all(KEYLESS, 403))
      expect(await sdkAnswers(port)).toEqual([403, 403])
    }
  },
)

test.skipIf(process.platform !== 'linux')(
  'with real clouds every port wants a key or the token, and no more ports are there',
  { timeout: 120_000 },
  async () => {
    const folder = await aFolder()
    const { child, text } = await aStart(['--no-simulator'], folder)
    const [door, sockets] = [portOf(text, 'HTTP'), listening(child.pid!)]
    expect(sockets).toHaveLength(3)
    const status = async (path: string, authorization?: string) => {
      const headers = { host: `127.0.0.1:${door}`, ...(authorization ? { authorization } : {}) }
      return (await answerOf(door, { path, headers })).status
    }
    for (const { port } of sockets) {
      expect(await answers(port, ATTEMPTS)).toEqual(all(ATTEMPTS, 403))
      const answered = await answers(port, KEYLESS, port === door ? '/v1/policies' : '/')
      expect(answered).toEqual(all(KEYLESS, port === door ? 401 : 403))
    }
    const token = await readFile(join(folder, 'token'), 'utf8')
    expect(text).toMatch(new RegExp(`console +http://127\\.0\\.0\\.1:\\d+/#token=${token}\n`))
    expect(text.split(token)).toHaveLength(2)
    expect(await status('/v1/policies', `Bearer ${token}`)).toBe(200)
    // The console's page is open, and shows nothing without the token.
    for (const path of ['/v1/health', '/']) expect([path, await status(path)]).toEqual([path, 200])
    for (const name of await readdir(folder, { recursive: true }))
      expect([name, (await stat(join(folder, name))).mode & 0o077]).toEqual([name, 0])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  },
)

test.skipIf(process.platform !== 'linux')(
  'with --no-token, by choice, real clouds are managed without one',
  { timeout: 120_000 },
  async () => {
    const { text } = await aStart(['--no-simulator', '--no-token'])
    const port = portOf(text, 'HTTP')
    expect((await answerOf(port, { path: '/v1/policies' })).status).toBe(200)
    expect(text).toContain('whoever has an account on this machine may do everything')
  },
)
