/** Signs the links of warnings, and reads them back. Their keys open no other door. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type LinkKey, rotatedKeys, signingKey } from '../../core/notify/link-key.ts'
import { claimText, readClaim, type SnoozeLink, signedText } from '../../core/notify/snooze-link.ts'
import type { BaseServices } from './base.ts'

export interface LinkServices {
  /** Tells where a link leads: the same link to the same address, for as long as its key signs. */
  linkSigner: () => Promise<(link: SnoozeLink) => string>
  /** `null`: no key of ours signed it, or its time is over. */
  readLink: (token: string) => Promise<SnoozeLink | null>
}

const KEY_BYTES = 32

/** Another process may be making one, too: the one that is stored counts. */
const MAX_TRIES = 5

/** 128 bits: no one guesses them, and links stay short. */
const SIGNATURE_BYTES = 16

const signatureOf = (text: string, { secret }: LinkKey): string =>
  createHmac('sha256', Buffer.from(secret, 'base64url'))
    .update(signedText(text))
    .digest()
    .subarray(0, SIGNATURE_BYTES)
    .toString('base64url')

const isEqual = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

export function createLinkServices({ store, config, now, unique }: BaseServices): LinkServices {
  async function currentKey(): Promise<LinkKey> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const keys = await store.linkKeys()
      const known = signingKey(keys, now())
      if (known) return known
      const fresh = { id: unique().slice(0, 8), secret: randomBytes(KEY_BYTES).toString('base64url') }
      await store.saveLinkKeys(rotatedKeys(keys, fresh, now()), keys)
    }
    throw new Error(`the key of links was changed ${MAX_TRIES} times at this very moment`)
  }

  return {
    async linkSigner() {
      const key = await currentKey()
      return link => {
        const text = claimText(link, key.id)
        return `${config.publicUrl}/snooze/${text}.${signatureOf(text, key)}`
      }
    },
    async readLink(token) {
      const claim = readClaim(token)
      if (claim === null || claim.expiresAt <= now()) return null
      const key = (await store.linkKeys()).find(({ id }) => id === claim.keyId)
      return key && isEqual(signatureOf(claim.text, key), claim.signature) ? claim.link : null
    },
  }
}
