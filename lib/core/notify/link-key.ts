/** The keys that sign links: the newest signs, the others are known until what they signed is over. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'

const LinkKey = z.object({
  /** Stands in each link that it signed. */
  id: z.string(),
  /** 32 bytes at random, base64url. */
  secret: z.string(),
  createdAt: Instant,
})
export type LinkKey = z.infer<typeof LinkKey>

/** Newest first. */
export const LinkKeys = z.array(LinkKey)
export type LinkKeys = z.infer<typeof LinkKeys>

const DAY_MS = 86_400_000
const SIGNS_DAYS = 30
/** Links last a few days at most. */
const KNOWN_DAYS = 45

const isYounger = ({ createdAt }: LinkKey, days: number, now: number): boolean =>
  now - Date.parse(createdAt) < days * DAY_MS

/** The one that signs now; `null`: it is time for another. */
export const signingKey = ([newest]: LinkKeys, now: number): LinkKey | null =>
  newest && isYounger(newest, SIGNS_DAYS, now) ? newest : null

/** With another one, which signs from now on. */
export const rotatedKeys = (keys: LinkKeys, fresh: Pick<LinkKey, 'id' | 'secret'>, now: number): LinkKeys => [
  { ...fresh, createdAt: isoInstant(now) },
  ...keys.filter(key => isYounger(key, KNOWN_DAYS, now)),
]
