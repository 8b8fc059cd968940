import { describe, expect, test } from 'vitest'
import type { Server } from '../../../lib/core/model/cloud.ts'
import { OUTCOME_CODES, type OutcomeCode } from '../../../lib/core/model/outcome.ts'
import type { Exclude, Selector } from '../../../lib/core/model/policy/selector.ts'
import {
  createSelection,
  type Decision,
  type Selecting,
  selectorTest,
} from '../../../lib/core/plan/select.ts'
import { aPolicy, aServer, type ServerOverrides, START } from '../../makers.ts'
import { product } from '../product.ts'

const NOW = START
const decided = (server: ServerOverrides, policy: Record<string, unknown> = {}, now = NOW) =>
  createSelection(aPolicy(policy), now)(aServer(server))
const codeOf = (server: ServerOverrides, policy: Record<string, unknown> = {}, now = NOW) => {
  const decision = decided(server, policy, now)
  return decision?.kind === 'skip' ? decision.code : decision?.kind
}

describe('why a server is left', () => {
  const bms = { kind: 'bms', mode: 'hard', acceptPowerCut: true }
  test.each<[string, ServerOverrides, Record<string, unknown>]>([
    ['target', {}, {}],
    ['target', { tags: { 'curfew-no-force': '' } }, {}],
    ['protected', { tags: { 'curfew-protect': '' } }, {}],
    ['protected', { tags: { 'curfew-protect': 'false' } }, {}],
    ['protected', { tags: { 'curfew-protect': '' }, status: 'SHUTOFF', locked: true }, {}],
    ['excluded', {}, { exclude: { ids: ['s-1'] } }],
    ['excluded', {}, { exclude: { name: 'dev-?' } }],
    ['excluded', { tags: { role: 'db' } }, { exclude: { tags: { role: [] }, name: 'other' } }],
    ['target', { tags: { role: 'web' } }, { exclude: { tags: { role: ['db', 'ci'] } } }],
    ['excluded', { tags: { role: ['db', 'web'] } }, { exclude: { tags: { role: ['db'] } } }],
    ['excluded', { id: 'c0ffee-1' }, { exclude: { ids: ['C0FFEE-1'] } }],
    ['target', { id: 'c0ffee-1' }, { selector: { ids: ['C0FFEE-1'] } }],
    ['snoozed', { tags: { 'curfew-snooze-until': '2026-12-01' } }, {}],
    ['snooze-malformed', { tags: { 'curfew-snooze-until': 'next week' } }, {}],
    ['snoozed', { tags: { 'curfew-snooze-until': ['2026-12-01', '2026-11-01'] } }, {}],
    ['snoozed', { tags: { 'curfew-snooze-until': ['2026-11-01', '2026-12-01'] } }, {}],
    ['unreadable', { unreadable: 'its tags' }, {}],
    ['unreadable', { unreadable: 'its tags' }, { selector: { tags: { env: ['dev'] } } }],
    ['unreadable', { unreadable: 'its tags' }, { exclude: { ids: ['s-1'] } }],
    ['not-active', { status: 'UNKNOWN' }, {}],
    ['wrong-kind', { kind: 'bms' }, {}],
    ['wrong-kind', { kind: 'ecs' }, bms],
    ['target', { kind: 'bms' }, bms],
    ['deleted', { status: 'DELETED' }, {}],
    ['deleted', { status: 'SOFT_DELETED', vmState: 'soft-delete' }, {}],
    ['in-recycle-bin', { inRecycleBin: true, status: 'SHUTOFF' }, {}],
    ['frozen', { frozen: true }, {}],
    ['frozen', { kind: 'bms', frozen: true, status: 'SHUTOFF', vmState: 'stopped' }, bms],
    ['busy', { taskState: 'rebooting' }, {}],
    ['busy', { taskState: 'powering-off' }, {}],
    ['busy', { status: 'SHUTOFF', taskState: 'powering-on' }, {}],
    ['already-stopped', { status: 'SHUTOFF', vmState: 'stopped' }, {}],
    ['already-stopped', { status: 'SHUTOFF', locked: true }, {}],
    ['already-stopped', { kind: 'bms', status: 'VERIFY_RESIZE', vmState: 'shutoff' }, bms],
    ['not-active', { status: 'ERROR', vmState: 'error' }, {}],
    ['not-active', { status: 'VERIFY_RESIZE', vmState: 'resized' }, {}],
    ['locked', { locked: true }, {}],
  ])('%s: %j under %j', (code, server, policy) => {
    expect(codeOf(server, policy)).toBe(code)
  })

  test('one that the selector does not match has no outcome, whatever else holds', () => {
    expect(decided({ tags: { 'curfew-protect': '' } }, { selector: { name: 'prod-*' } })).toBeNull()
  })

  test('who protects a server is above who excludes it, and both above who snoozes it', () => {
    const tags = { 'curfew-protect': '', 'curfew-snooze-until': '2030-01-01' }
    const exclude = { name: '*' }
    expect(codeOf({ tags }, { exclude })).toBe('protected')
    expect(codeOf({ tags: { 'curfew-snooze-until': '2030-01-01' } }, { exclude })).toBe('excluded')
  })
})

