import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newChunk } from '../../lib/core/chunk.ts'
import type { Server } from '../../lib/core/cloud.ts'
import type { CloudErrorClass } from '../../lib/core/errors.ts'
import type { Policy } from '../../lib/core/model.ts'
import {
  planAgain,
  planExhausted,
  planner,
  planningGroups,
  planTrouble,
  planVerdict,
  portions,
  type Totals,
} from '../../lib/core/plan.ts'
import type { Run } from '../../lib/core/run.ts'
import { matching } from '../../lib/core/select.ts'
import { leftUnseen, nothingElsewhere, otherKind, scopeOfLeft, unseenIds } from '../../lib/core/unseen.ts'
import { aCloudError, aPolicy, aRun, aServer, at, START } from '../makers.ts'

/** A small world, so that what is drawn meets: a dozen ids, two tags, a few names. */
const someTags = fc.constantFrom<Record<string, string>>(
  {},
  { env: 'dev' },
  { env: 'prod' },
  { 'curfew-protect': '' },
  { env: 'dev', 'curfew-protect': 'x' },
  { 'curfew-snooze-until': '2030-01-01' },
)
const someServer = fc.record({
  number: fc.nat({ max: 11 }),
  kind: fc.constantFrom('ecs', 'ecs', 'ecs', 'bms'),
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'SHUTOFF', 'ERROR'),
  taskState: fc.constantFrom(null, null, 'powering-off'),
  locked: fc.boolean(),
  tags: someTags,
})
const someFleet = fc
  .uniqueArray(someServer, { selector: ({ number }) => number, maxLength: 12 })
  .map(all =>
    all.map(({ number, ...one }) => aServer({ ...one, id: `s-${number}`, name: `dev-${number}` }) as Server),
  )
const someIds = fc.uniqueArray(
  fc.nat({ max: 13 }).map(number => `s-${number}`),
  { minLength: 1, maxLength: 6 },
)
const someSelector = fc.oneof(
  fc.constant({ all: true }),
  fc.constant({ name: 'dev-1*' }),
  fc.record({ tags: fc.constantFrom({ env: ['dev'] }, { env: [] }) }),
  fc.record({ ids: someIds }),
  fc.record({ ids: someIds, name: fc.constant('dev-?') }),
)
const someExclude = fc.oneof(
  fc.constant({}),
  fc.record({ ids: someIds }),
  fc.constant({ tags: { env: ['prod'] } }),
)
const somePolicies = fc.array(
  fc.record({ selector: someSelector, exclude: someExclude }).map(parts => aPolicy(parts)),
  { minLength: 1, maxLength: 4 },
)

/** What each run takes and leaves of a fleet that is shown page by page. */
function planned(policies: Policy[], fleet: Server[], pageSize: number) {
  const shows = planner(policies, START)
  const { full, rest } = portions(fleet, pageSize)
  const pages = [...full, rest].map(page => shows.see(page))
  const unseen = shows.unseen()
  return policies.map((policy, index) => {
    const left = leftUnseen(policy, { ids: unseen[index]!, elsewhere: new Map(), now: START })
    return {
      policy,
      targets: pages.flatMap(shares => shares[index]!.targets.map(({ id }) => id)),
      left: [...pages.flatMap(shares => shares[index]!.left), ...left].map(({ member, settled }) => ({
        id: member.id,
        ...settled,
      })),
      scope: pages.reduce((sum, shares) => sum + shares[index]!.scope, 0),
    }
  })
}

