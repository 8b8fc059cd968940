import type { Cloud, Connection } from '../core/model.ts'
import { createHuaweiCloud } from './huaweicloud.ts'

export interface CloudOptions {
  connection: Connection
  /** As it is kept: JSON text, or the object itself. */
  secret: unknown
  /** For one HTTP request, its answer included. */
  timeoutMs: number
  /** Milliseconds since the epoch. */
  now: () => number
  /** From 0 up to 1. */
  random: () => number
  sleep: (ms: number) => Promise<void>
}

/** The adapters, by a connection's `api`. */
const ADAPTERS: Partial<Record<Connection['api'], (options: CloudOptions) => Cloud>> = {
  huaweicloud: createHuaweiCloud,
}

/**
 * A connection's cloud; costs nothing until it is called. Throws `CloudError` (credentials) where the secret does not
 * fit, and a plain error where there is no adapter for the connection's `api`.
 */
export function createCloud(options: CloudOptions): Cloud {
  const { id, api } = options.connection
  const create = ADAPTERS[api]
  if (create) return create(options)
  throw new Error(
    `Connection ${id}: expected api ${Object.keys(ADAPTERS).join(' or ')}, which have an adapter; got ${api}`,
  )
}
