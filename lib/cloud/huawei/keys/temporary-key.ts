/** A temporary key, as the services that give one answer it. */
import * as z from 'zod'
import { PrintableText } from '../../secret.ts'
import type { AccessKey } from '../secret.ts'

export interface TemporaryKey {
  key: Required<AccessKey>
  /** By the cloud's clock, ms since the epoch. */
  endsAt: number
}

const End = z.iso.datetime({ offset: true }).transform(text => Date.parse(text))

/** Of IAM (v3), and of a server that asks about itself. */
export const IamKey: z.ZodType<TemporaryKey> = z
  .object({
    credential: z.object({
      access: PrintableText,
      secret: PrintableText,
      securitytoken: PrintableText,
      expires_at: End,
    }),
  })
  .transform(({ credential: { access, secret, securitytoken, expires_at } }) => ({
    key: { accessKey: access, secretKey: secret, securityToken: securitytoken },
    endsAt: expires_at,
  }))

export const StsKey: z.ZodType<TemporaryKey> = z
  .object({
    credentials: z.object({
      access_key_id: PrintableText,
      secret_access_key: PrintableText,
      security_token: PrintableText,
      expiration: End,
    }),
  })
  .transform(({ credentials: { access_key_id, secret_access_key, security_token, expiration } }) => ({
    key: { accessKey: access_key_id, secretKey: secret_access_key, securityToken: security_token },
    endsAt: expiration,
  }))
