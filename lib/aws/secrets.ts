/** Secrets by reference, from Secrets Manager and Parameter Store: kept in memory for some minutes, never told. */
import { secretNameProblem } from '../core/documents/connection.ts'
import { CloudError, type CloudErrorDetails } from '../core/model/errors.ts'

/** The secret of that name, as it is now. */
type SecretReader = (name: string) => Promise<string | undefined>

/** Each is loaded when it is first needed: a start should not pay for it. */
const SECRET_READERS = {
  secretsManager: async (): Promise<SecretReader> => (await import('./secrets-manager.ts')).secretsManager(),
  parameterStore: async (): Promise<SecretReader> => (await import('./parameter-store.ts')).parameterStore(),
}

export interface SecretReference {
  source: keyof typeof SECRET_READERS
  /** Begins with the prefix. */
  name: string
}
interface SecretsOptions {
  /** What names must begin with: the functions may read no others. */
  secretsPrefix: string
  /** ms since the epoch */
  now: () => number
}
export interface Secrets {
  /**
   * The secret as it is kept, five minutes old at most. Throws `CloudError`: credentials where it is not there or may not be
   * read, unavailable where it could not be asked for.
   */
  secret(reference: SecretReference): Promise<string>
  /** The next read gets it afresh. */
  drop(reference: SecretReference): void
}

const KEPT_MS = 300_000
const MAX_KEPT = 100

const PLACES = { secretsManager: 'Secrets Manager', parameterStore: 'Parameter Store' }

/** The services' own names for what asking again does not mend (API references, GetSecretValue and GetParameter). */
const HOPELESS = new Set([
  'ResourceNotFoundException',
  'ParameterNotFound',
  'ParameterVersionNotFound',
  'InvalidRequestException',
  'InvalidParameterException',
  'ValidationException',
  'DecryptionFailure',
  'InvalidKeyId',
  'AccessDeniedException',
  'KMSAccessDeniedException',
])

function readFailure(
  { source, name }: SecretReference,
  came: string,
  { cause, ...details }: Pick<CloudErrorDetails, 'class' | 'code'> & { cause?: unknown },
): CloudError {
  const message = `secret "${name}" of ${PLACES[source]}: ${came}`
  const none = { status: 0, requestId: null, retryAfterSeconds: null, serverIds: [] }
  return new CloudError(message, { ...none, ...details }, { cause })
}

function unreadableSecret(reference: SecretReference, error: unknown): CloudError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return HOPELESS.has(name)
    ? readFailure(reference, `${name}: ${message}`, {
        class: 'credentials',
        code: 'secret-unreadable',
        cause: error,
      })
    : readFailure(reference, `could not be asked for: ${message}`, {
        class: 'unavailable',
        code: 'secret-unreachable',
        cause: error,
      })
}

interface CachedSecret {
  since: number
  text: Promise<string>
}

export function createSecrets({ secretsPrefix, now }: SecretsOptions): Secrets {
  const kept = new Map<string, CachedSecret>()
  const readers: Partial<Record<SecretReference['source'], SecretReader>> = {}
  const keyOf = ({ source, name }: SecretReference): string => `${source} ${name}`

  async function read(reference: SecretReference): Promise<string> {
    const { source, name } = reference
    const problem = secretNameProblem(name, { secretsPrefix })
    if (problem !== null)
      throw readFailure(reference, problem, { class: 'credentials', code: 'secret-not-ours' })
    readers[source] ??= await SECRET_READERS[source]()
    const text = await readers[source](name).catch((error: unknown) => {
      throw unreadableSecret(reference, error)
    })
    if (text) return text
    throw readFailure(reference, 'it is empty', { class: 'credentials', code: 'secret-incomplete' })
  }

  return {
    async secret(reference) {
      const key = keyOf(reference)
      const known = kept.get(key)
      if (known && now() - known.since < KEPT_MS) return known.text
      const text = read(reference)
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(key, { since: now(), text })
      return text.catch((error: unknown) => {
        kept.delete(key)
        throw error
      })
    },
    drop: reference => void kept.delete(keyOf(reference)),
  }
}