/** What may hold, in the order in which the first that does gives the code. */
type Rule = [code: string, holds: (server: Server, policy: Selecting) => boolean]
const SNOOZES: Record<string, string | null> = {
  '2026-12-01': 'snoozed',
  '2026-11-20': null,
  '2026-11-21T12:00:01Z': 'snoozed',
  '2026-11-21T12:00:00Z': null,
  tomorrow: 'snooze-malformed',
}
const snooze = ({ tags }: Server) => SNOOZES[tags['curfew-snooze-until']?.[0] ?? '2026-11-20']
const RULES: Rule[] = [
  ['protected', ({ tags }) => 'curfew-protect' in tags],
  ['excluded', (_, { exclude }) => Object.keys(exclude).length > 0],
  ['snoozed', server => snooze(server) === 'snoozed'],
  ['snooze-malformed', server => snooze(server) === 'snooze-malformed'],
  ['wrong-kind', (server, { kind }) => server.kind !== kind],
  ['deleted', ({ power }) => power === 'deleted'],
  ['in-recycle-bin', ({ inRecycleBin }) => inRecycleBin],
  ['frozen', ({ frozen }) => frozen],
  ['busy', ({ busy }) => busy !== null],
  ['already-stopped', ({ power }) => power === 'off'],
  ['not-active', ({ power }) => power !== 'on'],
  ['locked', ({ locked }) => locked],
]

const FLAG = [false, true]
const TAGS: Record<string, string>[] = [
  {},
  { 'curfew-protect': '' },
  { 'curfew-protect': 'no', 'curfew-snooze-until': 'tomorrow' },
  { 'curfew-no-force': 'x' },
  ...Object.keys(SNOOZES).map(until => ({ 'curfew-snooze-until': until })),
]
const SERVERS = {
  status: 'ACTIVE SHUTOFF ERROR REBOOT BUILD MIGRATING VERIFY_RESIZE DELETED SOFT_DELETED'.split(' '),
  vmState: ['active', 'stopped', 'shutoff', ''],
  taskState: [null, 'powering-off', 'powering-on', 'rebooting'],
  locked: FLAG,
  frozen: FLAG,
  inRecycleBin: FLAG,
  tags: TAGS,
  kind: ['ecs', 'bms'] as const,
}
const EXCLUDES: Exclude[] = [{}, { ids: ['s-1'] }, { name: 'dev-*' }]
const POLICIES = EXCLUDES.flatMap(exclude => [
  aPolicy({ exclude }),
  aPolicy({ exclude, kind: 'bms', mode: 'hard', acceptPowerCut: true }),
])

test('every combination of status, vm_state, task_state, lock, freeze, tags, exclusion and policy has one documented code', () => {
  const seen: Record<string, number> = {}
  const wrong: unknown[] = []
  const judge = (server: Server, policy: Selecting, decision: Decision) => {
    const code = decision?.kind === 'skip' ? decision.code : (decision?.kind ?? 'null')
    const expected = RULES.find(([, holds]) => holds(server, policy))?.[0] ?? 'target'
    const statuses: readonly string[] = OUTCOME_CODES[code as OutcomeCode] ?? []
    const isDocumented = code === 'target' || statuses.includes('skipped')
    const hasReason = decision?.kind !== 'skip' || decision.reason.length > 5
    seen[code] = (seen[code] ?? 0) + 1
    if (code !== expected || !isDocumented || !hasReason) wrong.push({ server, code, expected })
  }
  for (const policy of POLICIES) {
    const select = createSelection(policy, NOW)
    for (const one of product<ServerOverrides>(SERVERS)) {
      const server = aServer(one)
      judge(server, policy, select(server))
    }
  }
  expect(wrong.slice(0, 3)).toEqual([])
  expect(Object.keys(seen).sort()).toEqual([...new Set(['target', ...RULES.map(([code]) => code)])].sort())
  expect(Object.values(seen).reduce((sum, count) => sum + count, 0)).toBe(3 * 2 * 9 * 4 * 4 * 8 * 9 * 2)
})

