import { test as property } from '@fast-check/vitest'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Server, ServerFilter } from '../../../lib/core/model/cloud.ts'
import type { Policy } from '../../../lib/core/model/model.ts'
import {
  chooseReading,
  filtersFor,
  needsNoList,
  whyIgnored,
  whyIncomplete,
} from '../../../lib/core/plan/filters/filters.ts'
import { createPlanner, type Share } from '../../../lib/core/plan/planner.ts'
import { skipUnknownIds } from '../../../lib/core/plan/unknown-ids.ts'
import { aPolicy, aServer, START } from '../../makers.ts'

const ids = (count: number) => Array.from({ length: count }, (_, number) => `s-${number}`)
const tag = (value: string, key = 'env'): ServerFilter => ({ key, value })

describe('the filters that show every server that runs may select', () => {
  test.each([
    ['ids are named', [{ ids: ['a'] }, { ids: ['b', 'a'] }], [{ ids: ['a', 'b'] }]],
    ['each value of a tag', [{ tags: { env: ['dev', 'test'] } }], [tag('dev'), tag('test')]],
    ['the same tag once', [{ tags: { env: ['dev'] } }, { tags: { env: ['dev'] }, name: 'a*' }], [tag('dev')]],
    [
      'of several keys the one with the fewest values',
      [{ tags: { env: ['dev', 'test'], team: ['web'] } }],
      [tag('web', 'team')],
    ],
    [
      'a key with any value not, where there is another',
      [{ tags: { env: [], team: ['web'] } }],
      [tag('web', 'team')],
    ],
    ['ids rather than tags', [{ ids: ['a'], tags: { env: ['dev'] } }], [{ ids: ['a'] }]],
    ['of ids and tags both', [{ tags: { env: ['dev'] } }, { ids: ['a'] }], [{ ids: ['a'] }, tag('dev')]],
    ['of nobody none', [{ ids: [] }], []],
  ])('%s', (_, selectors, filters) => {
    expect(filtersFor(selectors)).toEqual(filters)
  })

  test.each([
    ['all', { all: true as const }],
    ['a name', { name: 'dev-*' }],
    ['an enterprise project', { enterpriseProjectId: '0' }],
    ['a tag with any value', { tags: { env: [] } }],
    ['a tag without a value', { tags: { env: ['dev', ''] } }],
  ])('are none where one of the runs selects by %s', (_, selector) => {
    expect(filtersFor([{ ids: ['a'] }, selector])).toBeNull()
  })
})

describe('the way to read', () => {
  test.each([
    [[], true],
    [[{ ids: ids(100) }], true],
    [[{ ids: ids(101) }], false],
    [[tag('dev')], false],
  ])('is clear without any count for at most one request by ids', (filters, expected) => {
    expect(needsNoList(filters)).toBe(expected)
  })

  const tags = (count: number) => ids(count).map(value => tag(value))
  test.each<[string, ServerFilter[], number | null, (number | null)[], 'filters' | 'list']>([
    ['ten tags on few servers', tags(10), 100_000, Array(10).fill(50), 'filters'],
    ['ten tags, none counted yet', tags(10), 100_000, [], 'filters'],
    ['one tag on many servers', tags(1), 100_000, [39_000], 'filters'],
    ['one tag on more than is kept at once', tags(1), 1_000_000, [40_000], 'list'],
    ['tags that take more than the list', tags(3), 2_500, [10, 10, 10], 'list'],
    ['tags that take as much as the rest of the list', tags(2), 2_500, [10, 10], 'list'],
    ['a tag that is counted as on nearly all', tags(1), 5_000, [4_999], 'list'],
    ['a tag that the cloud does not count', tags(1), 100_000, [null], 'list'],
    ['a fleet that the cloud does not count', tags(1), null, [1], 'list'],
    ['two thousand ids', [{ ids: ids(2000) }], 100_000, [], 'filters'],
    ['the same in a small fleet', [{ ids: ids(2000) }], 20_000, [], 'list'],
    ['ids and a tag', [{ ids: ids(150) }, tag('dev')], 4_000, [null, 50], 'filters'],
  ])('of %s is the one with fewer requests', (_, filters, fleet, counts, way) => {
    const passed = new Map(filters.flatMap((filter, n) => (n in counts ? [[filter, counts[n]!]] : [])))
    expect(chooseReading(filters, { fleet, passed })).toBe(way)
  })
})