describe('runs that are planned together, whatever the fleet and the policies', () => {
  const drawn = [somePolicies, someFleet, fc.integer({ min: 1, max: 12 })] as const

  property.prop([...drawn])(
    'each takes some of those that match, none protected, all up',
    (policies, fleet, pageSize) => {
      const byId = new Map(fleet.map(server => [server.id, server]))
      for (const { policy, targets } of planned(policies, fleet, pageSize))
        for (const id of targets) {
          const server = byId.get(id)!
          expect(matching(policy.selector)(server)).toBe(true)
          expect('curfew-protect' in server.tags).toBe(false)
          expect(server).toMatchObject({
            kind: policy.kind,
            status: 'ACTIVE',
            taskState: null,
            locked: false,
          })
        }
    },
  )

  property.prop([...drawn])('no server is taken by two', (policies, fleet, pageSize) => {
    const all = planned(policies, fleet, pageSize).flatMap(({ targets }) => targets)
    expect(new Set(all).size).toBe(all.length)
  })

  property.prop([...drawn])(
    'every one that matches, and every id named, is taken or left exactly once',
    (policies, fleet, pageSize) => {
      for (const { policy, targets, left } of planned(policies, fleet, pageSize)) {
        const matched = fleet.filter(matching(policy.selector)).map(({ id }) => id)
        const nobodys = unseenIds(policy.selector, fleet)
        const seen = [...targets, ...left.map(({ id }) => id)]
        expect(seen.sort()).toEqual([...matched, ...nobodys].sort())
        expect(left.every(({ status, code, reason }) => status === 'skipped' && code && reason)).toBe(true)
        const known = left.filter(({ id }) => nobodys.includes(id))
        expect(known.every(({ code }) => code === 'not-found')).toBe(true)
      }
    },
  )

  property.prop([...drawn])(
    'the scope is what matches, less what is excluded',
    (policies, fleet, pageSize) => {
      for (const { policy, left, targets, scope } of planned(policies, fleet, pageSize)) {
        const inScope = left.filter(
          ({ code, id }) => code !== 'excluded' && fleet.some(server => server.id === id),
        )
        expect(scope).toBe(targets.length + inScope.length)
        expect(scope).toBeLessThanOrEqual(fleet.filter(matching(policy.selector)).length)
      }
    },
  )

  property.prop([...drawn])(
    'who selects a server first has it; those who come later say so',
    (policies, fleet, pageSize) => {
      const alone = policies.map(policy => planned([policy], fleet, pageSize)[0]!)
      const together = planned(policies, fleet, pageSize)
      together.forEach(({ targets, left }, index) => {
        const before = new Set(alone.slice(0, index).flatMap(one => one.targets))
        expect(targets).toEqual(alone[index]!.targets.filter(id => !before.has(id)))
        const robbed = left.filter(({ code }) => code === 'in-another-run').map(({ id }) => id)
        expect(robbed.sort()).toEqual(alone[index]!.targets.filter(id => before.has(id)).sort())
      })
    },
  )
})

test('targets are cut into full chunks, and what is left over', () => {
  expect(portions([1, 2, 3, 4, 5], 2)).toEqual({
    full: [
      [1, 2],
      [3, 4],
    ],
    rest: [5],
  })
  expect(portions([1, 2], 2)).toEqual({ full: [[1, 2]], rest: [] })
  expect(portions([], 2)).toEqual({ full: [], rest: [] })
})

test('a new chunk is to be asked whole, in the mode of its policy, and for the first time', () => {
  const chunk = newChunk(aRun({ planning: 3 }), 7, { size: 2, mode: 'hard', readAt: at(START) })
  expect(chunk).toMatchObject({
    ...{
      runId: aRun().id,
      planning: 3,
      number: 7,
      status: 'waiting',
      attempt: 0,
      readAt: at(START),
      requests: [],
    },
    todo: [{ members: [0, 1], mode: 'hard', escalation: false }],
  })
})

