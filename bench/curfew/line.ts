/**
 * Curfew as a contestant: this process is AWS (table, queues, timer), not measured; the functions run in processes that are, as
 * they are deployed. One policy over the whole fleet is due at once; when its run has ended, what it says of itself is printed.
 *   SPLIT=yes   each call at a time in a process of its own, as on Lambda; else all functions in one
 */
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { embeddedEnvironment } from '../../infra/local/environment.ts'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import { createRunner } from '../../infra/local/runner/runner.ts'
import { functionSettings } from '../../infra/local/templates.ts'
import { createStore } from '../../lib/aws/store/store.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { askedOf, say } from '../peers/asked.ts'
import { startHost, startHosts } from './calls.ts'
import { aConnection, aPolicy } from './documents.ts'

const LOOK_MS = 20
const asked = askedOf(process.env)
const folder = process.env.BUNDLES ?? '.build/bench'
const split = process.env.SPLIT === 'yes'
const words = (name: string): string[] => (process.env[name] ?? '').split(' ').filter(Boolean)

const table = await startTable({ folder: null })
const queues = await startQueues({ folder: null })
const dynamo = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
const now = () => Date.now()
const store = createStore({
  dynamo,
  tableName: table.tableName,
  retentionDays: 400,
  now,
  unique: () => String(now()),
})

const environment = {
  ...process.env,
  ...embeddedEnvironment({ table, queues }),
  ALLOWED_ENDPOINT_HOSTS: '127.0.0.1,localhost',
  HUAWEICLOUD_SDK_AK: asked.accessKey,
  HUAWEICLOUD_SDK_SK: asked.secretKey,
  FOLLOW_FIRST_SECONDS: String(Math.ceil(asked.pollMs / 1000)),
}

const settings = functionSettings()
const start = (name: string) =>
  startHost({
    program: join(folder, 'host.mjs'),
    launcher: words('MEASURED_LAUNCHER'),
    flags: words('MEASURED_FLAGS'),
    env: { ...environment, PROBE_NAME: name, BUNDLE: join(process.cwd(), folder, name, 'index.mjs') },
    line: text => {
      if (/"level":"(ERROR|WARN)"/.test(text)) process.stderr.write(`${text}\n`)
    },
  })
const names = ['tick', 'plan', 'stop', 'follow', 'notify'] as const
const whole = split ? null : await start('functions')
const hosts = names.map(name => [name, whole ?? startHosts(() => start(name))] as const)
const handlers = Object.fromEntries(
  hosts.map(([name, host]) => [
    name,
    (event: unknown) => host.call({ name, event, settings: settings[name] }),
  ]),
) as unknown as Handlers

await store.saveConnection(aConnection(asked), null)
await store.savePolicy(aPolicy({ kind: asked.kind }, now()), null)
const runner = createRunner({ handlers, queues, retrySeconds: null })
const begunMs = performance.now()
runner.start()
const run = await ended()
const workMs = performance.now() - begunMs
const { targets, stopped, failed, unconfirmed } = run.summary
say({ listed: run.fleet, targets, stopped, failed: failed + unconfirmed, workMs })
await runner.close()
await Promise.all(new Set(hosts.map(([, host]) => host)).values().map(host => host.end()))
process.exit(0)

async function ended(): Promise<Run> {
  for (;;) {
    const { items } = await store.runs({ most: 1 })
    if (items[0] && isEnded(items[0])) return items[0]
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
  }
}
