/** A link of a warning, as its token spells it: what it lets happen to which stop, and until when it is known. */
import * as z from 'zod'
import { Id } from '../model/model.ts'
import { isoInstant } from '../schedule/instant.ts'
import { DueStop } from './stop-warning.ts'

export const LinkAction = z.enum(['not-tonight', 'one-hour', 'three-hours'])
export type LinkAction = z.infer<typeof LinkAction>

const SnoozeLink = z.object({
  ...DueStop.shape,
  action: LinkAction,
  /** The channel whose warning it stands in. */
  channel: Id,
  language: z.enum(['en', 'zh']),
})
export type SnoozeLink = z.infer<typeof SnoozeLink>

/** Stands in place of a link's address until its message is sent: a reader of the table can press nothing. */
const UNSIGNED = 'snooze:'
export const unsignedUrl = (action: LinkAction): string => `${UNSIGNED}${action}`

/** The action of a link that has no address yet; `null` for any other URL. */
export const unsignedAction = (url: string): LinkAction | null =>
  LinkAction.options.find(action => url === unsignedUrl(action)) ?? null

/** By which the warning, and the history of changes, know it. */
export const linkName = ({ channel, action }: Pick<SnoozeLink, 'channel' | 'action'>): string =>
  `${channel}/${action}`

/** What a token says, before its signature proves it. */
interface SignedLink {
  link: SnoozeLink
  keyId: string
  /** ms since the epoch */
  expiresAt: number
  /** What is signed. */
  text: string
  signature: string
}

/** After its stop a link tells for a while what became of that. */
const KNOWN_MS = 2 * 86_400_000
const SEPARATOR = '.'
/** No later instant can be written. */
const LATEST_MS = Date.parse('9999-12-31T00:00:00Z')
/** Begins what is signed, so that no text signed for another purpose passes for a link. */
const PURPOSE = 'curfew snooze link'

/** Short: some tools take links of a few hundred characters alone. */
const LETTERS: Record<LinkAction, string> = { 'not-tonight': 'n', 'one-hour': '1', 'three-hours': '3' }
const FORM =
  /^[A-Za-z0-9]{1,16}\.[a-z0-9-]{1,63}\.[a-z0-9]{1,9}\.[n13]\.[a-z0-9-]{1,63}\.(en|zh)\.[a-z0-9]{1,9}\.[\w-]{22}$/

const secondsText = (ms: number): string => Math.floor(ms / 1000).toString(36)
const msOf = (text: string): number => Number.parseInt(text, 36) * 1000
const actionNamed = (letter: string | undefined): LinkAction | undefined =>
  LinkAction.options.find(action => LETTERS[action] === letter)

/** What is signed, and stands before the signature. */
export function claimText(
  { policyId, stopAt, action, channel, language }: SnoozeLink,
  keyId: string,
): string {
  const stopMs = Date.parse(stopAt)
  const times = { stop: secondsText(stopMs), end: secondsText(stopMs + KNOWN_MS) }
  return [keyId, policyId, times.stop, LETTERS[action], channel, language, times.end].join(SEPARATOR)
}

export const signedText = (text: string): string => `${PURPOSE}\n${text}`

/** `null`: no token has this form. */
export function readClaim(token: string): SignedLink | null {
  if (!FORM.test(token)) return null
  const [keyId = '', policyId, stop = '', letter, channel, language, end = '', signature = ''] =
    token.split(SEPARATOR)
  const stopMs = msOf(stop)
  const expiresAt = msOf(end)
  if (stopMs > LATEST_MS) return null
  const { data: link } = SnoozeLink.safeParse({
    policyId,
    stopAt: isoInstant(stopMs),
    action: actionNamed(letter),
    channel,
    language,
  })
  const text = token.slice(0, -signature.length - SEPARATOR.length)
  return link ? { link, keyId, expiresAt, text, signature } : null
}
