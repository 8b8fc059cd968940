/** Makes the adapters: the one place where configuration, clock and chance come in. */
import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createEvents, type Tell } from '../aws/events.ts'
import { createQueue, type Queue } from '../aws/queue.ts'
import { createSecrets } from '../aws/secrets.ts'
import { createStore, type Store } from '../aws/store/store.ts'
import type { Cloud } from '../core/model/cloud.ts'
import type { StoredConnection } from '../core/model/connection.ts'
import { CloudError } from '../core/model/errors.ts'
import type { RunEnded } from '../core/notify/events.ts'
import { type WebhookTarget, webhookBody } from '../core/notify/webhook.ts'
import { addressProblem } from '../core/notify/webhook-address.ts'
import { type Config, readConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { createMetrics, type Measure } from './metrics.ts'
import { openCloud } from './open-cloud.ts'
import { createGuardedGroups, type GuardedGroups } from './scaling-groups.ts'
import { createWebhook } from './webhook.ts'

/** What a step works with. */
export interface Services {
  store: Store
  queue: Queue
  /**
   * A connection's cloud, opened with its secret; refuses a key that the cloud has just refused.
   * Throws `CloudError` (credentials) where the secret is not there or not whole.
   */
  cloud: (connection: StoredConnection) => Promise<Cloud>
  /** Its groups whose members must be left alone, as they were some minutes ago at most. Asked after its servers. */
  scalingGroups: GuardedGroups
  /** Puts events on the account's bus, where one is configured; what is told twice has the same id. */
  tell: Tell
  /** Sends the end of a run to a webhook, once; why it was not taken, null when it was. */
  webhook: (target: WebhookTarget, ended: RunEnded) => Promise<string | null>
  measure: Measure
  config: Config
  log: Log
  /** ms since the epoch */
  now: () => number
  /** From 0 up to 1. */
  random: () => number
  /** A unique token. */
  unique: () => string
}

interface Clients {
  dynamo: DynamoDBClient
  sqs: SQSClient
  eventBridge: EventBridgeClient
}

/** The longest that anyone waits for a webhook to be taken. */
const WEBHOOK_TIMEOUT_MS = 10_000

interface Surroundings {
  /** From 0 up to 1; spreads retries that would otherwise come back together. */
  random: () => number
  /** Why no webhook may be sent to an IP address; null where one may. */
  addressProblem: (address: string) => string | null
}
const SURROUNDINGS: Surroundings = { random: Math.random, addressProblem }

export function createServices(
  config: Config,
  { dynamo, sqs, eventBridge }: Clients,
  { random, addressProblem }: Surroundings = SURROUNDINGS,
): Services {
  const now = () => Date.now()
  const unique = () => randomUUID()
  const log = createLog(config.logLevel)
  const { tableName, retentionDays, eventBusName, metricsNamespace, secretsPrefix } = config
  const store = createStore({ dynamo, tableName, retentionDays, now, unique })
  const measure = createMetrics({ service: tableName, namespace: metricsNamespace, now })
  const secrets = createSecrets({ secretsPrefix, now })
  const send = createWebhook({
    addressProblem,
    timeoutMs: WEBHOOK_TIMEOUT_MS,
    proxy: config.proxy,
    now,
  })

  async function webhook({ url, secretName }: WebhookTarget, ended: RunEnded): Promise<string | null> {
    const body = JSON.stringify(webhookBody(ended))
    try {
      const secret = secretName && (await secrets.secret({ source: 'secretsManager', name: secretName }))
      return await send({ url, id: ended.id, body, ...(secret ? { secret } : {}) })
    } catch (error) {
      if (error instanceof CloudError) return error.message
      throw error
    }
  }

  const cloud = (connection: StoredConnection): Promise<Cloud> =>
    openCloud(connection, { store, secrets, config, log, measure, now, random })

  return {
    store,
    queue: createQueue(sqs, config.queueUrls),
    cloud,
    scalingGroups: createGuardedGroups({ cloud, now }),
    tell: eventBusName === undefined ? async () => undefined : createEvents(eventBridge, eventBusName),
    webhook,
    measure,
    config,
    log,
    now,
    random,
    unique,
  }
}

let live: Services | undefined

/** The services of this process, made from its environment when first asked for. Throws when the environment is not right. */
export function liveServices(): Services {
  live ??= createServices(readConfig(process.env), {
    dynamo: new DynamoDBClient({}),
    sqs: new SQSClient({}),
    eventBridge: new EventBridgeClient({}),
  })
  return live
}
