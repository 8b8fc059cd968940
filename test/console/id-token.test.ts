import { expect, test } from 'vitest'
import { type Claims, claimsProblem, readClaims } from '../../console/sign-in/id-token.ts'

const EXPECTED = { issuer: 'https://login.example', clientId: 'curfew', nonce: 'n', isRenewed: false }
const claimsWith = (more: Partial<Claims> = {}): Claims => ({
  iss: EXPECTED.issuer,
  sub: 'u-1',
  aud: 'curfew',
  nonce: 'n',
  exp: Date.now() / 1000 + 600,
  ...more,
})

test('the claims of a token are read, whatever letters are in them', () => {
  const payload = Buffer.from(JSON.stringify({ sub: 'Grüße-键>>>???' })).toString('base64url')
  expect(readClaims(`e30.${payload}.c2ln`)).toEqual({ sub: 'Grüße-键>>>???' })
  for (const text of ['', 'a', 'a.b.c', 'a.!.c']) expect(() => readClaims(text)).toThrow()
})

test.each([
  [{}],
  [{ aud: ['curfew'] }],
  [{ aud: ['other', 'curfew'], azp: 'curfew' }],
  [{ exp: Date.now() / 1000 - 30 }],
])('a token for this page is taken: %j', more => {
  expect(claimsProblem(claimsWith(more), EXPECTED)).toBeNull()
})

test.each<[Partial<Claims>, RegExp]>([
  [{ iss: 'https://login.example/' }, /another issuer/],
  [{ aud: 'other' }, /another client/],
  [{ aud: ['other', 'curfew'] }, /another client/],
  [{ aud: [] }, /another client/],
  [{ nonce: 'm' }, /another login/],
  [{ nonce: undefined } as unknown as Partial<Claims>, /another login/],
  [{ exp: Date.now() / 1000 - 120 }, /has ended/],
  [{ exp: 'soon' as unknown as number }, /has ended/],
])('any other is refused, with the reason: %j', (more, reason) => {
  expect(claimsProblem(claimsWith(more), EXPECTED)).toMatch(reason)
})

test('a renewed token may leave the nonce out, and may not have another one', () => {
  const { nonce: _, ...without } = claimsWith()
  expect(claimsProblem(without, { ...EXPECTED, isRenewed: true })).toBeNull()
  expect(claimsProblem(claimsWith({ nonce: 'm' }), { ...EXPECTED, isRenewed: true })).toMatch(/another login/)
})
