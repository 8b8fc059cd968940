import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { signed } from '../../cli/authorize.ts'
import { isLoopback } from '../../lib/core/documents/connection.ts'

describe('elsewhere than on this machine requests are signed', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const env = { AWS_REGION: 'eu-central-1' }
  const sent = (address: string, body?: string) => ({
    method: 'PUT',
    url: new URL(address),
    headers: { 'content-type': 'application/json' },
    ...(body ? { body } : {}),
  })
  beforeEach(() => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: '',
    })
    vi.setSystemTime('2026-11-21T12:00:00Z')
  })

  test('for the region that the address names', async () => {
    const headers = await signed(
      sent('https://abc.execute-api.eu-west-1.amazonaws.com/v1/policies/x?a=1', '{}'),
      env,
    )
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-amz-date': '20261121T120000Z' })
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261121\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
  })

  test('differently for another body', async () => {
    const address = 'https://abc.execute-api.eu-west-1.amazonaws.com/v1/policies/x'
    const [one, same, other] = await Promise.all(
      ['{"a":1}', '{"a":1}', '{"a":2}'].map(body => signed(sent(address, body), env)),
    )
    expect(one).toEqual(same)
    expect(one!.authorization).not.toBe(other!.authorization)
  })

  test('for the region of the environment, where the address names none', async () => {
    const headers = await signed(sent('https://curfew.example/v1/policies'), env)
    expect(headers.authorization).toContain('/eu-central-1/execute-api/')
    await expect(signed(sent('https://curfew.example/v1/policies'), {})).rejects.toThrow(
      'expected it in AWS_REGION',
    )
  })

  test.each([
    ['http://127.0.0.1:3000', true],
    ['http://localhost:3000', true],
    ['http://[::1]:3000', true],
    ['https://127.0.0.1.evil.example', false],
    ['https://curfew.example', false],
  ])('%s is this machine: %s', (address, own) => {
    expect(isLoopback(new URL(address).hostname)).toBe(own)
  })
})