describe('a snooze tag', () => {
  const until = (value: string, now: string, timeZone = 'UTC') =>
    codeOf(
      { tags: { 'curfew-snooze-until': value } },
      { schedule: { cron: '0 20 * * *', timeZone } },
      Date.parse(now),
    )

  test.each([
    ['2026-12-01', '2026-12-01T23:59:59Z', 'UTC', 'snoozed'],
    ['2026-12-01', '2026-12-02T00:00:00Z', 'UTC', 'target'],
    ['2026-12-01', '2026-12-01T15:59:59Z', 'Asia/Shanghai', 'snoozed'],
    ['2026-12-01', '2026-12-01T16:00:00Z', 'Asia/Shanghai', 'target'],
    ['2026-12-01T18:00:00Z', '2026-12-01T17:59:59Z', 'UTC', 'snoozed'],
    ['2026-12-01T18:00:00Z', '2026-12-01T18:00:00Z', 'UTC', 'target'],
    ['2026-12-01T18:00:00+08:00', '2026-12-01T10:00:00Z', 'UTC', 'target'],
    ['2026-12-01T18:00:00+08:00', '2026-12-01T09:59:59Z', 'UTC', 'snoozed'],
    ['2026-12-01T18:00', '2026-12-09T00:00:00Z', 'UTC', 'snooze-malformed'],
    ['2026-13-01', '2030-01-01T00:00:00Z', 'UTC', 'snooze-malformed'],
    ['1.12.2026', '2030-01-01T00:00:00Z', 'UTC', 'snooze-malformed'],
    ['01/12/2026 18:00+08:00', '2026-11-21T12:00:00Z', 'UTC', 'snooze-malformed'],
    ['06-12-01 18:00Z', '2026-11-21T12:00:00Z', 'UTC', 'snooze-malformed'],
    ['2026-12-01 18:00Z', '2026-12-01T17:59:59Z', 'UTC', 'snoozed'],
    ['', '2030-01-01T00:00:00Z', 'UTC', 'snooze-malformed'],
  ])('%s at %s in %s: %s', (value, now, timeZone, code) => {
    expect(until(value, now, timeZone)).toBe(code)
  })

  test('of an ad hoc run is read in UTC', () => {
    const { schedule: _, ...adHoc } = aPolicy()
    const server = aServer({ tags: { 'curfew-snooze-until': '2026-12-01' } })
    expect(createSelection(adHoc, Date.parse('2026-12-01T23:59:59Z'))(server)?.kind).toBe('skip')
    expect(createSelection(adHoc, Date.parse('2026-12-02T00:00:00Z'))(server)?.kind).toBe('target')
  })
})

describe('a selector', () => {
  const server = aServer({ tags: { env: 'dev', team: 'a', zone: ['a', 'b'] }, enterpriseProjectId: 'p-1' })
  test.each<[Selector, boolean]>([
    [{ all: true }, true],
    [{ ids: ['s-0', 's-1'] }, true],
    [{ ids: ['s-0'] }, false],
    [{ tags: { env: ['dev', 'test'] } }, true],
    [{ tags: { env: ['prod'] } }, false],
    [{ tags: { env: [] } }, true],
    [{ tags: { env: [], owner: [] } }, false],
    [{ tags: { zone: ['b'] } }, true],
    [{ tags: { zone: ['c'] } }, false],
    [{ tags: { env: ['dev'], team: ['b'] } }, false],
    [{ name: 'dev-*' }, true],
    [{ name: 'Dev-*' }, false],
    [{ enterpriseProjectId: 'p-1' }, true],
    [{ enterpriseProjectId: 'p-2' }, false],
    [{ all: true, name: 'prod-*' }, false],
    [{ ids: ['s-1'], tags: { env: ['dev'] }, name: 'dev-?', enterpriseProjectId: 'p-1' }, true],
    [{ ids: ['s-1'], tags: { env: ['dev'] }, name: 'dev-?', enterpriseProjectId: 'p-2' }, false],
  ])('%j: %s', (selector, matches) => {
    expect(selectorTest(selector)(server)).toBe(matches)
  })

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'a tag named %s is no tag of a server without it',
    key => {
      const tags = Object.fromEntries([[key, [] as string[]]])
      expect(selectorTest({ tags })(server)).toBe(false)
      expect(selectorTest({ tags })(aServer({ tags: Object.fromEntries([[key, '']]) }))).toBe(true)
    },
  )
})
