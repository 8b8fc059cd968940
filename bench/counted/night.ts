/**
 * One policy's run over a pretended fleet, with everything that can be counted counted: Curfew's own functions and adapters on an
 * embedded table and queues, on a clock that is moved from one event to the next. The same figures come in every run.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { type Queues, startQueues } from '../../infra/local/emulators/queues.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import { createRunner } from '../../infra/local/runner/runner.ts'
import { STEPS } from '../../infra/local/templates.ts'
import { createStore, type Store } from '../../lib/aws/store/store.ts'
import { ChunkMessage } from '../../lib/core/model/chunk.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { NotifyMessage } from '../../lib/core/notify/notify.ts'
import { addressProblem } from '../../lib/core/notify/webhook-address.ts'
import { PlanMessage } from '../../lib/core/plan/plan.ts'
import { readConfig } from '../../lib/runtime/config.ts'
import { each, queueHandler, timerHandler } from '../../lib/runtime/handler.ts'
import { follow } from '../../lib/steps/follow/follow.ts'
import { notify } from '../../lib/steps/notify/notify.ts'
import { plan } from '../../lib/steps/plan/plan.ts'
import { stop } from '../../lib/steps/stop/stop.ts'
import { tick } from '../../lib/steps/tick/tick.ts'
import { createServices, type Services } from '../../test/services.ts'
import { startCloud } from '../cloud/server.ts'
import { ordinary, type Settings } from '../cloud/settings.ts'
import type { Seen } from '../cloud/state.ts'
import { aConnection, aPolicy } from '../curfew/documents.ts'
import { stillClock } from './clock.ts'
import { withCountedLog } from './log.ts'
import { type Counted, type Meter, meter } from './meter.ts'

const START = Date.parse('2026-11-20T20:00:00Z')
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SECRETS = {
  HUAWEICLOUD_SDK_AK: 'AKBENCH0000000000000',
  HUAWEICLOUD_SDK_SK: 'benchSecretKey0123456789abcdefghijklmnop',
}

export interface NightOptions {
  cloud?: Partial<Settings>
  /** Ids a minute that the connection is configured with; null, the default: no limit. */
  perMinute?: number | null
  environment?: Record<string, string>
  /** How long is counted: until the run has ended, or until its servers were looked at once more, an hour later. */
  until?: 'ended' | 'rechecked'
  /** Nights before the one that is counted; in each a fiftieth of the targets are others than the night before. */
  nightsBefore?: number
}

export interface Night {
  run: Run
  /** From the run's due time until it has ended. */
  seconds: number
  counted: Counted
  seen: Seen
  /** Calls of each function. */
  invocations: Record<string, number>
  /** What the functions log at level info. */
  logBytes: number
}

export interface Line {
  /** Not counted. */
  store: Store
  meter: Meter
  invocations: Record<string, number>
  logBytes: () => number
  cloudSeen: () => Seen
  cloudUrl: string
  tick: () => Promise<void>
  /** The next evening comes, a look at the run's servers behind it. */
  nextNight(run: Run): Promise<void>
  /** Lets time pass until the newest run is so far. Throws when it is not after a day. */
  run(isSoFar: (run: Run) => boolean): Promise<Run>
  close(): Promise<void>
}

function counting(services: Services, invocations: Record<string, number>): Handlers {
  const live = () => services
  const handlers = {
    tick: timerHandler(tick, live),
    plan: queueHandler(PlanMessage, each(plan), live),
    stop: queueHandler(ChunkMessage, each(stop), live),
    follow: queueHandler(ChunkMessage, follow, live),
    notify: queueHandler(NotifyMessage, each(notify), live),
  }
  const counted = Object.entries(handlers).map(([name, handler]) => [
    name,
    (...called: Parameters<typeof handler>) => {
      invocations[name] = (invocations[name] ?? 0) + 1
      return (handler as (...called: unknown[]) => unknown)(...called)
    },
  ])
  return Object.fromEntries(counted) as unknown as Handlers
}

/** The next instant at which something can happen: a message becomes visible, or the timer fires. */
function nextInstant(queues: Queues): number {
  const now = Date.now()
  const minute = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS
  const hidden = STEPS.flatMap(step => queues.inspect(step).hidden.map(({ visibleAtMs }) => visibleAtMs))
  return Math.min(minute, ...hidden.filter(ms => ms > now))
}

