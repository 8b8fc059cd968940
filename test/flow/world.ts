/** A whole Curfew on real wires in a pretended world: embedded table and queues, a simulated cloud, a clock that tests move. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { vi } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { ownClient } from '../../infra/local/emulators/own-clients.ts'
import { startQueues } from '../../infra/local/emulators/queues.ts'
import { embeddedEnvironment } from '../../infra/local/environment.ts'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import { createRunner, type Message } from '../../infra/local/runner/runner.ts'
import { STEPS } from '../../infra/local/templates.ts'
import {
  type SeedGroup,
  type SeedProject,
  type SeedServer,
  type Switches,
  startSimulator,
} from '../../infra/simulator/index.ts'
import { DUE, dueInstant } from '../../lib/aws/keys.ts'
import { createTable } from '../../lib/aws/table.ts'
import { ChunkMessage } from '../../lib/core/model/chunk.ts'
import type { StoredConnection } from '../../lib/core/model/connection.ts'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import { FIRST_OUTCOME } from '../../lib/core/model/outcome.ts'
import { isEnded, type Run, wantsTold } from '../../lib/core/model/run.ts'
import { NotifyMessage } from '../../lib/core/notify/notify.ts'
import { addressProblem as problemOf } from '../../lib/core/notify/webhook-address.ts'
import { PlanMessage } from '../../lib/core/plan/plan.ts'
import { readConfig } from '../../lib/runtime/config.ts'
import { each, queueHandler, timerHandler } from '../../lib/runtime/handler.ts'
import { follow } from '../../lib/steps/follow/follow.ts'
import { notify } from '../../lib/steps/notify/notify.ts'
import { plan } from '../../lib/steps/plan/plan.ts'
import { stop } from '../../lib/steps/stop/stop.ts'
import { tick } from '../../lib/steps/tick/tick.ts'
import { startTestTable } from '../aws/test-table.ts'
import { startAws } from '../aws/wire.ts'
import { aChange, aConnection, aPolicy, aRun, at, START } from '../makers.ts'
import { createServices, type Services } from '../services.ts'
import type { Deaths } from './deaths.ts'

export const KEY = {
  accessKey: 'AKFLOW00000000000000',
  secretKey: 'flowSecretKey0123456789abcdefghijklmnopq',
}
export const LOGIN = { username: 'flow', password: 'flowPassword0', domainName: 'Default' }
const MINUTE_MS = 60_000

export interface WorldOptions {
  servers?: SeedServer[]
  scalingGroups?: SeedGroup[]
  /** Projects beside the one of the servers. */
  projects?: SeedProject[]
  switches?: Partial<Switches>
  environment?: Record<string, string>
  /** Why no webhook may be sent to an address; public ones alone, unless a test says otherwise. */
  addressProblem?: (address: string) => string | null
  /** What becomes of messages on their way to a step. */
  deliver?: (messages: Message[]) => Message[]
  /** Changes the services before any step sees them. */
  rig?: (services: Services) => Services
  /** Lets processes die: made over the clients through which they touch the world. */
  deaths?: (clients: [DynamoDBClient, SQSClient, EventBridgeClient]) => Deaths
  /** Two ticks at each full minute, at once. */
  doubleTicks?: boolean
  /** After how many seconds a failed message comes again; 0 = at once. */
  retrySeconds?: number | null
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** A rig that changes the store alone. */
export const rigStore =
  (change: (services: Services) => Partial<Services['store']>) =>
  (services: Services): Services => ({ ...services, store: { ...services.store, ...change(services) } })

