import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSecrets, type SecretReference, type Secrets } from '../../lib/aws/secrets.ts'
import { CloudError, type CloudErrorDetails } from '../../lib/core/model/errors.ts'
import { START } from '../makers.ts'
import { type Aws, startAws } from './wire.ts'

const MINUTE_MS = 60_000
let aws: Aws
let now: number
let secrets: Secrets
beforeEach(async () => {
  aws = await startAws()
  now = START
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', aws.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', aws.endpoint)
  secrets = createSecrets({ secretsPrefix: 'curfew/', now: () => now })
  aws.secrets.set('curfew/key', 'first')
  aws.parameters.set('/curfew/key', 'parameter')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await aws.close()
})

const KEY: SecretReference = { source: 'secretsManager', name: 'curfew/key' }

async function refusal(reference: SecretReference): Promise<CloudErrorDetails & { message: string }> {
  const error = await secrets.secret(reference).catch((error: unknown) => error)
  if (!(error instanceof CloudError)) throw new Error(`expected a CloudError, got ${error}`)
  return { ...error.details, message: error.message }
}

describe('a secret', () => {
  test('is read by its name from Secrets Manager', async () => {
    expect(await secrets.secret(KEY)).toBe('first')
    expect(aws.asked).toEqual(['GetSecretValue curfew/key'])
  })

  test('is read from Parameter Store, where a name in a hierarchy begins with a slash, and decrypted', async () => {
    expect(await secrets.secret({ source: 'parameterStore', name: 'curfew/key' })).toBe('parameter')
    expect(aws.asked).toEqual(['GetParameter /curfew/key'])
  })

  test('of Parameter Store under a prefix without slashes is read by its name as it is', async () => {
    aws.parameters.set('curfew-key', 'flat')
    secrets = createSecrets({ secretsPrefix: 'curfew-', now: () => now })
    expect(await secrets.secret({ source: 'parameterStore', name: 'curfew-key' })).toBe('flat')
  })

  test('is asked for once in five minutes, however many want it at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => secrets.secret(KEY)))
    now += 5 * MINUTE_MS - 1
    await secrets.secret(KEY)
    expect(aws.asked).toHaveLength(1)
  })

  test('that was changed is the new one after five minutes', async () => {
    await secrets.secret(KEY)
    aws.secrets.set('curfew/key', 'second')
    expect(await secrets.secret(KEY)).toBe('first')
    now += 5 * MINUTE_MS
    expect(await secrets.secret(KEY)).toBe('second')
  })

  test('that was changed and dropped is the new one at once', async () => {
    await secrets.secret(KEY)
    aws.secrets.set('curfew/key', 'second')
    secrets.drop(KEY)
    expect(await secrets.secret(KEY)).toBe('second')
  })

  test('outside of the prefix is not even asked for', async () => {
    for (const name of ['other/key', 'curfew', 'curfew/', '/curfew/key'])
      expect(await refusal({ source: 'secretsManager', name })).toMatchObject({
        class: 'credentials',
        code: 'secret-not-ours',
        message: expect.stringContaining('expected a name that begins with "curfew/" (SECRETS_PREFIX)'),
      })
    expect(aws.asked).toEqual([])
  })

  test.each<SecretReference>([
    { source: 'secretsManager', name: 'curfew/absent' },
    { source: 'parameterStore', name: 'curfew/absent' },
  ])('that is not in $source is a matter for a person', async reference => {
    expect(await refusal(reference)).toMatchObject({ class: 'credentials', code: 'secret-unreadable' })
  })

  test.each(['AccessDeniedException', 'DecryptionFailure', 'InvalidRequestException'])(
    'that is refused with %s is a matter for a person',
    async type => {
      aws.refuse = () => ({ status: 400, type })
      const { class: kind, message } = await refusal(KEY)
      expect(kind).toBe('credentials')
      expect(message).toBe(`secret "curfew/key" of Secrets Manager: ${type}: refused`)
    },
  )

  test('that cannot be asked for now is asked for again later', async () => {
    aws.refuse = () => ({ status: 500, type: 'InternalServiceError' })
    expect(await refusal(KEY)).toMatchObject({ class: 'unavailable', code: 'secret-unreachable' })
    aws.refuse = () => null
    expect(await secrets.secret(KEY)).toBe('first')
  })

  test('that is empty is a matter for a person', async () => {
    aws.secrets.set('curfew/key', '')
    expect(await refusal(KEY)).toMatchObject({ class: 'credentials', code: 'secret-incomplete' })
  })

  test('is one of a hundred that are kept at most', async () => {
    for (let number = 0; number < 100; number++) {
      aws.secrets.set(`curfew/${number}`, 'x')
      await secrets.secret({ source: 'secretsManager', name: `curfew/${number}` })
    }
    await secrets.secret(KEY)
    await secrets.secret({ source: 'secretsManager', name: 'curfew/0' })
    expect(aws.asked.filter(one => one.endsWith('/0'))).toHaveLength(2)
  })
})
