import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { Server } from '../../../lib/core/model/cloud.ts'
import type { Policy } from '../../../lib/core/model/model.ts'
import { splitPortions } from '../../../lib/core/plan/plan.ts'
import { createPlanner } from '../../../lib/core/plan/planner.ts'
import { selectorTest } from '../../../lib/core/plan/select.ts'
import { skipUnknownIds, unseenIds } from '../../../lib/core/plan/unknown-ids.ts'
import { aPolicy, aServer, START } from '../../makers.ts'

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
  const shows = createPlanner(
    policies.map((policy, index) => ({ ...policy, runId: `run-${index}` })),
    START,
  )
  const { full, rest } = splitPortions(fleet, pageSize)
  const pages = [...full, rest].map(page => shows.see(page))
  const unseen = shows.unseen()
  return policies.map((policy, index) => {
    const left = skipUnknownIds(policy, { ids: unseen[index]!, elsewhere: new Map(), now: START })
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
          expect(selectorTest(policy.selector)(server)).toBe(true)
          expect('curfew-protect' in server.tags).toBe(false)
          expect(server).toMatchObject({
            kind: policy.kind,
            status: 'ACTIVE',
            busy: null,
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
        const matched = fleet.filter(selectorTest(policy.selector)).map(({ id }) => id)
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
        expect(scope).toBeLessThanOrEqual(fleet.filter(selectorTest(policy.selector)).length)
      }
    },
  )

  property.prop([...drawn])(
    'who selects a server first has it; those who come later name the run that does',
    (policies, fleet, pageSize) => {
      const alone = policies.map(policy => planned([policy], fleet, pageSize)[0]!)
      const together = planned(policies, fleet, pageSize)
      together.forEach(({ targets, left }, index) => {
        const before = new Set(alone.slice(0, index).flatMap(one => one.targets))
        expect(targets).toEqual(alone[index]!.targets.filter(id => !before.has(id)))
        const robbed = left.filter(({ code }) => code === 'in-another-run')
        for (const { id, reason } of robbed) {
          const taker = together.findIndex(one => one.targets.includes(id))
          expect(reason).toBe(`run run-${taker}, of the same minute, takes it`)
        }
        expect(robbed.map(({ id }) => id).sort()).toEqual(
          alone[index]!.targets.filter(id => before.has(id)).sort(),
        )
      })
    },
  )
})
