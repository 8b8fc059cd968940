/** What every adapter of a cloud is given. */
import type { OutgoingProxy } from '../../core/documents/proxy.ts'
import type { Connection } from '../../core/model/connection.ts'

/** What a connection's cloud is made of. */
export interface CloudOptions {
  connection: Connection
  /** As it is kept: JSON text, or the object itself. */
  secret: unknown
  /** Where a server of the cloud asks about itself; absent: where every server of Huawei Cloud does. */
  metadataOrigin?: string
  /** For one HTTP request, its answer included. */
  timeoutMs: number
  /** What its requests go through, where they must; absent or `null`: nothing. */
  proxy?: OutgoingProxy | null
  /** Milliseconds since the epoch. */
  now: () => number
  /** From 0 up to 1. */
  random: () => number
  sleep: (ms: number) => Promise<void>
}