export async function createWorld({
  servers = [],
  scalingGroups = [],
  projects = [],
  switches = {},
  environment = {},
  addressProblem = problemOf,
  deliver,
  rig,
  deaths,
  retrySeconds = 0,
  doubleTicks = false,
}: WorldOptions = {}) {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  const table = await startTestTable()
  const queues = await startQueues({ folder: null })
  const aws = await startAws()
  const embedded = embeddedEnvironment({ table, queues })
  // Clients that are made only when a secret is read find their way by these.
  const variables = {
    ...embedded,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.endpoint,
    AWS_ENDPOINT_URL_SSM: aws.endpoint,
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const projectId = aConnection().projectId
  const simulator = await startSimulator({
    projectId,
    keys: [KEY],
    logins: [{ ...LOGIN }],
    servers,
    scalingGroups,
    projects,
    switches,
  })
  const config = readConfig({
    ...embedded,
    EVENT_BUS_NAME: 'default',
    ALLOWED_ENDPOINT_HOSTS: '127.0.0.1,localhost',
    HUAWEICLOUD_SDK_AK: KEY.accessKey,
    HUAWEICLOUD_SDK_SK: KEY.secretKey,
    OS_USERNAME: LOGIN.username,
    OS_PASSWORD: LOGIN.password,
    OS_USER_DOMAIN_NAME: LOGIN.domainName,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...environment,
  })
  const dynamo = new DynamoDBClient(ownClient(table.endpoint))
  const sqs = new SQSClient(ownClient(queues.endpoint))
  const eventBridge = new EventBridgeClient({ endpoint: aws.endpoint, ...LOCAL_AWS })
  // Full jitter at its least: nobody waits in real time.
  const surroundings = { random: () => 0, addressProblem, metadataOrigin: simulator.url }
  const createOwn = () => createServices(config, { dynamo, sqs, eventBridge }, surroundings)
  const services = createOwn()
  const mortality = deaths?.([dynamo, sqs, eventBridge])
  /** As on Lambda, each function has services of its own. */
  const rigged = (own = createOwn()) => {
    return () => [rig, mortality?.rig].reduce((rigging, one) => one?.(rigging) ?? rigging, own)
  }
  const troubles: unknown[] = []
  const immortal = {
    tick: timerHandler(tick, rigged()),
    plan: queueHandler(PlanMessage, each(plan), rigged()),
    stop: queueHandler(ChunkMessage, each(stop), rigged()),
    follow: queueHandler(ChunkMessage, follow, rigged()),
    notify: queueHandler(NotifyMessage, each(notify), rigged()),
    http: async () => ({ statusCode: 404 }),
  } as unknown as Handlers
  const handlers = mortality?.mortal(immortal) ?? immortal
  const runner = createRunner({
    handlers,
    queues,
    trouble: (_, error) => void troubles.push(error),
    retrySeconds,
    ...(deliver ? { deliver } : {}),
  })
  const { store } = services
  // Not the functions' own: what they ask is counted, and lets them die.
  const lookoutClient = new DynamoDBClient(ownClient(table.endpoint))
  const lookout = createTable(lookoutClient, table.tableName)
  const { url } = simulator
  const endpoints = { ecs: url, bms: url, iam: url, as: url, sts: url, bss: url }

  /** The first full minute from this one on at which a tick finds something due. */
  async function nextDueMinute(nextMinute: number): Promise<number> {
    const { items } = await lookout.query({ index: 'due', hash: ['dueKey', DUE], most: 1 })
    if (items[0] === undefined) return Infinity
    const dueMs = Date.parse(dueInstant(String(items[0].dueAt)))
    return dueMs > nextMinute ? Math.ceil(dueMs / MINUTE_MS) * MINUTE_MS : nextMinute
  }

  /** The next instant at which something can happen: a message becomes visible, or a tick finds something due. */
  async function nextInstant(until: number): Promise<number> {
    const nextMinute = (Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS
    const hidden = STEPS.flatMap(step => queues.inspect(step).hidden.map(({ visibleAtMs }) => visibleAtMs))
    const awaited = Math.min(until, ...hidden.filter(visibleAtMs => visibleAtMs > Date.now()))
    return awaited <= nextMinute ? awaited : Math.min(awaited, await nextDueMinute(nextMinute))
  }

  async function step(until: number): Promise<void> {
    const next = await nextInstant(until)
    vi.setSystemTime(next)
    const ticks = next % MINUTE_MS === 0 ? (doubleTicks ? 2 : 1) : 0
    const ticked = await Promise.allSettled(Array.from({ length: ticks }, () => runner.tick()))
    troubles.push(...ticked.flatMap(one => (one.status === 'rejected' ? [one.reason] : [])))
    await runner.drain()
  }

  return {
    mortality,
    table,
    queues,
    aws,
    simulator,
    services,
    store,
    runner,
    handlers,
    troubles,
    dynamo,
    sqs,

    async connection(overrides: Record<string, unknown> = {}): Promise<StoredConnection> {
      const connection = aConnection({
        endpoints: overrides.api === 'openstack' ? simulator.openstack : endpoints,
        maxServersPerMinute: { ecs: null, bms: null },
        ...overrides,
      })
      await store.saveConnection(connection, null)
      return connection
    },
    /** Gives a connection a field that no version knows, so that it cannot be read; returns it as it was. */
    async damageConnection(id: string): Promise<StoredConnection> {
      const connection = (await store.connection(id))!
      const damaged: object = { ...connection, unheard: 1 }
      await store.saveConnection(damaged as StoredConnection, connection.version, aChange())
      return connection
    },
    async policy(overrides: Record<string, unknown> = {}): Promise<StoredPolicy> {
      const policy = aPolicy(overrides)
      await store.savePolicy(policy, null)
      return policy
    },
    /** A manual run of a policy, as HTTP makes it. */
    async manualRun(policy: StoredPolicy, overrides: Partial<Run> = {}): Promise<string> {
      const id = `manual.${services.unique()}`
      const now = at(Date.now())
      const { connection, kind, id: policyId } = policy
      const manual = {
        trigger: 'manual' as const,
        actor: 'tester',
        status: 'pending' as const,
        planning: 0,
        owner: '',
      }
      const run = aRun({
        id,
        policyId,
        connection,
        kind,
        ...wantsTold(policy),
        ...manual,
        dueAt: now,
        createdAt: now,
        ...overrides,
      })
      await store.createRun(run, policy, at(Date.now() + MINUTE_MS))
      await services.queue.plan({ runIds: [id] })
      return id
    },
    /**
     * Lets time pass: messages are worked on when they become visible, the timer ticks at each full minute at which
     * something is due, or somebody looks. All that a tick does at others is to note the time.
     */
    async pass(minutes: number): Promise<void> {
      await runner.drain()
      for (const end = Date.now() + minutes * MINUTE_MS; Date.now() < end; ) await step(end)
    },
    /** Lets time pass until something is so, at most so many minutes. */
    async until(isSo: () => boolean | Promise<boolean>, mostMinutes: number): Promise<void> {
      await runner.drain()
      for (const end = Date.now() + mostMinutes * MINUTE_MS; Date.now() < end && !(await isSo()); )
        await step(end)
    },
    /** Lets time pass until every one of these runs has ended, at most so many minutes. */
    async ended(runIds: string[], mostMinutes = 24 * 60): Promise<Run[]> {
      await runner.drain()
      const end = Date.now() + mostMinutes * MINUTE_MS
      for (;;) {
        const runs = await Promise.all(runIds.map(id => store.run(id)))
        if (runs.every(run => run !== null && isEnded(run))) return runs as Run[]
        if (Date.now() >= end)
          throw new Error(`not ended after ${mostMinutes} minutes: ${JSON.stringify(runs)}`)
        await step(end)
      }
    },
    /** Every outcome of a run, by the server's id. */
    async outcomes(run: Run): Promise<Map<string, Outcome>> {
      const all: Outcome[] = []
      const planning = { runId: run.id, planning: run.planning }
      for await (const part of store.outcomes(planning, FIRST_OUTCOME))
        all.push(...part.map(({ outcome }) => outcome))
      if (new Set(all.map(one => one.serverId)).size !== all.length)
        throw new Error('a server has two outcomes')
      return new Map(all.map(one => [one.serverId, one]))
    },
    async close(): Promise<void> {
      await runner.close()
      dynamo.destroy()
      lookoutClient.destroy()
      sqs.destroy()
      eventBridge.destroy()
      await Promise.all([table.close(), queues.close(), aws.close(), simulator.close()])
      vi.unstubAllEnvs()
      vi.useRealTimers()
    },
  }
}

/** Plainly numbered servers, some of them made otherwise. */
export function fleet(count: number, special: Record<number, Partial<SeedServer>> = {}): SeedServer[] {
  return Array.from({ length: count }, (_, number) => ({
    kind: 'ecs' as const,
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name: `dev-${number}`,
    ...special[number],
  }))
}
