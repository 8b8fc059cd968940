/** Curfew as it is deployed: the archives that are uploaded, each in a process of its own, on embedded table and queues. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { bundle } from '../../infra/build/bundle.ts'
import { FUNCTIONS } from '../../infra/build/functions.ts'
import { startGateway } from '../../infra/local/door/gateway.ts'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import { createRunner } from '../../infra/local/runner/runner.ts'
import { type FunctionName, functionSettings } from '../../infra/local/templates.ts'
import { type SeedServer, type Switches, startSimulator } from '../../infra/simulator/index.ts'
import { createStore } from '../../lib/aws/store/store.ts'
import { startAws } from '../aws/wire.ts'
import { KEY } from '../flow/world.ts'
import type { Shown } from '../http/world.ts'
import { unpacked } from '../infra/archive.ts'
import { aConnection } from '../makers.ts'
import { type Lambda, startLambda } from './lambda.ts'

interface InstallationOptions {
  servers?: SeedServer[]
  switches?: Partial<Switches>
}
export type Installation = Awaited<ReturnType<typeof startInstallation>>

/** The archive of each function, unpacked as Lambda does; gives the folders. */
async function deployed(folder: string): Promise<Record<FunctionName, string>> {
  const folders = await Promise.all(
    FUNCTIONS.map(async one => {
      await bundle({ ...one, folder: join(folder, 'build') })
      const task = join(folder, 'task', one.name)
      await mkdir(task, { recursive: true })
      for (const { name, text } of await unpacked(await readFile(join(folder, `build/${one.name}.zip`)))) {
        await mkdir(dirname(join(task, name)), { recursive: true })
        await writeFile(join(task, name), text)
      }
      return [one.name, task]
    }),
  )
  return Object.fromEntries(folders)
}

export async function startInstallation({ servers = [], switches = {} }: InstallationOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-bundle-'))
  const folders = await deployed(folder)
  const [table, queues, aws] = await Promise.all([
    startTable({ folder: null }),
    startQueues({ folder: null }),
    startAws(),
  ])
  const { projectId } = aConnection()
  const simulator = await startSimulator({ projectId, keys: [KEY], servers, switches })
  const variables = {
    AWS_ACCESS_KEY_ID: LOCAL_AWS.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_AWS.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_SQS: queues.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: aws.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    AWS_ENDPOINT_URL_SSM: aws.endpoint,
    TABLE_NAME: table.tableName,
    PLAN_QUEUE_URL: queues.urls.plan,
    STOP_QUEUE_URL: queues.urls.stop,
    FOLLOW_QUEUE_URL: queues.urls.follow,
    NOTIFY_QUEUE_URL: queues.urls.notify,
    EVENT_BUS_NAME: 'default',
    METRICS_NAMESPACE: 'Curfew',
    ALLOWED_ENDPOINT_HOSTS: '127.0.0.1',
    FOLLOW_FIRST_SECONDS: '1',
    FOLLOW_MAX_SECONDS: '1',
  }
  const dynamo = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  const { tableName } = table
  const store = createStore({ dynamo, tableName, retentionDays: 1, now: Date.now, unique: randomUUID })
  const settings = functionSettings()
  const lambda = async (name: FunctionName): Promise<Lambda> => {
    const { timeoutSeconds } = settings[name]
    return startLambda({ name: `curfew-test-${name}`, folder: folders[name], timeoutSeconds, variables })
  }
  const [tick, plan, stop, follow, notify, http] = await Promise.all(
    (['tick', 'plan', 'stop', 'follow', 'notify', 'http'] as const).map(lambda),
  )
  const lambdas = { tick: tick!, plan: plan!, stop: stop!, follow: follow!, notify: notify!, http: http! }
  const troubles: string[] = []
  const trouble = (where: string, error: unknown) => void troubles.push(`${where}: ${error}`)
  const handlers: Handlers = {
    tick: event => lambdas.tick.invoke(event),
    plan: event => lambdas.plan.invoke(event),
    stop: event => lambdas.stop.invoke(event),
    follow: event => lambdas.follow.invoke(event),
    notify: event => lambdas.notify.invoke(event),
    http: event => lambdas.http.invoke(event),
  }
  const runner = createRunner({ handlers, queues, trouble })
  const gateway = await startGateway({ handler: handlers.http, port: 0, trouble })

  /** A request as API Gateway passes it on. */
  async function ask(method: string, path: string, body?: object) {
    const sent = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${gateway.url}${path}`, { method, ...sent })
    return { status: response.status, body: (await response.json()) as Shown }
  }

  return {
    table,
    queues,
    aws,
    simulator,
    lambdas,
    runner,
    troubles,
    ask,
    url: gateway.url,

    /** Makes connection `prod` to the simulated cloud, with its key in Secrets Manager. */
    async connect(ecsServersPerMinute: number | null): Promise<void> {
      aws.secrets.set('curfew/key', JSON.stringify(KEY))
      const { status } = await ask('PUT', '/v1/connections/prod', {
        api: 'huaweicloud',
        region: 'cn-north-4',
        projectId,
        endpoints: { ecs: simulator.url, bms: simulator.url, iam: simulator.url, as: simulator.url },
        credentials: { source: 'secretsManager', name: 'curfew/key' },
        maxServersPerMinute: { ecs: ecsServersPerMinute, bms: null },
      })
      if (status !== 201) throw new Error(`expected the connection to be made, got ${status}`)
    },

    /** As if a policy's due time had come. */
    async makeDue(policyId: string, dueAt: string): Promise<void> {
      const policy = (await store.policy(policyId))!
      const due = { nextDueAt: dueAt, nextStartDueAt: policy.nextStartDueAt }
      if (!(await store.advancePolicy(policy, due))) throw new Error(`${policyId} moved meanwhile`)
    },

    /** Lines that all functions wrote. */
    lines: () => Object.values(lambdas).flatMap(({ lines }) => lines),

    async close(): Promise<void> {
      await Promise.all([runner.close(), gateway.close()])
      await Promise.all(Object.values(lambdas).map(one => one.close()))
      dynamo.destroy()
      await Promise.all([table.close(), queues.close(), aws.close(), simulator.close()])
      await rm(folder, { recursive: true })
    },
  }
}