/** The whole line in this process, its clock standing still at `START`. */
export async function startLine({ cloud = {}, environment = {} }: NightOptions): Promise<Line> {
  const clock = stillClock(START)
  const [table, queues, pretended] = await Promise.all([
    startTable({ folder: null }),
    startQueues({ folder: null }),
    startCloud({ ...ordinary(), latencyMs: 0, jobMs: 33_000, ...cloud }),
  ])
  const config = readConfig({
    TABLE_NAME: table.tableName,
    PLAN_QUEUE_URL: queues.urls.plan,
    STOP_QUEUE_URL: queues.urls.stop,
    FOLLOW_QUEUE_URL: queues.urls.follow,
    NOTIFY_QUEUE_URL: queues.urls.notify,
    ALLOWED_ENDPOINT_HOSTS: '127.0.0.1,localhost',
    LOG_LEVEL: 'silent',
    ...SECRETS,
    ...environment,
  })
  const dynamo = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  const uncounted = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  const sqs = new SQSClient({ endpoint: queues.endpoint, ...LOCAL_AWS })
  const eventBridge = new EventBridgeClient({ ...LOCAL_AWS })
  const { services, bytes, forget } = withCountedLog(
    createServices(config, { dynamo, sqs, eventBridge }, { random: () => 0, addressProblem }),
  )
  const invocations: Record<string, number> = {}
  const counted = meter({ dynamo, sqs })
  const runner = createRunner({ handlers: counting(services, invocations), queues })
  const store = createStore({
    dynamo: uncounted,
    tableName: table.tableName,
    retentionDays: config.retentionDays,
    now: () => Date.now(),
    unique: () => String(Date.now()),
  })

  async function step(): Promise<void> {
    const next = nextInstant(queues)
    clock.set(next)
    if (next % MINUTE_MS === 0) await runner.tick()
    await runner.drain()
  }

  return {
    store,
    meter: counted,
    invocations,
    logBytes: bytes,
    cloudSeen: pretended.seen,
    cloudUrl: pretended.url,
    tick: runner.tick,
    async nextNight(run) {
      await store.looked(run, { lookedAt: new Date().toISOString(), nextAt: null })
      clock.set(Date.parse(run.dueAt) + DAY_MS)
      pretended.nextNight()
      for (const name of Object.keys(invocations)) invocations[name] = 0
      forget()
      counted.take()
    },
    async run(isSoFar) {
      await runner.drain()
      for (const last = Date.now() + 24 * 60 * MINUTE_MS; Date.now() < last; ) {
        const [run] = (await store.runs({ most: 1 })).items
        if (run && isSoFar(run)) return run
        await step()
      }
      throw new Error('the run was not so far after a day')
    },
    async close() {
      await runner.close()
      for (const client of [dynamo, uncounted, sqs, eventBridge]) client.destroy()
      await Promise.all([table.close(), queues.close(), pretended.close()])
      clock.end()
    },
  }
}

/** Has one policy over the whole fleet due, and the tick that finds it so. */
export async function begin({ store, cloudUrl, tick }: Line, perMinute: number | null = null): Promise<void> {
  const pace = perMinute === null ? null : { stops: perMinute / 1000, seconds: 60 }
  await store.saveConnection(aConnection({ cloudUrl, project: 'p0', pace }, START), null)
  await store.savePolicy(aPolicy({ kind: 'ecs' }, START), null)
  await tick()
}

export async function night(options: NightOptions): Promise<Night> {
  const line = await startLine(options)
  await begin(line, options.perMinute)
  for (let before = 0; before < (options.nightsBefore ?? 0); before++) {
    await line.nextNight(await line.run(isEnded))
    await line.tick()
  }
  const isSoFar = (run: Run): boolean =>
    options.until === 'rechecked' ? run.recheckedAt !== undefined : isEnded(run)
  const run = await line.run(isSoFar)
  const counted = line.meter.take()
  const { invocations } = line
  const logBytes = line.logBytes()
  const seen = line.cloudSeen()
  await line.close()
  return {
    run,
    seconds: (Date.parse(run.endedAt!) - Date.parse(run.dueAt)) / 1000,
    counted,
    seen,
    invocations,
    logBytes,
  }
}
