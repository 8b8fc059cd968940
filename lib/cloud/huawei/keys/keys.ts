/** What a connection's calls are signed with: its own key, that of the server Curfew runs on, or of the agency that either takes on. */
import type { CloudOptions } from '../../http/options.ts'
import type { Credential } from '../../http/request.ts'
import { parseSecret } from '../../secret.ts'
import { ACCESS_KEY } from '../secret.ts'
import { agencyKeys } from './agency.ts'
import { type HeldKey, signingCredential } from './held-key.ts'
import { serverKeys } from './metadata.ts'

function ownKeys(options: CloudOptions): () => Promise<HeldKey> {
  const { connection, secret } = options
  if (connection.credentials.source === 'metadata') return serverKeys(options)
  const key = parseSecret(connection, ACCESS_KEY, secret)
  return async () => ({ key })
}

/** Throws `CloudError` (credentials) where the secret does not fit. */
export function createKeys(options: CloudOptions): () => Promise<Credential> {
  const { connection, now } = options
  const { assume } = connection
  const own = ownKeys(options)
  const keys =
    assume === null ? own : agencyKeys({ ...options, connection: { ...connection, assume }, parent: own })
  return async () => signingCredential(await keys(), now)
}
