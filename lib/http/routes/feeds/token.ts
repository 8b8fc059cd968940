/** The secret in the address of a feed. It is kept as its hash alone, which gives the feed its id. */
import { createHash, timingSafeEqual } from 'node:crypto'

const ID_LENGTH = 16

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Of two unique texts, which together have 244 random bits. */
export const newToken = (unique: () => string): string => hashOf(unique() + unique()).toString('base64url')

export function hashToken(token: string): { id: string; tokenHash: string } {
  const tokenHash = hashOf(token).toString('hex')
  return { id: tokenHash.slice(0, ID_LENGTH), tokenHash }
}

/** In a time that does not tell how much of them is the same. */
export const isSameHash = (one: string, other: string): boolean => timingSafeEqual(hashOf(one), hashOf(other))