describe('a filter', () => {
  const dev = aServer({ id: 'a', tags: { env: 'dev' } })
  const prod = aServer({ id: 'b', tags: { env: 'prod' } })
  const unreadable = { ...prod, id: 'c', tags: {}, unreadable: 'its tags' }

  test('that shows another server is ignored by the cloud', () => {
    expect(whyIgnored(tag('dev'), [dev, prod])).toBe('a filter shows server b, which it should not')
    expect(whyIgnored({ ids: ['a'] }, [dev, prod])).toContain('server b')
    expect(whyIgnored(tag('dev'), [dev, unreadable])).toBeNull()
  })

  const shown = (found: Server[], page: Server[], percents: number[] = []) => ({
    found: new Map(found.map(server => [server.id, server])),
    passed: new Map([[filter, found.length]]),
    page,
    percents,
  })
  const filter = tag('dev')

  test('that lacks a server of the list is not believed', () => {
    const other = { ...dev, id: 'd' }
    expect(whyIncomplete([filter], shown([other], [dev]))).toBe(
      'the filters lack server a, which the list shows',
    )
    expect(whyIncomplete([filter], shown([other, dev], [dev, prod, unreadable]))).toBeNull()
  })

  test('that shows a server without a tag of the list is not believed: it may be the one that protects it', () => {
    const guarded = aServer({ id: 'a', tags: { env: 'dev', 'curfew-protect': '' } })
    expect(whyIncomplete([filter], shown([dev], [guarded]))).toBe(
      'a filter shows server a without a tag that the list shows',
    )
    expect(whyIncomplete([filter], shown([guarded], [dev]))).toBeNull()
    expect(whyIncomplete([filter], shown([{ ...dev, unreadable: 'its tags' }], [guarded]))).toBeNull()
  })

  test('does not do where a limit in percent may be exceeded by the servers that came', () => {
    const reason = 'limits.maxPercent of 49 % can be judged by all servers alone'
    expect(whyIncomplete([filter], shown([dev], [dev, prod], [50, 49]))).toBe(reason)
    expect(whyIncomplete([filter], shown([dev], [dev, prod], [50]))).toBeNull()
  })

  test('by a tag is not believed where none shows a server; by ids it is', () => {
    expect(whyIncomplete([filter], shown([], [prod]))).toBe('no filter shows a server')
    expect(whyIncomplete([{ ids: ['a'] }], shown([], []))).toBeNull()
    const others = {
      ...shown([dev], []),
      passed: new Map([
        [filter, 0],
        [tag('test'), 1],
      ]),
    }
    expect(whyIncomplete([...others.passed.keys()], others)).toBeNull()
  })
})

/** A small world, so that what is drawn meets. */
const someServer = fc.record({
  number: fc.nat({ max: 11 }),
  kind: fc.constantFrom('ecs', 'ecs', 'ecs', 'bms'),
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'SHUTOFF', 'ERROR'),
  locked: fc.boolean(),
  tags: fc.constantFrom<Record<string, string>>(
    {},
    { env: 'dev' },
    { env: 'dev', team: 'web' },
    { env: 'test', 'curfew-protect': '' },
    { team: 'web', 'curfew-snooze-until': '2030-01-01' },
  ),
})
const someFleet = fc
  .uniqueArray(someServer, { selector: ({ number }) => number, maxLength: 12 })
  .map(all =>
    all.map(({ number, ...one }) => aServer({ ...one, id: `s-${number}`, name: `n-${number}` }) as Server),
  )
const someIds = fc.uniqueArray(fc.nat({ max: 13 }).map(String), { minLength: 1, maxLength: 6 })
const namedIds = someIds.map(numbers => numbers.map(number => `s-${number}`))
const someTags = fc.constantFrom<Record<string, string[]>>(
  { env: ['dev', 'test'] },
  { env: ['dev'] },
  { env: ['dev', 'test'], team: ['web'] },
  { team: ['web'] },
)
const someSelector = fc.oneof(
  fc.record({ tags: someTags }),
  fc.record({ ids: namedIds }),
  fc.record({ ids: namedIds, tags: someTags }),
  fc.record({ tags: someTags, name: fc.constant('n-1*') }),
)
const someExclude = fc.oneof(
  fc.constant({}),
  fc.record({ ids: namedIds }),
  fc.constant({ tags: { team: [] } }),
)
const somePolicies = fc.array(
  fc.record({ selector: someSelector, exclude: someExclude }).map(parts => aPolicy(parts)),
  { minLength: 1, maxLength: 4 },
)

/** What each run records once so much of the fleet was shown, and ids that no server had were asked for by themselves. */
function recorded(policies: Policy[], shown: Server[], fleet: Server[]) {
  const groups = new Map([['s-3', 'web-group']])
  const planner = createPlanner(
    policies.map((policy, index) => ({ ...policy, runId: `run-${index}` })),
    START,
  )
  const isOf = (kind: string) => (server: Server) => server.kind === kind
  const shares = [planner.see(shown.filter(isOf('ecs')), groups)]
  const unseen = new Set(planner.unseen().flat())
  shares.push(
    planner.see(
      fleet.filter(isOf('ecs')).filter(({ id }) => unseen.has(id)),
      groups,
    ),
  )
  const elsewhere = new Map(fleet.filter(isOf('bms')).map(server => [server.id, server]))
  return policies.map((policy, index) => {
    const own = shares.map(all => all[index]!)
    const nobodys = skipUnknownIds(policy, { ids: planner.unseen()[index]!, elsewhere, now: START })
    const left = [...own.flatMap((share: Share) => share.left), ...nobodys]
    return {
      targets: own.flatMap(({ targets }) => targets).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      left: left.toSorted((a, b) => (a.member.id < b.member.id ? -1 : 1)),
      scope: own.reduce((sum, { scope }) => sum + scope, 0),
    }
  })
}

const passes = (filter: ServerFilter, { id, tags }: Server): boolean =>
  'ids' in filter ? filter.ids.includes(id) : (tags[filter.key]?.includes(filter.value) ?? false)

describe('runs that are planned together, whatever the fleet and the policies', () => {
  property.prop([somePolicies, someFleet])(
    'record the same by filters as by the whole list',
    (policies, fleet) => {
      const filters = filtersFor(policies.map(({ selector }) => selector))!
      const shown = fleet.filter(server => filters.some(filter => passes(filter, server)))
      expect(recorded(policies, shown, fleet)).toEqual(recorded(policies, fleet, fleet))
      for (const filter of filters)
        expect(
          whyIgnored(
            filter,
            fleet.filter(server => passes(filter, server)),
          ),
        ).toBeNull()
    },
  )
})
