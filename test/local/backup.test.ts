import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backupLines, readBackup } from '../../infra/local/backup/format.ts'
import { createLocalRoutes } from '../../infra/local/door/local-routes.ts'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { createStore } from '../../lib/aws/store/store.ts'
import { typed } from '../cli/terminal.ts'
import { aFolder } from './children.ts'
import { started } from './started.ts'

/** The data folder of a process of version 0.1.0 that was killed: three documents, a snooze, a switch, a run that failed. */
const OLD_FOLDER = 'test/local/fixtures/folder-0.1.0.tar.gz'
const OLD_RUN = 'manual.b103a377-f45e-4ca6-ab22-b285179e55fa'

async function oldFolder(): Promise<string> {
  const folder = await aFolder()
  await promisify(execFile)('tar', ['-xzf', OLD_FOLDER, '-C', folder])
  return folder
}

/** What the table of a folder says of the old run. */
async function readOldRun(folder: string) {
  const table = await startTable({ folder: join(folder, 'table') })
  const dynamo = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  const { tableName } = table
  const now = () => Date.now()
  const store = createStore({ dynamo, tableName, retentionDays: 400, now, unique: () => randomUUID() })
  const run = await store.run(OLD_RUN)
  dynamo.destroy()
  await table.close()
  return run
}

async function putDeadLetter(folder: string, MessageBody: string): Promise<void> {
  const queues = await startQueues({ folder: join(folder, 'queues') })
  const client = new SQSClient({ endpoint: queues.endpoint, ...LOCAL_AWS })
  await client.send(new SendMessageCommand({ QueueUrl: `${queues.urls.plan}-dead-letters`, MessageBody }))
  client.destroy()
  await queues.close()
}

