import { expect, test } from 'vitest'
import { previewPolicy } from '../../../lib/core/preview/preview.ts'
import { aConnection, aGuard, aPolicy, aServer } from '../../makers.ts'

const warned = (api: 'huaweicloud' | 'openstack' | null, policy: Record<string, unknown>): string[] => {
  const connection = api === null ? null : aConnection({ api })
  const guard = aGuard({ connection })
  const { warnings } = previewPolicy({
    policy: aPolicy(policy),
    servers: [aServer()],
    history: [],
    compared: { overlaps: [], unreadable: [], cutAfter: null },
    guard,
  })
  return warnings.flatMap(({ code, message }) => (code === 'hard-may-be-soft' ? [message] : []))
}
const HARD = { mode: 'hard' }
const ESCALATES = { escalateAfterMinutes: 15 }
const METAL = { kind: 'bms', mode: 'hard', acceptPowerCut: true }

test.each([
  ['openstack', HARD, /^mode is hard: a plain OpenStack takes a hard stop and does a soft one/],
  ['openstack', ESCALATES, /^escalateAfterMinutes is 15: .* refuses any while the soft one is under way$/],
] as const)('over %s, %j is warned of', (api, policy, expected) => {
  expect(warned(api, policy)).toEqual([expect.stringMatching(expected)])
})

test.each([
  ['openstack', {}],
  ['openstack', METAL],
  ['huaweicloud', HARD],
  ['huaweicloud', ESCALATES],
  [null, HARD],
] as const)('over %s, %j is not', (api, policy) => {
  expect(warned(api, policy)).toEqual([])
})
