/** The key of the server that Curfew runs on: of the agency that the server was given. Kept in memory alone. */
import type { CloudOptions } from '../../http/options.ts'
import { createAsk } from '../../http/request.ts'
import { keepCredential, usedUntil } from '../../kept-credential.ts'
import { HUAWEI_CODES } from '../codes.ts'
import type { HeldKey } from './held-key.ts'
import { IamKey } from './temporary-key.ts'

/** IPv4, link-local: it never leaves the server. */
const METADATA_ORIGIN = 'http://169.254.169.254'
/** It is a hop away, or not there at all. */
const MAX_METADATA_MS = 2000

/**
 * What gives the server's key: kept until shortly before its end, and asked for anew once the cloud refuses it.
 * ECS user guide, "Obtaining Metadata", `/openstack/latest/securitykey`; the client of it follows no redirect.
 */
export function serverKeys(options: CloudOptions): () => Promise<HeldKey> {
  const { connection, now, metadataOrigin: endpoint = METADATA_ORIGIN } = options
  const ask = createAsk({
    ...options,
    timeoutMs: Math.min(options.timeoutMs, MAX_METADATA_MS),
    // A proxy would be told the key.
    proxy: null,
    connectionId: connection.id,
    codes: HUAWEI_CODES,
    headers: {},
    credential: () => ({ authorize: ({ headers }) => headers, secrets: [] }),
  })
  async function obtain() {
    const askedAt = now()
    const { value, header } = await ask({
      what: 'key of the server that Curfew runs on',
      method: 'GET',
      endpoint,
      path: ['openstack', 'latest', 'securitykey'],
      answer: IamKey,
      isAnswerSecret: true,
      remedy: () => 'Give the server an agency (ECS console, the server, Agency), or name another source',
    })
    const cloudAskedAt = Date.parse(header('date') ?? '') || undefined
    return { key: value.key, until: usedUntil({ askedAt, cloudAskedAt, cloudEndsAt: value.endsAt }) }
  }
  const held = keepCredential({ owner: 'server', purpose: endpoint, obtain, now })
  return async () => {
    const { key, drop } = await held()
    return { key, renew: drop }
  }
}