/** A start on a folder, and what is typed beside it. */
async function aStart(folder: string) {
  const running = started(['--no-simulator', '--no-token', '--port', '0', '--data', folder])
  const text = await running.said(/Ticking each minute/)
  const [, url = ''] = /HTTP +(http:\S+)/.exec(text) ?? []
  const get = async (path: string) => (await fetch(`${url}/v1/${path}`)).json()
  const switchStopsOn = () =>
    fetch(`${url}/v1/settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stopsEnabled: true, startsEnabled: false }),
    })
  const curfew = (...args: string[]) => typed(args, { env: { CURFEW_URL: url } })
  return { running, get, switchStopsOn, curfew }
}

type Due = Record<'nextDueAt' | 'nextStartDueAt', string | null>

/** The folder may be older than due times of its policies: the first tick moves those. */
const caughtUp = (get: (path: string) => Promise<unknown>) =>
  vi.waitUntil(
    async () => {
      const { items } = (await get('policies')) as { items: Due[] }
      const now = new Date().toISOString()
      return items.every(({ nextDueAt, nextStartDueAt }) =>
        [nextDueAt, nextStartDueAt].every(at => at === null || at > now),
      )
    },
    { timeout: 30_000 },
  )

const documents = async (get: (path: string) => Promise<unknown>) => ({
  policies: await get('policies'),
  connections: await get('connections'),
  changes: await get('policies/metal/changes'),
})

test('a folder of the last version is read, backed up while it runs, and restored with everything switched off', async () => {
  const [folder, restored] = [await oldFolder(), join(await aFolder(), 'restored')]
  const backup = join(await aFolder(), 'curfew.backup')
  await putDeadLetter(folder, '{"old":"form"}')
  const oldRun = await readOldRun(folder)
  expect(oldRun).toMatchObject({ policyId: 'night', status: 'failed' })

  const first = await aStart(folder)
  await caughtUp(first.get)
  const before = await documents(first.get)
  expect(before.policies).toMatchObject({
    items: [
      { id: 'metal', snoozeReason: 'the lab is in use', mode: 'hard' },
      { id: 'night', start: { cron: '0 7 * * 1-5' }, limits: { maxServers: 200 } },
    ],
  })
  expect(before.changes).toMatchObject({ items: [{ what: 'snoozed' }, { what: 'created', actor: 'local' }] })
  expect(await first.get('settings')).toMatchObject({ stopsEnabled: true, startsEnabled: false })

  const letters = await first.curfew('dead-letters')
  expect(letters.out).toMatch(/^STEP +SENT +MESSAGE\nplan +\S+.* +\{"old":"form"\}$/)
  expect((await first.curfew('dead-letters', '--send-again')).out).toBe('1 sent again.')
  expect((await first.curfew('dead-letters')).out).toBe('There is no dead letter.')

  const nowhere = join(folder, 'gone', 'curfew.backup')
  expect((await first.curfew('backup', nowhere)).err).toContain(`${nowhere} cannot be written: ENOENT`)
  const made = await first.curfew('backup', backup)
  expect([made.code, made.err]).toEqual([0, ''])
  expect((await stat(backup)).mode & 0o777).toBe(0o600)
  first.running.child.kill('SIGKILL')
  await first.running.ended

  const args = ['--restore', backup, '--data', restored]
  const filled = await started(args).ended
  expect([filled.code, filled.text]).toEqual([
    0,
    expect.stringContaining('Stops and starts are switched off.'),
  ])
  expect(await readOldRun(restored)).toEqual(oldRun)
  const again = await started(args).ended
  expect([again.code, again.text]).toEqual([2, expect.stringContaining('expected a new data folder')])
  const second = await aStart(restored)
  expect(await second.get('settings')).toMatchObject({ stopsEnabled: false, startsEnabled: false })
  await second.switchStopsOn()
  expect(await documents(second.get)).toEqual(before)
  second.running.child.kill('SIGTERM')
  await second.running.ended
})

test('a backup holds the table as it was at one moment, whatever is written meanwhile', async () => {
  const table = await startTable({ folder: join(await aFolder(), 'table') })
  const client = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  onTestFinished(async () => {
    client.destroy()
    await table.close()
  })
  const put = (pk: string) =>
    client.send(new PutItemCommand({ TableName: table.tableName, Item: { pk: { S: pk }, sk: { S: 'x' } } }))
  for (let count = 0; count < 50; count++) await put(`before-${count}`)
  const seen: string[] = []
  for await (const [key, value] of table.rows()) {
    if (!key.startsWith('item-')) continue
    if (seen.length === 0) for (let count = 0; count < 50; count++) await put(`later-${count}`)
    seen.push((value as { pk: { S: string } }).pk.S)
  }
  expect(seen.filter(pk => pk.startsWith('later'))).toEqual([])
  expect(seen).toHaveLength(50)
})

async function aBackup(): Promise<Buffer> {
  async function* rows() {
    yield ['item-curfew~a', { pk: { S: 'a' } }] as [string, unknown]
  }
  const state = { simulator: false, openstack: false, projects: 1, sampleAt: null }
  const lines: string[] = []
  for await (const line of backupLines({ rows: rows(), state, madeAt: new Date(0) })) lines.push(line)
  return gzipSync(lines.join(''))
}

/** All of it at once. */
async function readWhole(bytes: Buffer) {
  const { rows, ...about } = await readBackup(Readable.from([bytes]), 'f')
  return { ...about, rows: await Array.fromAsync(rows) }
}

test('a backup is read as it comes, lest one be too long to be read at all', async () => {
  const lines = gunzipSync(await aBackup())
    .toString()
    .split('\n')
  const begun = new PassThrough()
  const gzip = createGzip()
  gzip.pipe(begun)
  gzip.write([lines[0], lines[1], lines[1], ''].join('\n'))
  gzip.flush()
  const { rows } = await readBackup(begun, 'f')
  const reading = rows[Symbol.asyncIterator]()
  expect(await reading.next()).toMatchObject({ value: ['item-curfew~a', {}] })
  gzip.end('{"rows":2}')
  expect(await reading.next()).toMatchObject({ value: ['item-curfew~a', {}] })
  expect(await reading.next()).toMatchObject({ done: true })
})

test('an error while a backup is made ends that alone, and whoever leaves early leaves nothing open', async () => {
  let closed = 0
  async function* rows(): AsyncGenerator<[string, unknown]> {
    try {
      for (let row = 0; row < 1000; row++) yield [`item-${row}`, randomUUID().repeat(1000)]
      throw new Error('the disk is gone')
    } finally {
      closed++
    }
  }
  const state = { simulator: false, openstack: false, projects: 1, sampleAt: null }
  const queues = { deadLetters: () => [], redrive: async () => 0 }
  const metrics = { text: async () => '', contentType: 'text/plain', close: () => undefined }
  const routes = createLocalRoutes({ metrics, table: { rows }, queues, state })
  const backup = routes.find(({ path }) => path === '/v1/local/backup')
  const streamOf = async () => {
    const answer = await backup!.run()
    return 'stream' in answer ? answer.stream : null
  }
  const read = async (stream: Readable | null, most: number) => {
    let bytes = 0
    for await (const part of stream ?? []) {
      bytes += part.length
      if (bytes > most) break
    }
  }
  await expect(read(await streamOf(), Number.POSITIVE_INFINITY)).rejects.toThrow('the disk is gone')
  await read(await streamOf(), 10_000)
  await expect.poll(() => closed).toBe(2)
})

test('a backup that is not whole, or none, is refused before anything is kept', async () => {
  const whole = await aBackup()
  expect(await readWhole(whole)).toMatchObject({
    madeAt: '1970-01-01T00:00:00.000Z',
    rows: [['item-curfew~a', {}]],
  })
  const lines = gunzipSync(whole).toString().trimEnd().split('\n')
  const newer = lines[0]!.replace('"format":1', '"format":2')
  for (const [bytes, why] of [
    [whole.subarray(0, -9), 'unexpected end of file'],
    [gzipSync(lines.slice(0, -1).join('\n')), 'expected object, received array'],
    [gzipSync([lines[0], lines[2]].join('\n')), 'expected 1 rows, got 0'],
    [gzipSync([newer, ...lines.slice(1)].join('\n')), 'format: Invalid input: expected 1'],
    [Buffer.from('no backup'), 'incorrect header check'],
    [Buffer.alloc(0), 'unexpected end of file'],
  ] as const) {
    const told = await readWhole(bytes).then(String, String)
    expect(told).toMatch(/f: expected a whole backup .* cannot be read/)
    expect(told).toContain(why)
  }
  const [file, folder] = [join(await aFolder(), 'torn'), join(await aFolder(), 'new')]
  await writeFile(file, whole.subarray(0, -9))
  expect((await started(['--restore', file, '--data', folder]).ended).code).toBe(1)
  await expect(readFile(join(folder, 'curfew.json'))).rejects.toThrow('ENOENT')
  await expect(stat(join(folder, 'table.new'))).rejects.toThrow('ENOENT')
})

test('a backup that came torn is not kept, and the one before it is', async () => {
  const whole = gzipSync('{"curfew":"backup"}\n["a",{}]\n["b",{}]\n{"rows":2}\n')
  let sent: Buffer = whole
  let send = (answer: ServerResponse) => void answer.end(sent)
  const server = createServer((_, answer) => send(answer)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const file = join(await aFolder(), 'monday')
  const backUp = () => typed(['backup', file], { env: { CURFEW_URL: `http://127.0.0.1:${port}` } })
  expect((await backUp()).code).toBe(0)
  const torn = [
    whole.subarray(0, -20),
    gzipSync('{"curfew":"backup"}\n["a",{}]\n["b",{}]\n'),
    gzipSync('{"curfew":"backup"}\n["a",{}]\n{"rows":2}\n'),
    Buffer.from('<html>a login</html>'),
  ]
  for (const part of torn) {
    sent = part
    const { code, err } = await backUp()
    expect([code, err]).toEqual([1, expect.stringContaining('expected a whole backup')])
    expect(await readFile(file)).toEqual(whole)
  }
  send = answer => void answer.write(whole, () => answer.destroy())
  expect(await backUp()).toMatchObject({ code: 1, err: expect.stringContaining('expected a whole backup') })
  expect(await readFile(file)).toEqual(whole)
})
