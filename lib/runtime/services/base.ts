/** The adapters that every function gets: the place where configuration, clock and chance come in. */
import { randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createQueue, type Queue } from '../../aws/queue.ts'
import { createStore, type Store } from '../../aws/store/store.ts'
import { type Config, readConfig } from '../config.ts'
import { createLog, type Log } from '../log.ts'
import { createMetrics, type EmitMetrics } from '../metrics.ts'

export interface BaseServices {
  store: Store
  queue: Queue
  emitMetrics: EmitMetrics
  config: Config
  log: Log
  /** ms since the epoch */
  now: () => number
  /** From 0 up to 1; spreads retries that would otherwise come back together. */
  random: () => number
  /** A unique token. */
  unique: () => string
}

interface Clients {
  dynamo: DynamoDBClient
  sqs: SQSClient
}

export function createBaseServices(
  config: Config,
  { dynamo, sqs }: Clients,
  random: () => number = Math.random,
): BaseServices {
  const now = () => Date.now()
  const unique = () => randomUUID()
  const { tableName, retentionDays, metricsNamespace } = config
  return {
    store: createStore({ dynamo, tableName, retentionDays, now, unique }),
    queue: createQueue(sqs, config.queueUrls),
    emitMetrics: createMetrics({ service: tableName, namespace: metricsNamespace, now }),
    config,
    log: createLog(config.logLevel),
    now,
    random,
    unique,
  }
}

let live: BaseServices | undefined

/** The base of this process, made from its environment when first asked for. Throws when the environment is not right. */
export function liveBaseServices(): BaseServices {
  live ??= createBaseServices(readConfig(process.env), {
    dynamo: new DynamoDBClient({}),
    sqs: new SQSClient({}),
  })
  return live
}

/** A function's services: the base and what it composes with it, made at its first call. */
export function liveServices<S>(compose: (base: BaseServices) => S): () => S {
  let services: S | undefined
  return () => {
    services ??= compose(liveBaseServices())
    return services
  }
}
