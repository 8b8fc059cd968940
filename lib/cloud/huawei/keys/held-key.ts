/** A key that is kept for a while, and how it authorizes calls. */
import type { Credential } from '../../http/request.ts'
import type { AccessKey } from '../secret.ts'
import { signRequest } from '../sign.ts'

/** A key as long as it may be used. */
export interface HeldKey {
  key: AccessKey
  /** It was refused: the next call gets a new one. Absent where there is none. */
  renew?: () => void
}

/** What authorizes calls by a key: their signature. `now`: ms since the epoch. */
export const signingCredential = ({ key, renew }: HeldKey, now: () => number): Credential => ({
  authorize: unsigned => signRequest(unsigned, key, now()),
  secrets: [key.accessKey, key.secretKey, key.securityToken].filter(text => text !== undefined),
  ...(renew ? { renew } : {}),
})
