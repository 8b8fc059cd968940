import { describe, expect, test } from 'vitest'
import { AdHoc, Policy } from '../../../lib/core/model/model.ts'
import { aPolicyBody } from '../../makers.ts'

const problems = (body: Record<string, unknown>): string[] => {
  const { id: _, schedule: __, ...adHoc } = aPolicyBody(body)
  const both = [Policy.safeParse(aPolicyBody(body)), AdHoc.safeParse(adHoc)]
  const [policy, target] = both.map(
    ({ error }) => error?.issues.map(({ path, message }) => `${path}: ${message}`) ?? [],
  )
  expect(target).toEqual(policy)
  return policy!
}
const POWER_CUT =
  'a BMS stop is a power cut whatever its type says: it needs "mode": "hard" and "acceptPowerCut": true'

describe('a BMS stop is a power cut, of a policy and of an ad hoc run alike', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['hard, and with consent: allowed', { mode: 'hard', acceptPowerCut: true }, []],
    ['soft: refused', { mode: 'soft', acceptPowerCut: true }, [`mode: ${POWER_CUT}`]],
    ['without a mode: refused', { acceptPowerCut: true }, [`mode: ${POWER_CUT}`]],
    ['without consent: refused', { mode: 'hard' }, [`acceptPowerCut: ${POWER_CUT}`]],
    [
      'with consent refused: refused',
      { mode: 'hard', acceptPowerCut: false },
      [`acceptPowerCut: ${POWER_CUT}`],
    ],
    [
      'to escalate: refused',
      { mode: 'hard', acceptPowerCut: true, escalateAfterMinutes: 5 },
      ['escalateAfterMinutes: expected null: only a soft stop can escalate'],
    ],
  ])('%s', (_, body, expected) => {
    expect(problems({ kind: 'bms', ...body })).toEqual(expected)
  })
})

test('a hard ECS stop needs no consent, and cannot escalate', () => {
  expect(problems({ mode: 'hard' })).toEqual([])
  expect(problems({ mode: 'hard', escalateAfterMinutes: 5 })).toEqual([
    'escalateAfterMinutes: expected null: only a soft stop can escalate',
  ])
})

test('an ECS policy that says nothing stops softly, and never escalates', () => {
  expect(Policy.parse(aPolicyBody())).toMatchObject({ mode: 'soft', escalateAfterMinutes: null })
})
