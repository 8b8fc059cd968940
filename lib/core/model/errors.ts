/** What can fail between Curfew and a cloud, or with a stored document, and what can be done about it. */
import * as z from 'zod'

/**
 * What failed between us and the cloud, by what can be done about it.
 *
 * throttled     the cloud had too much to do and carried nothing out: ask again later
 * unavailable   nothing was carried out, or nothing had to be: ask again later
 * ambiguous     a request that changes something got no clear answer: it may have been carried out
 * credentials   the key or the token is refused: a person must act
 * member        the whole request was refused because of some of its servers, or of how many they are
 * unattributed  the whole request was refused; the answer does not say whether because of a server or of the request itself
 * refused       the request will never be accepted as it is
 */
export type CloudErrorClass =
  | 'throttled'
  | 'unavailable'
  | 'ambiguous'
  | 'credentials'
  | 'member'
  | 'unattributed'
  | 'refused'

/**
 * What the cloud names as the cause of a refusal. `forbidden`: a right is missing. `too-many`: a request for fewer servers may pass.
 * `no-capacity`: it has no room for a server now.
 */
export const RefusalCause = z.enum(['locked', 'frozen', 'not-found', 'forbidden', 'too-many', 'no-capacity'])
export type RefusalCause = z.infer<typeof RefusalCause>

export interface CloudErrorDetails {
  class: CloudErrorClass
  /** Absent where the answer names none. */
  cause?: RefusalCause
  /** The cloud's own code, such as `Ecs.0114`; else what happened, such as `timeout`. */
  code: string
  /** HTTP status; 0 where no answer came. */
  status: number
  requestId: string | null
  /** How long the cloud asked us to wait, where it said so. */
  retryAfterSeconds: number | null
  /** The servers that the answer itself names as the cause of a refusal. */
  serverIds: string[]
}

/** Thrown by `lib/cloud` alone. The message says what was asked of whom and what came, and holds no secret. */
export class CloudError extends Error {
  override name = 'CloudError'
  readonly details: CloudErrorDetails
  constructor(message: string, details: CloudErrorDetails, options?: ErrorOptions) {
    super(message, options)
    this.details = details
  }
}

/** A document, as it is stored, is none that this version knows. The message says which, and what a person can do about it. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/** What is stored cannot be read by this version, however often it is tried. */
export const isUnreadable = (error: unknown): error is Error =>
  error instanceof Unreadable || error instanceof z.ZodError

/** What it says whichever of these servers it was of, and whenever: the same for all that are refused alike. */
export const commonWords = ({ message, details }: CloudError, ids: string[]): string =>
  ids.reduce((text, id) => text.replaceAll(id, '<id>'), message.replace(`, request ${details.requestId}`, ''))

const TROUBLE_FIRST_SECONDS = 5
const TROUBLE_MAX_SECONDS = 300

/** How long to wait after the nth trouble in a row, in seconds. */
export const troubleDelaySeconds = (troubles: number): number =>
  Math.min(TROUBLE_MAX_SECONDS, TROUBLE_FIRST_SECONDS * 2 ** Math.max(0, troubles - 1))
