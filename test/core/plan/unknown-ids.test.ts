import { describe, expect, test } from 'vitest'
import {
  nothingElsewhere,
  otherKind,
  scopeOfSkipped,
  skipUnknownIds,
} from '../../../lib/core/plan/unknown-ids.ts'
import { aCloudError, aPolicy, aServer, type ServerOverrides, START } from '../../makers.ts'

describe('an id that no server of the kind has', () => {
  const elsewhere = (server: ServerOverrides) =>
    new Map([['x', aServer({ id: 'x', name: 'metal', kind: 'bms', ...server })]])
  const left = (policy: Record<string, unknown>, there = elsewhere({})) =>
    skipUnknownIds(aPolicy({ selector: { ids: ['x'] }, ...policy }), {
      ids: ['x'],
      elsewhere: there,
      now: START,
    }).map(({ member, settled }) => [member.id, member.name, settled.status, settled.code, settled.reason])

  test('is not-found where nobody has it', () => {
    expect(left({}, new Map())).toEqual([['x', '', 'skipped', 'not-found', 'no ecs server has this id']])
  })
  test('is wrong-kind where a server of the other kind has it', () => {
    expect(left({})).toEqual([['x', 'metal', 'skipped', 'wrong-kind', 'it is bms, the policy is for ecs']])
  })
  test('is protected or excluded first, like any other', () => {
    expect(left({}, elsewhere({ tags: { 'curfew-protect': '' } }))[0]?.[3]).toBe('protected')
    expect(left({ exclude: { ids: ['x'] } })[0]?.[3]).toBe('excluded')
  })
  test('counts as in scope unless it is excluded', () => {
    const there = { ids: ['x'], elsewhere: new Map(), now: START }
    const excluded = skipUnknownIds(aPolicy({ selector: { ids: ['x'] }, exclude: { ids: ['x'] } }), {
      ...there,
      elsewhere: elsewhere({}),
    })
    expect(scopeOfSkipped(skipUnknownIds(aPolicy({ selector: { ids: ['x'] } }), there))).toBe(1)
    expect(scopeOfSkipped(excluded)).toBe(0)
    expect([otherKind('ecs'), otherKind('bms')]).toEqual(['bms', 'ecs'])
  })
  test('is nothing where another condition does not hold', () => {
    expect(left({ selector: { ids: ['x'], name: 'dev-*' } })).toEqual([])
  })
  test('of a server made since the list was read is not found', () => {
    expect(left({}, elsewhere({ kind: 'ecs' }))[0]?.[3]).toBe('not-found')
  })
  test('is not found where the other kind cannot be asked', () => {
    expect(nothingElsewhere(aCloudError('refused'))).toEqual(new Map())
    expect(() => nothingElsewhere(new TypeError('mine'))).toThrow('mine')
  })
})
