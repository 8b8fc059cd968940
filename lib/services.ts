/** Makes the adapters: the one place where configuration, clock and chance come in. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createQueue, type Queue } from './aws/queue.ts'
import { createStore, type Store } from './aws/store.ts'
import { createCloud } from './cloud/cloud.ts'
import { secretFromVariables } from './cloud/secret.ts'
import { type Config, readConfig } from './config.ts'
import { keyRefused } from './core/key.ts'
import type { Cloud, Connection, StoredConnection } from './core/model.ts'
import type { Run } from './core/work.ts'
import { guardedCloud } from './guarded-cloud.ts'
import { createLog, type Log } from './log.ts'

/** What a step works with. */
export interface Services {
  store: Store
  queue: Queue
  /**
   * A connection's cloud, opened with its secret; refuses a key that the cloud has just refused.
   * Throws `CloudError` (credentials) where the secret is not there or not whole.
   */
  cloud: (connection: StoredConnection) => Promise<Cloud>
  /** Tells whoever listens how a run ended; it may be told twice. */
  announce: (run: Run) => Promise<void>
  config: Config
  log: Log
  /** ms since the epoch */
  now: () => number
  /** From 0 up to 1. */
  random: () => number
  /** A word that nobody else has. */
  unique: () => string
}

export interface Clients {
  dynamo: DynamoDBClient
  sqs: SQSClient
}

export function createServices(config: Config, { dynamo, sqs }: Clients): Services {
  const now = () => Date.now()
  const unique = () => randomUUID()
  const random = () => Math.random()
  const log = createLog(config.logLevel)
  const { tableName, retentionDays } = config
  const store = createStore({ dynamo, tableName, retentionDays, now, random, unique })
  async function secret(connection: Connection): Promise<unknown> {
    const { source } = connection.credentials
    if (source === 'environment') return secretFromVariables(connection, config.variables)
    throw new Error(`connection ${connection.id}: credentials.source ${source} is not supported yet`)
  }

  async function cloud(connection: StoredConnection): Promise<Cloud> {
    const open = createCloud({
      connection,
      secret: await secret(connection),
      timeoutMs: config.cloudTimeoutMs,
      now,
      random,
      sleep: ms => sleep(ms),
    })
    let health = await store.keyHealth(connection.id)
    return guardedCloud(open, {
      refused: () => keyRefused(health, connection, now()),
      remember: async reason => {
        health = { version: connection.version, refusedAt: new Date(now()).toISOString(), reason }
        await store.saveKeyHealth(connection.id, health)
      },
    })
  }

  async function announce({ id, status, reason, summary }: Run): Promise<void> {
    log.info('run ended', { run: id, status, reason, ...summary })
  }

  return {
    store,
    queue: createQueue(sqs, config.queueUrls),
    cloud,
    announce,
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
  live ??= createServices(readConfig(process.env), { dynamo: new DynamoDBClient({}), sqs: new SQSClient({}) })
  return live
}