describe('an id that no server of the kind has', () => {
  const elsewhere = (server: Partial<Server>) =>
    new Map([['x', aServer({ id: 'x', name: 'metal', kind: 'bms', ...server })]])
  const left = (policy: Record<string, unknown>, there = elsewhere({})) =>
    leftUnseen(aPolicy({ selector: { ids: ['x'] }, ...policy }), {
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
    const excluded = leftUnseen(aPolicy({ selector: { ids: ['x'] }, exclude: { ids: ['x'] } }), {
      ...there,
      elsewhere: elsewhere({}),
    })
    expect(scopeOfLeft(leftUnseen(aPolicy({ selector: { ids: ['x'] } }), there))).toBe(1)
    expect(scopeOfLeft(excluded)).toBe(0)
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

const totals = (overrides: Partial<Totals> = {}): Totals & { history: [] } => ({
  targets: 3,
  scope: 5,
  chunks: 1,
  fleet: 10,
  codes: { 'skipped/locked': 2 },
  history: [],
  ...overrides,
})

describe('whether a planned run is carried out', () => {
  const limited = aPolicy({ limits: { maxServers: 2 } })
  const verdict = (run: Partial<Run>, policy = limited) => planVerdict(aRun(run), policy, totals())

  test('its numbers add up', () => {
    expect(verdict({}, aPolicy()).summary).toEqual({
      matched: 5,
      targets: 3,
      skipped: 2,
      stopped: 0,
      failed: 0,
      unconfirmed: 0,
    })
  })
  test.each<[string, Partial<Run>, string | undefined]>([
    ['not beyond a limit', {}, 'blocked'],
    ['beyond it where a person says so', { overrideLimits: true }, undefined],
    ['a dry run stops nothing', { dryRun: true, overrideLimits: true }, 'dry-run'],
    ['a dry run shows that it would be blocked', { dryRun: true }, 'blocked'],
  ])('%s', (_, run, code) => {
    expect(verdict(run).withheld?.code).toBe(code)
  })
})

describe('runs planned together, of which one is not carried out', () => {
  const blocked = { codes: {}, withheld: { code: 'blocked', reason: 'x' } } as const
  const robbed = { codes: { 'skipped/in-another-run': 2 } }
  const whole = { codes: { 'skipped/locked': 2 } }

  test.each([
    ['are planned without it where any lost servers', [blocked, robbed, whole], [false, true, true]],
    ['stay as they are where none did', [blocked, whole, whole], [false, false, false]],
    ['stay as they are where all are carried out', [robbed, robbed], [false, false]],
    [
      'need nothing themselves where they are not carried out',
      [blocked, { ...blocked, ...robbed }],
      [false, false],
    ],
  ])('%s', (_, decided, expected) => {
    expect(planAgain(decided)).toEqual(expected)
  })
})

describe('a listing that fails', () => {
  const trouble = (kind: CloudErrorClass, planning = 1, retryAfterSeconds: number | null = null) =>
    planTrouble(aCloudError(kind, { retryAfterSeconds }), { planning })

  test.each(['credentials', 'refused', 'member'] as const)(
    'for good (%s) fails the run, with the cause',
    kind => {
      expect(trouble(kind)).toEqual({ kind: 'fail', reason: `it said ${kind}` })
    },
  )
  test.each(['throttled', 'unavailable', 'ambiguous'] as const)('for now (%s) is tried again', kind => {
    expect(trouble(kind)).toEqual({ kind: 'again', delaySeconds: 5 })
    expect(trouble(kind, 4)).toEqual({ kind: 'again', delaySeconds: 40 })
    expect(trouble(kind, 1, 77)).toEqual({ kind: 'again', delaySeconds: 77 })
    expect(trouble(kind, 10)).toEqual({
      kind: 'fail',
      reason: `the cloud could not be asked in 10 tries: it said ${kind}`,
    })
  })
  test('a planning that never comes to its end is given up, too', () => {
    expect(planExhausted({ ...aRun(), planning: 10 })).toBeNull()
    expect(planExhausted({ ...aRun(), planning: 11 })).toBe('it could not be planned in 10 tries')
  })
})

describe('runs that come due together', () => {
  const ids = (...runs: Partial<Run>[]) =>
    planningGroups(runs.map(one => aRun(one))).map(({ runIds }) => runIds.join(' '))

  test('share a message by connection and kind, the earliest due first', () => {
    expect(
      ids(
        { id: 'b', dueAt: '2026-11-21T12:00:00Z' },
        { id: 'x', connection: 'other' },
        { id: 'y', kind: 'bms' },
        { id: 'c', dueAt: '2026-11-21T11:59:00Z' },
        { id: 'a', dueAt: '2026-11-21T12:00:00Z' },
      ),
    ).toEqual(['c a b', 'x', 'y'])
  })
  test('are not mixed with ended ones, which are looked at again', () => {
    expect(ids({ id: 'a' }, { id: 'b', status: 'succeeded' })).toEqual(['a', 'b'])
  })
  test('are five hundred in a message at most', () => {
    const many = Array.from({ length: 1001 }, (_, number) => ({ id: `r-${number}` }))
    const sizes = (count: number) =>
      planningGroups(many.slice(0, count).map(one => aRun(one))).map(({ runIds }) => runIds.length)
    expect(sizes(500)).toEqual([500])
    expect(sizes(1001)).toEqual([500, 500, 1])
  })
})
