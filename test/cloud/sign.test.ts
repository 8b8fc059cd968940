import { createHash } from 'node:crypto'
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requestTarget, type Unsigned } from '../../lib/cloud/http/target.ts'
import { canonicalRequest, signRequest, stringToSign } from '../../lib/cloud/huawei/sign.ts'
import signingVectors from './signing-vectors.json' with { type: 'json' }

const { vectors } = signingVectors
type Vector = (typeof vectors)[number]

const lowerCase = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), value]],
    ),
  )

/** `X-Sdk-Date` in milliseconds. */
const millisecondsAt = (at: string): number =>
  Date.parse(at.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))

function given({ input }: Vector) {
  const { host, pathname } = new URL(input.url)
  const headers = lowerCase(input.headers)
  const { 'x-sdk-date': at, 'x-security-token': securityToken, ...rest } = headers
  const query = Object.fromEntries(
    Object.entries(input.query).map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]),
  )
  const unsigned: Unsigned = {
    method: input.method as Unsigned['method'],
    host,
    path: pathname.slice(1).split('/'),
    query,
    headers: rest,
    body: input.body ?? '',
  }
  const key = { accessKey: input.accessKey, secretKey: input.secretKey, securityToken }
  return { unsigned, key, at: at!, signedHeaders: { ...headers, host } }
}

describe('a signature', () => {
  it.each(vectors)('is that of the vector $name', vector => {
    const { unsigned, key, at, signedHeaders } = given(vector)
    const canonical = canonicalRequest({ ...unsigned, headers: signedHeaders })
    expect(canonical).toBe(vector.expected.canonicalRequest)
    expect(createHash('sha256').update(canonical).digest('hex')).toBe(vector.expected.canonicalRequestSha256)
    expect(stringToSign(canonical, at)).toBe(vector.expected.stringToSign)
    const headers = signRequest(unsigned, key, millisecondsAt(at))
    expect(headers.authorization).toMatch(new RegExp(`Signature=${vector.expected.signature}$`))
    expect(headers).toEqual(lowerCase(vector.expected.headersToSend))
  })

  it('covers a temporary key’s token', () => {
    const { unsigned, at } = given(vectors[0]!)
    const key = { accessKey: 'a', secretKey: 's', securityToken: 'token-1' }
    const headers = signRequest(unsigned, key, millisecondsAt(at))
    expect(headers['x-security-token']).toBe('token-1')
    expect(headers.authorization).toContain('SignedHeaders=host;x-sdk-date;x-security-token,')
    const other = signRequest(unsigned, { ...key, securityToken: 'token-2' }, millisecondsAt(at))
    expect(other.authorization).not.toBe(headers.authorization)
  })

  it('covers no header that an HTTP library may change', () => {
    const { unsigned, key, at } = given(vectors[0]!)
    const plain = signRequest(unsigned, key, millisecondsAt(at))
    const more = signRequest({ ...unsigned, headers: { 'user-agent': 'curfew' } }, key, millisecondsAt(at))
    expect(more.authorization).toBe(plain.authorization)
    expect(more['user-agent']).toBe('curfew')
  })

  it('is made over the query as it is sent', () => {
    const { unsigned } = given(vectors.find(({ name }) => name === 'get-ecs-list-nonascii')!)
    const [path, query] = requestTarget(unsigned).split('?')
    expect(canonicalRequest(unsigned).split('\n').slice(1, 3)).toEqual([`${path}/`, query])
  })
})

// The official signer encodes a path once more that the URL had to encode; what needs no encoding is the same to both.
const segment = fc.stringMatching(/^[\w.~-]{1,12}$/).filter(text => !/^\.+$/.test(text))
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const query = fc.dictionary(
  text.filter(name => name !== '__proto__'),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(text, { minLength: 1 })),
  { maxKeys: 5 },
)
const jsonBody = fc.dictionary(text, fc.jsonValue(), { minKeys: 1, maxKeys: 4 })
const token = fc.stringMatching(/^[\x21-\x7e]{1,40}$/)
const request = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  path: fc.array(segment, { minLength: 1, maxLength: 5 }),
  query,
  data: fc.option(jsonBody, { nil: undefined }),
  securityToken: fc.option(token, { nil: undefined }),
  projectId: fc.stringMatching(/^[0-9a-f]{32}$/),
  secretKey: token,
  nowMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2060, 0) }),
})

describe('the official SDK as oracle', () => {
  it('signs any request as we do', () => {
    fc.assert(
      fc.property(request, ({ method, path, query, data, securityToken, projectId, secretKey, nowMs }) => {
        const host = 'ecs.cn-north-4.myhuaweicloud.com'
        const headers = { 'content-type': 'application/json', 'x-project-id': projectId }
        const body = data === undefined ? '' : JSON.stringify(data)
        const key = { accessKey: 'AKEXAMPLE', secretKey, securityToken }
        const ours = signRequest({ method, host, path, query, headers, body }, key, nowMs)
        const theirs = AKSKSigner.sign(
          {
            method,
            url: '',
            endpoint: `https://${host}/${path.join('/')}`,
            queryParams: structuredClone(query),
            headers: {
              'Content-Type': 'application/json',
              'X-Project-Id': projectId,
              'X-Sdk-Date': ours['x-sdk-date'],
              ...(securityToken === undefined ? {} : { 'X-Security-Token': securityToken }),
            },
            data,
          } as never,
          new BasicCredentials().withAk('AKEXAMPLE').withSk(secretKey),
        )
        expect(ours).toEqual(lowerCase(theirs))
      }),
      { numRuns: 1000 },
    )
  })
})
