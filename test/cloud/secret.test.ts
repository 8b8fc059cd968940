import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ACCESS_KEY } from '../../lib/cloud/huawei/secret.ts'
import { KEYSTONE_VARIABLES, Password, parseOpenstackSecret } from '../../lib/cloud/openstack/secret.ts'
import { secretFromVariables } from '../../lib/cloud/registry.ts'
import { parseSecret } from '../../lib/cloud/secret.ts'
import type { Connection } from '../../lib/core/model/connection.ts'
import { CloudError } from '../../lib/core/model/errors.ts'
import { wireConnection } from './wire.ts'

const kept: Connection = wireConnection('https://ecs.example')
const variables: Connection = { ...kept, credentials: { source: 'environment', name: 'PROD_' } }

function errorOf(parse: () => unknown): CloudError {
  try {
    throw new Error(`expected a CloudError, got ${inspect(parse())}`)
  } catch (error) {
    if (error instanceof CloudError) return error
    throw error
  }
}

describe('a secret', () => {
  it('is read from JSON text', () => {
    const secret = { accessKey: 'a', secretKey: 's' }
    expect(parseSecret(kept, ACCESS_KEY, JSON.stringify(secret))).toEqual(secret)
  })

  it('is read from an object, with its token', () => {
    const secret = { accessKey: 'a', secretKey: 's', securityToken: 't' }
    expect(parseSecret(kept, ACCESS_KEY, secret)).toEqual(secret)
  })

  it('is read without the line end that an editor left', () => {
    expect(parseSecret(kept, ACCESS_KEY, { accessKey: 'a\n', secretKey: ' s' })).toEqual({
      accessKey: 'a',
      secretKey: 's',
    })
  })

  it('of a password keeps its spaces', () => {
    const secret = { username: 'u', password: ' p ', domainName: 'd' }
    expect(
      parseSecret({ ...kept, api: 'openstack' }, { schema: Password, variables: KEYSTONE_VARIABLES }, secret),
    ).toEqual(secret)
  })

  it('that lacks a field names the field, the connection and where it should be', () => {
    const { message, details } = errorOf(() => parseSecret(kept, ACCESS_KEY, { accessKey: 'a' }))
    expect(message).toContain('Connection prod: its secret (secretsManager "curfew/prod"): secretKey: ')
    expect(details).toMatchObject({ class: 'credentials', code: 'secret-incomplete' })
  })

  it('from variables names the variable that is missing', () => {
    const { message } = errorOf(() =>
      parseSecret(variables, ACCESS_KEY, secretFromVariables(variables, { PROD_HUAWEICLOUD_SDK_AK: 'a' })),
    )
    expect(message).toContain('PROD_HUAWEICLOUD_SDK_SK: expected a text, and there is none. ')
    expect(message).not.toContain('PROD_HUAWEICLOUD_SDK_AK')
  })

  it('from variables names each that it may come from, and when they are read', () => {
    const none = (api: Connection['api']) => {
      const connection = { ...variables, api }
      const parse = () =>
        api === 'openstack' ? parseOpenstackSecret(connection, {}) : parseSecret(connection, ACCESS_KEY, {})
      return errorOf(parse).message
    }
    expect(none('huaweicloud')).toContain(
      'The variables are PROD_HUAWEICLOUD_SDK_AK, PROD_HUAWEICLOUD_SDK_SK, and PROD_HUAWEICLOUD_SDK_SECURITY_TOKEN ' +
        'for a temporary key; they are read when Curfew starts.',
    )
    expect(none('openstack')).toContain(
      'The variables are PROD_OS_USERNAME, PROD_OS_PASSWORD, PROD_OS_USER_DOMAIN_NAME, or ' +
        'PROD_OS_APPLICATION_CREDENTIAL_ID, PROD_OS_APPLICATION_CREDENTIAL_SECRET; they are read when Curfew starts.',
    )
  })

  it.each([
    ['huaweicloud', 'accessKey and secretKey'],
    [
      'openstack',
      'username, password and domainName, or applicationCredentialId and applicationCredentialSecret',
    ],
  ] as const)('of %s that is no JSON says what it should be', (api, fields) => {
    const connection = { ...kept, api }
    const parse = () =>
      api === 'openstack'
        ? parseOpenstackSecret(connection, 'just-the-key')
        : parseSecret(connection, ACCESS_KEY, 'just-the-key')
    expect(errorOf(parse).message).toContain(`the whole: expected JSON, an object with ${fields}. `)
  })

  it.each([
    ['text that is no JSON', 'tell-nobody'],
    ['text cut short', '{"accessKey":"tell-nobody","secretKey":"tell-nob'],
    ['an array', ['tell-nobody']],
    [
      'a wrong field',
      { accessKey: 'tell-nobody', secretKey: 'tell nobody', securityToken: 'tell-nobody\u0000' },
    ],
    ['a wrong type', { accessKey: { deep: 'tell-nobody' }, secretKey: 7 }],
    ['nothing', undefined],
  ])('is never told by the error over %s', (_what, secret) => {
    const error = errorOf(() => parseSecret(kept, ACCESS_KEY, secret))
    expect(inspect(error, { depth: null })).not.toMatch(/tell.nob/)
  })
})

describe('a secret from variables', () => {
  it('has its fields after the prefix, empty ones left out', () => {
    const there = {
      PROD_HUAWEICLOUD_SDK_AK: 'a',
      PROD_HUAWEICLOUD_SDK_SK: 's',
      PROD_HUAWEICLOUD_SDK_SECURITY_TOKEN: '',
      HUAWEICLOUD_SDK_AK: 'other',
    }
    expect(secretFromVariables(variables, there)).toEqual({ accessKey: 'a', secretKey: 's' })
  })

  it('without a prefix has the SDK’s own names', () => {
    const connection: Connection = { ...kept, credentials: { source: 'environment', name: '' } }
    const there = {
      HUAWEICLOUD_SDK_AK: 'a',
      HUAWEICLOUD_SDK_SK: 's',
      HUAWEICLOUD_SDK_SECURITY_TOKEN: 't',
    }
    expect(secretFromVariables(connection, there)).toEqual({
      accessKey: 'a',
      secretKey: 's',
      securityToken: 't',
    })
  })

  it('of OpenStack has the names of its own tools', () => {
    const there = { PROD_OS_USERNAME: 'u', PROD_OS_PASSWORD: 'p', PROD_OS_USER_DOMAIN_NAME: 'd' }
    expect(secretFromVariables({ ...variables, api: 'openstack' }, there)).toEqual({
      username: 'u',
      password: 'p',
      domainName: 'd',
    })
  })
})
