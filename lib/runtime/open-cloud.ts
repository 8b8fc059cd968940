/** Opens a connection's cloud: with its secret, wherever that lies, and guarded against a key that is refused. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queue } from '../aws/queue.ts'
import type { Secrets } from '../aws/secrets.ts'
import type { Store } from '../aws/store/store.ts'
import { connectionProblems } from '../core/documents/connection.ts'
import type { Cloud } from '../core/model/cloud.ts'
import type { Connection, KeyHealth, StoredConnection } from '../core/model/connection.ts'
import { keyCooldownReason } from '../core/model/credential-cooldown.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Config } from './config.ts'
import { guardedCloud, type KeyGuard } from './guarded-cloud.ts'
import { errorFields, type Log } from './log.ts'
import type { EmitMetrics } from './metrics.ts'

interface Opening {
  store: Store
  queue: Queue
  secrets: Secrets
  config: Config
  log: Log
  emitMetrics: EmitMetrics
  now: () => number
  random: () => number
  /** Where a server of the cloud asks about itself; absent: where every one does. */
  metadataOrigin?: string
}

/** Loaded when a cloud is first opened: a start should not pay for it. */
const loadClouds = () => import('../cloud/registry.ts')

/** A connection's secret: as it was read some minutes ago at most; `drop`, and it is read afresh. */
async function secretOf(connection: Connection, { secrets, config }: Opening) {
  const { source, name } = connection.credentials
  const nothing = { kept: async (): Promise<unknown> => undefined, drop: () => undefined }
  // The adapter asks for it where it is.
  if (source === 'metadata') return nothing
  if (source === 'environment') {
    const { secretFromVariables } = await loadClouds()
    const variables = secretFromVariables(connection, config.variables)
    return { ...nothing, kept: async (): Promise<unknown> => variables }
  }
  const reference = { source, name }
  return { kept: (): Promise<unknown> => secrets.secret(reference), drop: () => secrets.drop(reference) }
}

/** Told where a person must act: of a key that the cloud refused, and of a secret that is not there or not whole. */
async function reportRefusal(connection: string, reason: string, opening: Opening): Promise<void> {
  const { log, emitMetrics, queue } = opening
  log.error('credentials are refused', { connection, reason })
  emitMetrics({ CredentialsRefused: 1 }, { connection })
  const about = `connection ${connection}`
  // The next try meets it again; the refusal itself must reach the caller.
  await queue
    .notify({ alarm: { name: 'CredentialsRefused', about, reason } })
    .catch(error => log.warn('an alarm waits for the next try', { about, ...errorFields(error) }))
}

/** What was allowed when it was written need not be so now: the rules are narrower, or another hand wrote it. */
function checkAllowed(connection: Connection, config: Config): void {
  const problems = connectionProblems(connection, config).map(({ path, message }) => `${path}: ${message}`)
  if (problems.length === 0) return
  throw new CloudError(`connection ${connection.id} is not allowed here: ${problems.join('; ')}`, {
    class: 'credentials',
    code: 'connection-not-allowed',
    status: 0,
    requestId: null,
    retryAfterSeconds: null,
    serverIds: [],
  })
}

type Guarding = Pick<KeyGuard, 'refused' | 'remember'>

/** Throws `CloudError` where the connection is not allowed, its secret not there or not whole. */
async function guardedBy(guarding: Guarding, connection: Connection, opening: Opening): Promise<Cloud> {
  const { config, now, random, metadataOrigin } = opening
  const { createCloud } = await loadClouds()
  const secret = await secretOf(connection, opening)
  const withSecret = (one: unknown): Cloud => {
    const { cloudTimeoutMs: timeoutMs, proxy } = config
    const times = { timeoutMs, now, random, sleep: (ms: number) => sleep(ms) }
    return createCloud({
      connection,
      secret: one,
      proxy,
      ...times,
      ...(metadataOrigin && { metadataOrigin }),
    })
  }
  try {
    checkAllowed(connection, config)
    let used = await secret.kept()
    return guardedCloud(withSecret(used), {
      ...guarding,
      async renewed() {
        const refused = used
        secret.drop()
        used = await secret.kept()
        return used === refused ? null : withSecret(used)
      },
    })
  } catch (error) {
    if (isCredentialsError(error)) secret.drop()
    throw error
  }
}

const isCredentialsError = (error: unknown): error is CloudError =>
  error instanceof CloudError && error.details.class === 'credentials'

/**
 * Refuses a key that the cloud has just refused. Throws `CloudError`: credentials where the connection is not allowed, its
 * secret not there or not whole, unavailable where it could not be asked for.
 */
export async function openCloud(connection: StoredConnection, opening: Opening): Promise<Cloud> {
  const { store, now } = opening
  let health: KeyHealth | null = null
  const guarding: Guarding = {
    refused: () => keyCooldownReason(health, connection, now()),
    async remember(reason) {
      health = { version: connection.version, refusedAt: new Date(now()).toISOString(), reason }
      await store.saveKeyHealth(connection.id, health)
      await reportRefusal(connection.id, reason, opening)
    },
  }
  try {
    const cloud = await guardedBy(guarding, connection, opening)
    health = await store.keyHealth(connection.id)
    return cloud
  } catch (error) {
    if (isCredentialsError(error)) await reportRefusal(connection.id, error.message, opening)
    throw error
  }
}

/** Of a connection that is not saved: the caller alone is told of a refusal. Throws as `openCloud`. */
export const openUnsavedCloud = (connection: Connection, opening: Opening): Promise<Cloud> =>
  guardedBy({ refused: () => null, remember: async () => undefined }, connection, opening)
