/** The errors that every cloud throws: what was asked, what came, and what to do next. */
import { CloudError, type CloudErrorClass, type CloudErrorDetails } from '../../core/model/errors.ts'

/** What to do next; of a refusal that is a server's, its code and the cloud's words say it. */
const NEXT: Record<CloudErrorClass, string | null> = {
  throttled: 'The cloud had too much to do and carried nothing out: ask again later',
  unavailable: 'Nothing was carried out: ask again later',
  ambiguous: 'It may have been carried out: read the servers before asking again',
  credentials:
    'Check the key or token of the connection, and what it may do; it is not tried again by itself',
  member: null,
  unattributed: null,
  refused: 'It will be refused again as it is: change it, or what the project allows',
}
/** Where the code says more of it than the class. */
const NEXT_OF_CODE: Record<string, string> = {
  'no-such-host': 'No such host: check `region`, or name `endpoints`',
}
const CLOCK = 'Check the clock of this machine: the cloud takes signatures of the last 15 minutes only'

export interface Failure {
  /** What was asked of whom: `Connection prod: stop of 2 ECS servers (POST https://…)`. */
  asked: string
  /** What was expected and what came. */
  came: string
  details: CloudErrorDetails
  /** What the key is to be granted, where the answer says that it lacks a right. */
  lacking?: string | undefined
  /** What a person is to do, where the caller knows more than the code says. */
  remedy?: string | undefined
  /** The key was refused for this machine's clock, not for itself. */
  atClock?: boolean
  cause?: unknown
}

/** The one place that throws `CloudError`. */
export function throwCloudError({ asked, came, details, lacking, remedy, atClock, cause }: Failure): never {
  const right = lacking === undefined ? null : `The key may lack the permission ${lacking}`
  const next = atClock ? CLOCK : (remedy ?? right ?? NEXT_OF_CODE[details.code] ?? NEXT[details.class])
  const message = `${asked}: ${came}.${next === null ? '' : ` ${next}.`}`
  throw new CloudError(message, details, cause === undefined ? undefined : { cause })
}

/** Details of a failure that no answer of the cloud stands behind. */
export const ownDetails = (details: Pick<CloudErrorDetails, 'class' | 'code'>): CloudErrorDetails => ({
  status: 0,
  requestId: null,
  retryAfterSeconds: null,
  serverIds: [],
  ...details,
})
