import { describe, expect, test } from 'vitest'
import { Policy } from '../../../lib/core/model/model.ts'
import {
  addCoverage,
  type CoverageRules,
  countCoverage,
  NOTHING_COUNTED,
  reportCoverage,
  usualTimeZone,
} from '../../../lib/core/overview/coverage.ts'
import { suggestPolicy } from '../../../lib/core/overview/suggestion.ts'
import { prepareSelection } from '../../../lib/core/preview/server-view.ts'
import { aPolicy, aServer, type ServerOverrides, START } from '../../makers.ts'

const server = (id: string, rest: ServerOverrides = {}) => aServer({ id, name: id, ...rest })
const tagged = (id: string, tags: Record<string, string>) =>
  server(id, { tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]])) })
const rules = (rest: Partial<CoverageRules> = {}): CoverageRules => ({
  connection: { id: 'prod', enabled: true },
  policies: [prepareSelection(aPolicy({ selector: { tags: { env: ['dev'] } } }))],
  groups: new Map(),
  snoozes: new Map(),
  now: START,
  ...rest,
})
const fleet = [
  tagged('dev', { env: 'dev' }),
  tagged('kept', { env: 'dev', 'curfew-protect': '' }),
  tagged('member', { env: 'dev' }),
  tagged('asleep', { env: 'dev', 'curfew-snooze-until': '2099-01-01' }),
  tagged('web-1', { team: 'web' }),
  tagged('web-2', { team: 'web', 'curfew-no-force': '' }),
  server('db-1', { status: 'SHUTOFF' }),
  server('gone', { status: 'DELETED' }),
]
const groups = new Map([['member', 'as-web']])
const ids = (count = countCoverage(fleet, rules({ groups }))) =>
  count.uncovered.map(({ serverId }) => serverId)

describe('a server is', () => {
  test('covered by an enabled policy that matches it, snoozed or not', () => {
    expect(countCoverage(fleet, rules({ groups }))).toMatchObject({ servers: 7, covered: 2, protected: 2 })
    expect(ids()).toEqual(['web-1', 'web-2', 'db-1'])
  })
  test('covered by no disabled policy, and by none of a disabled connection', () => {
    const policies = [prepareSelection(aPolicy({ enabled: false, selector: { all: true } }))]
    expect(countCoverage(fleet, rules({ groups, policies })).covered).toBe(0)
    expect(countCoverage(fleet, rules({ groups, connection: { id: 'prod', enabled: false } })).covered).toBe(
      0,
    )
  })
  test('up for at least as long as nothing about it changed, where it is up', () => {
    const updated = new Date(START - 50.5 * 3_600_000).toISOString()
    const up = { ...server('up'), updatedAt: updated }
    const off = { ...server('off', { status: 'SHUTOFF' }), updatedAt: updated }
    const silent = { ...server('silent') }
    delete silent.updatedAt
    const { uncovered } = countCoverage([up, off, silent], rules({ policies: [] }))
    expect(uncovered.map(({ upSinceHours }) => upSinceHours)).toEqual([50, null, null])
  })
})

test('each server counts once: all are covered, protected or uncovered', () => {
  const { summary } = reportCoverage(
    addCoverage(countCoverage(fleet, rules({ groups })), NOTHING_COUNTED),
    'UTC',
  )
  expect(summary).toEqual({ servers: 7, covered: 2, protected: 2, uncovered: 3 })
})

test('a report names the first thousand, or as many as asked for, and counts all', () => {
  const many = Array.from({ length: 1200 }, (_, place) => tagged(`s-${place}`, { team: 'web' }))
  const count = countCoverage(many, rules())
  const { summary, uncovered, byTag, byFlavor } = reportCoverage(count, 'UTC')
  expect(uncovered).toHaveLength(1000)
  expect(reportCoverage(count, 'UTC', Number.POSITIVE_INFINITY).uncovered).toHaveLength(1200)
  expect(summary.uncovered).toBe(1200)
  expect(byTag).toEqual([{ key: 'team', value: 'web', servers: 1200 }])
  expect(byFlavor).toMatchObject([{ servers: 1200 }])
})

describe('the suggested policy', () => {
  const suggested = (...tags: Record<string, string>[]) =>
    suggestPolicy(
      countCoverage(
        tags.map((one, place) => tagged(`s-${place}`, one)),
        rules({ policies: [] }),
      ).uncovered,
      'Asia/Tokyo',
    )
  test('names the fewest values of one tag that half of the servers carry', () => {
    const found = suggested(
      { env: 'test', owner: 'ann' },
      { env: 'test', owner: 'bob' },
      { env: 'stage', owner: 'cid' },
      { owner: 'dan' },
    )
    expect(found).toMatchObject({ covers: 2, of: 4, policy: { selector: { tags: { env: ['test'] } } } })
  })
  test('covers as many as one tag can where none reaches half', () => {
    const found = suggested({ env: 'test' }, {}, {}, {}, {})
    expect(found).toMatchObject({ covers: 1, of: 5, policy: { selector: { tags: { env: ['test'] } } } })
  })
  test('is a whole policy, disabled, in the zone that is usual here', () => {
    const { policy } = suggested({ env: 'test' })!
    expect(Policy.parse(policy)).toMatchObject({
      id: 'uncovered-prod',
      connection: 'prod',
      enabled: false,
      mode: 'soft',
      schedule: { timeZone: 'Asia/Tokyo' },
    })
  })
  test('is none where no tag tells servers apart, or where all of them are bare metal', () => {
    expect(suggested({}, { 'curfew-no-force': '' })).toBeNull()
    const metal = [server('m', { kind: 'bms', tags: { env: ['test'] } })]
    expect(suggestPolicy(countCoverage(metal, rules({ policies: [] })).uncovered, 'UTC')).toBeNull()
  })
})

test('the usual zone is that of most policies', () => {
  const inZone = (timeZone: string) =>
    prepareSelection(
      aPolicy({ schedule: { cron: '0 20 * * *', timeZone, skipDates: [], catchUpMinutes: 60 } }),
    )
  expect(usualTimeZone(['UTC', 'Asia/Tokyo', 'Asia/Tokyo'].map(inZone))).toBe('Asia/Tokyo')
  expect(usualTimeZone([])).toBe('UTC')
})
