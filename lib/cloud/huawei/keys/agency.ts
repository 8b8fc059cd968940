/** The key of an agency: what IAM (v3) and STS give for the key that takes the agency on. Kept in memory alone. */
import { createHash } from 'node:crypto'
import type * as z from 'zod'
import { MAX_CHAINED_MINUTES } from '../../../core/documents/connection.ts'
import type { Assume, Connection } from '../../../core/model/connection.ts'
import { CloudError } from '../../../core/model/errors.ts'
import { ownDetails, throwCloudError } from '../../http/failure.ts'
import type { CloudOptions } from '../../http/options.ts'
import type { ApiPlace } from '../../http/place.ts'
import { createAsk } from '../../http/request.ts'
import { keepCredential, usedUntil } from '../../kept-credential.ts'
import { HUAWEI_CODES } from '../codes.ts'
import { endpointOf } from '../endpoints.ts'
import { agencyRemedy } from './agency-remedy.ts'
import { type HeldKey, signingCredential } from './held-key.ts'
import { SESSION_POLICY } from './session-policy.ts'
import { createSignatureLimit } from './signature-limit.ts'
import { IamKey, StsKey, type TemporaryKey } from './temporary-key.ts'

interface AgencyCall extends ApiPlace {
  body: object
  answer: z.ZodType<TemporaryKey>
}

interface AgencyOptions extends Omit<CloudOptions, 'connection'> {
  connection: Connection & { assume: Assume }
  /** The key that takes the agency on. */
  parent: () => Promise<HeldKey>
}

/** Under which name it stands in the audit log of the agency's account. */
const SESSION_NAME = 'curfew'

/** IAM API reference, "Obtaining a Temporary Access Key and Security Token Through an Agency". */
const iamCall = (connection: Connection, { agency, domainName, sessionMinutes }: Assume): AgencyCall => ({
  endpoint: endpointOf(connection, 'iam'),
  path: ['v3.0', 'OS-CREDENTIAL', 'securitytokens'],
  body: {
    auth: {
      identity: {
        methods: ['assume_role'],
        assume_role: {
          agency_name: agency,
          domain_name: domainName,
          duration_seconds: sessionMinutes * 60,
        },
      },
    },
  },
  answer: IamKey,
})

/** IAM API reference (new edition), "Obtaining a Temporary Security Credential Through an Agency or Trust Agency". */
const stsCall = (
  connection: Connection,
  { agency, domainId, externalId, sessionMinutes }: Assume,
): AgencyCall => ({
  endpoint: endpointOf(connection, 'sts'),
  path: ['v5', 'agencies', 'assume'],
  body: {
    agency_urn: `iam::${domainId}:agency:${agency}`,
    agency_session_name: SESSION_NAME,
    duration_seconds: sessionMinutes * 60,
    ...(externalId === undefined ? {} : { external_id: externalId }),
    policy: SESSION_POLICY,
  },
  answer: StsKey,
})

const callFor = (connection: Connection, assume: Assume): AgencyCall =>
  assume.domainId === undefined ? iamCall(connection, assume) : stsCall(connection, assume)

const whatOf = ({ agency, domainName, domainId }: Assume): string =>
  `key of agency ${agency} of account ${domainName ?? domainId}`

const digestOf = (texts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('hex')

/**
 * What gives the agency's key: kept until shortly before its end, asked for once for all that wait, and anew once the cloud
 * refuses it. Throws `CloudError`: credentials where the agency cannot be taken on.
 */
export function agencyKeys({ parent, ...options }: AgencyOptions): () => Promise<HeldKey> {
  const { connection, secret, now } = options
  const { assume } = connection
  const { endpoint } = callFor(connection, assume)
  const held = keepCredential({
    owner: `agency ${connection.id}`,
    // A digest: the secret itself is kept nowhere but where it is used.
    purpose: digestOf([endpoint, assume, connection.credentials, secret]),
    obtain: () => exchangedKey({ ...options, parent }),
    now,
  })
  return async () => {
    const { key, drop } = await held()
    return { key, renew: drop }
  }
}

const limit = createSignatureLimit()

async function exchangedKey(options: AgencyOptions) {
  const { connection, parent, sleep } = options
  const { key: own } = await parent()
  checkLength(connection, own.securityToken !== undefined)
  const owner = digestOf([own.accessKey, own.secretKey])
  return limit.inTurn(owner, () => exchangeKey(owner, options), sleep)
}

async function exchangeKey(owner: string, { parent, ...options }: AgencyOptions) {
  const { connection, now } = options
  const { assume } = connection
  const what = whatOf(assume)
  refuseLockable(connection, limit.heldBack(owner, now()))
  const ask = createAsk({
    ...options,
    connectionId: connection.id,
    codes: HUAWEI_CODES,
    headers: { 'content-type': 'application/json' },
    credential: async () => signingCredential(await parent(), now),
  })
  const { endpoint, path, body, answer } = callFor(connection, assume)
  const askedAt = now()
  try {
    const { value, header } = await ask({
      what,
      method: 'POST',
      endpoint,
      path,
      body: JSON.stringify(body),
      answer,
      isAnswerSecret: true,
      remedy: refused => agencyRemedy(assume, refused),
    })
    limit.passed(owner)
    const cloudAskedAt = Date.parse(header('date') ?? '') || undefined
    return { key: value.key, until: usedUntil({ askedAt, cloudAskedAt, cloudEndsAt: value.endsAt }) }
  } catch (error) {
    if (error instanceof CloudError && error.details.status === 401) limit.refused(owner, now())
    throw error
  }
}

/** What a document cannot tell: whether its secret is a temporary key. */
function checkLength({ id, assume }: AgencyOptions['connection'], isTemporary: boolean): void {
  if (!isTemporary || assume.sessionMinutes <= MAX_CHAINED_MINUTES) return
  throwCloudError({
    asked: `Connection ${id}: ${whatOf(assume)}`,
    came: `expected assume.sessionMinutes of at most ${MAX_CHAINED_MINUTES}, for the key that takes it on is temporary itself, got ${assume.sessionMinutes}`,
    details: ownDetails({ class: 'credentials', code: 'session-too-long' }),
  })
}

function refuseLockable({ id, assume }: AgencyOptions['connection'], reason: string | null): void {
  if (reason === null) return
  throwCloudError({
    asked: `Connection ${id}: ${whatOf(assume)}`,
    came: reason,
    details: ownDetails({ class: 'credentials', code: 'key-left-alone' }),
  })
}
