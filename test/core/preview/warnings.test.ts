import { describe, expect, test } from 'vitest'
import type { Policy } from '../../../lib/core/model/model.ts'
import { selectedNothing } from '../../../lib/core/preview/empty-selection.ts'
import { explainServer } from '../../../lib/core/preview/explain.ts'
import { overlapWith } from '../../../lib/core/preview/overlap.ts'
import { type Previewed, previewPolicy } from '../../../lib/core/preview/preview.ts'
import { clockTroubles } from '../../../lib/core/schedule/clock-change.ts'
import { aConnection, aGuard, aPolicy, aServer, at, type ServerOverrides, START } from '../../makers.ts'

const DAY = 86_400_000
const YEAR = 366 * DAY
const guard = aGuard()

type Rest = Partial<Previewed> & { others?: Policy[]; unreadable?: string[] }

function previewed(body: Record<string, unknown>, { others = [], unreadable = [], ...rest }: Rest = {}) {
  const policy = aPolicy({ limits: { maxServers: 100 }, ...body })
  const servers = rest.servers ?? [aServer()]
  const overlaps = others.flatMap(other => overlapWith(policy, servers, START)(other) ?? [])
  const compared = { overlaps, unreadable, cutAfter: null }
  return previewPolicy({ policy, servers, history: [], guard, compared, ...rest })
}
const codes = (policy: Record<string, unknown>, rest: Rest = {}) =>
  previewed(policy, rest).warnings.map(({ code }) => code)
const message = (policy: Record<string, unknown>, rest: Rest = {}) =>
  previewed(policy, rest).warnings[0]?.message

test('a plain policy gives no pause', () => {
  expect(previewed({})).toMatchObject({
    warnings: [],
    blockedBy: null,
    summary: { matched: 1, targets: 1, skipped: 0 },
  })
})

describe('the schedule', () => {
  const schedule = (cron: string, more: object = {}) => ({ schedule: { cron, timeZone: 'UTC', ...more } })

  test.each<[string, Record<string, unknown>, string[]]>([
    ['due within a year', schedule('0 20 * * *'), []],
    ['due on the next 29 February', schedule('0 20 29 2 *'), ['due-far']],
    ['disabled', { enabled: false }, ['policy-disabled']],
    ['snoozed', { snoozedUntil: at(START + 1), snoozeReason: 'release' }, ['snoozed']],
    ['snoozed once', { snoozedUntil: at(START), snoozeReason: 'release' }, []],
  ])('%s: %j', (_, policy, expected) => {
    expect(codes(policy)).toEqual(expected)
  })
})

describe('changes of the clock', () => {
  const troubles = (cron: string, timeZone: string, skipDates: string[] = []) =>
    clockTroubles({ cron, timeZone, skipDates }, { fromMs: START, untilMs: START + YEAR })

  test.each([
    ['30 2 * * *', 'Europe/Berlin', ['due-moved', 'due-once']],
    ['0 3 * * *', 'Europe/Berlin', []],
    ['0 2 * * *', 'Europe/Berlin', ['due-moved', 'due-once']],
    ['30 2 * * 1-5', 'Europe/Berlin', []],
    ['30 2 * * *', 'Asia/Shanghai', []],
    ['30 */2 * * *', 'Europe/Berlin', ['due-left-out', 'due-twice']],
    ['*/15 * * * *', 'Europe/Berlin', []],
    ['30 1 * * *', 'Europe/London', ['due-moved', 'due-once']],
    ['30 2 * * *', 'Australia/Sydney', ['due-once', 'due-moved']],
    ['0 0 * * *', 'America/Havana', ['due-moved', 'due-once']],
    ['15 2 * * *', 'Australia/Lord_Howe', ['due-moved']],
  ])('%s in %s: %j', (cron, timeZone, expected) => {
    const found = troubles(cron, timeZone).map(({ code }) => code)
    expect(found.toSorted()).toEqual(expected.toSorted())
  })

  test('are told with the day, and with the instant that counts', () => {
    expect(troubles('30 2 * * *', 'Europe/Berlin')).toEqual([
      {
        code: 'due-moved',
        message:
          '2027-03-28 02:30 Europe/Berlin does not exist when clocks go forward: it is due at 2027-03-28 03:00 +02:00 Europe/Berlin instead',
      },
      {
        code: 'due-once',
        message:
          '2027-10-31 02:30 Europe/Berlin comes twice when clocks go back: it is due the first time only',
      },
    ])
  })

  test('on a skipped date trouble nobody', () => {
    expect(troubles('30 2 * * *', 'Europe/Berlin', ['2027-03-28', '2027-10-31'])).toEqual([])
  })
})

describe('limits', () => {
  test('none set gives pause, the guard by history alone is none', () => {
    expect(codes({ limits: {} })).toEqual(['no-limits'])
    expect(codes({ limits: { maxPercent: 100 } })).toEqual([])
  })

  test('one that would block it is told, in the words of the run', () => {
    const servers = [aServer(), aServer({ id: 's-2' })]
    const blocked = previewed({ limits: { maxServers: 1 } }, { servers })
    expect(blocked.blockedBy).toMatch(/^2 servers would be stopped, more than limits.maxServers, 1/)
    expect(blocked.warnings).toEqual([{ code: 'blocked', message: blocked.blockedBy }])
  })

  test('history counts as in a run', () => {
    const servers = Array.from({ length: 30 }, (_, n) => aServer({ id: `s-${n}` }))
    const history = new Array(5).fill({ scope: 5, overrideLimits: false })
    expect(previewed({}, { servers, history }).blockedBy).toContain('historyFactor')
  })
})

describe('what saves nothing', () => {
  test.each<[string, ServerOverrides, boolean]>([
    ['pay per use', {}, false],
    ['yearly', { chargingMode: 'yearlyMonthly' }, true],
    ['disk-intensive', { flavor: 'd3.8xlarge.8' }, true],
    ['ultra-high I/O', { flavor: 'ir3.large.4' }, true],
    ['FPGA', { flavor: 'fp1c.2xlarge.11' }, true],
    ['GPU without local disk', { flavor: 'p2s.2xlarge.8' }, false],
    ['bare-metal flavour', { flavor: 'physical.s4.large' }, true],
    ['a name that begins alike', { flavor: 's6.large.2' }, false],
  ])('%s', (_, server, pauses) => {
    const found = codes({}, { servers: [aServer(server)] })
    expect(found).toEqual(pauses ? ['saves-nothing'] : [])
  })

  test('bare metal is told once, and which servers', () => {
    const servers = [aServer({ kind: 'bms', chargingMode: 'yearlyMonthly', flavor: 'physical.x' })]
    const found = previewed({ kind: 'bms', mode: 'hard', acceptPowerCut: true }, { servers }).warnings
    expect(found).toMatchObject([{ code: 'saves-nothing', servers: [{ serverId: 's-1', name: 'dev-1' }] }])
  })
})

describe('overlaps', () => {
  const other = (overrides: Record<string, unknown>): Policy => aPolicy({ id: 'other', ...overrides })
  const servers = [
    aServer({ id: 'a', tags: { env: 'dev' } }),
    aServer({ id: 'b', tags: { env: 'prod' }, status: 'SHUTOFF' }),
    aServer({ id: 'c', tags: { 'curfew-protect': '' } }),
  ]

  test('name the servers that both are about, off or not, but none that is protected', () => {
    const [warning] = previewed({}, { servers, others: [other({})] }).warnings
    expect(warning).toMatchObject({ code: 'overlap', servers: [{ serverId: 'a' }, { serverId: 'b' }] })
    expect(warning!.message).toBe('policy other stops 2 of these servers, too, off now or not')
  })

  test.each<[string, Record<string, unknown>]>([
    ['disabled', { enabled: false }],
    ['of another connection', { connection: 'elsewhere' }],
    ['of another kind', { kind: 'bms', mode: 'hard', acceptPowerCut: true }],
    ['of other servers', { selector: { name: 'nobody' } }],
    ['that excludes them', { exclude: { name: '*' } }],
    ['of the same id', { id: 'nightly-dev' }],
  ])('are none with a policy %s', (_, overrides) => {
    expect(codes({}, { servers, others: [other(overrides)] })).toEqual([])
  })
})

describe('a selector that finds nothing', () => {
  const servers = [
    aServer({ id: 'a', name: 'dev-web-1', tags: { env: 'dev', team: 'data' } }),
    aServer({ id: 'b', name: 'prod-web-1', tags: { env: 'prod' }, enterpriseProjectId: 'p-1' }),
  ]

  test.each<[Record<string, unknown>, string]>([
    [{ tags: { enviroment: ['dev'] } }, 'no server has the tag "enviroment"'],
    [{ tags: { envv: ['dev'] } }, 'no server has the tag "envv"; did you mean "env"?'],
    [{ tags: { env: ['deev'] } }, 'no server has the tag "env" with the value "deev"; did you mean "dev"?'],
    [
      { tags: { env: ['x', 'yyyyyyyyyyyyyy'] } },
      'no server has the tag "env" with the value "x" or "yyyyyyyyyyyyyy"; there are "dev", "prod"',
    ],
    [{ name: 'dve-*' }, 'no server\'s name is like "dve-*"; the nearest is "dev-web-1"'],
    [{ name: 'dev-web-2' }, 'no server\'s name is like "dev-web-2"; the nearest is "dev-web-1"'],
    [{ name: '*-db' }, 'no server\'s name is like "*-db"'],
    [{ ids: ['x'] }, 'no server has the id "x"'],
    [{ ids: ['x', 'y'] }, 'no server has one of the ids "x", "y"'],
    [{ enterpriseProjectId: 'p-2' }, 'no server is in the enterprise project "p-2"; there are "0", "p-1"'],
    [
      { tags: { team: [] }, name: 'prod-*' },
      'each condition matches servers by itself, and no server matches all of them',
    ],
    [
      { name: 'zzz', tags: { team: ['dota'] } },
      'no server has the tag "team" with the value "dota"; did you mean "data"?; no server\'s name is like "zzz"',
    ],
  ])('%j', (selector, text) => {
    expect(selectedNothing(selector, servers)).toBe(text)
  })

  test('in an empty fleet is told so', () => {
    expect(selectedNothing({ name: 'x' }, [])).toBe('there are no servers of this kind at all')
  })

  test('is a warning of the preview; a few unknown ids are another', () => {
    expect(codes({ selector: { name: 'nobody' } }, { servers })).toEqual(['selects-nothing'])
    expect(codes({ selector: { ids: ['x'] } }, { servers })).toEqual(['selects-nothing'])
    expect(previewed({ selector: { ids: ['a', 'x', 'y'] } }, { servers }).warnings).toMatchObject([
      {
        code: 'unknown-ids',
        message: "2 of the 3 ids are no server's",
        servers: [{ serverId: 'x' }, { serverId: 'y' }],
      },
    ])
  })
})

test('a snooze tag that cannot be read is told, with its server', () => {
  const servers = [aServer({ tags: { 'curfew-snooze-until': 'soon' } })]
  expect(message({}, { servers })).toMatch(/^1 server left alone for a tag that cannot be read/)
})

describe('what is to keep servers from being stopped', () => {
  const servers = [aServer({ tags: { role: 'ci' } }), aServer({ id: 's-2', tags: { env: 'dev' } })]

  test.each<[Record<string, unknown>, string]>([
    [{ tags: { roles: ['ci'] } }, 'exclude: no server has the tag "roles"; did you mean "role"?'],
    [{ ids: ['S-2'] }, 'exclude: no server has the id "S-2"'],
    [{ name: 'dav-*' }, 'exclude: no server\'s name is like "dav-*"; the nearest is "dev-1"'],
  ])('%j excludes nobody, and that is told', (exclude, text) => {
    expect(previewed({ exclude }, { servers }).warnings).toEqual([
      { code: 'excludes-nothing', message: text },
    ])
    expect(codes({ exclude }, { servers: [] })).toEqual(['selects-nothing'])
  })

  test('is no matter of talk where it keeps one, selected or not', () => {
    expect(codes({ exclude: { tags: { role: ['ci'] } } }, { servers })).toEqual([])
    const selector = { tags: { env: ['dev'] } }
    expect(codes({ selector, exclude: { tags: { role: [] } } }, { servers })).toEqual([])
  })

  test.each([
    ['curfew-protected', 'did you mean curfew-protect?'],
    ['Curfew-Protect', 'did you mean curfew-protect?'],
    ['curfew_no_force', 'did you mean curfew-no-force?'],
  ])('a tag %s on a target means nothing, and that is told', (tag, hint) => {
    const message = `1 server would be stopped with the tag "${tag}", which means nothing here; ${hint}`
    expect(previewed({}, { servers: [aServer({ tags: { [tag]: '' } })] }).warnings).toEqual([
      { code: 'unknown-tag', message, servers: [{ serverId: 's-1', name: 'dev-1' }] },
    ])
    const spared = [aServer({ tags: { [tag]: '', 'curfew-protect': '' } })]
    expect(codes({}, { servers: spared })).toEqual([])
  })
})

test.each([
  [239, []],
  [240, ['escalates-too-late']],
])('a hard stop after %i minutes, where nothing is sent after 240: %j', (escalateAfterMinutes, expected) => {
  expect(codes({ escalateAfterMinutes })).toEqual(expected)
})

test.each([
  [240, []],
  [241, ['catches-up-too-late']],
])('a run up to %i minutes late, where nothing is sent after 240: %j', (catchUpMinutes, expected) => {
  expect(codes({ schedule: { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes } })).toEqual(expected)
})

test.each([
  [233, []],
  [234, ['sends-too-late']],
])('%i targets at one a minute, where nothing is sent after 240: %j', (count, expected) => {
  const servers = Array.from({ length: count }, (_, n) => aServer({ id: `s-${n}` }))
  const connection = aConnection({ maxServersPerMinute: { ecs: 1 } })
  const limits = { maxServers: null, maxPercent: 100 }
  expect(codes({ limits }, { servers, guard: { ...guard, connection } })).toEqual(expected)
})

test('the preview shows a thousand of each, and counts them all', () => {
  const servers = Array.from({ length: 2500 }, (_, n) => aServer({ id: `s-${n}`, locked: n % 2 === 0 }))
  const found = previewed({ limits: {} }, { servers })
  expect(found.summary).toEqual({ matched: 2500, targets: 1250, skipped: 1250 })
  expect([found.targets.length, found.skipped.length]).toEqual([1000, 1000])
})

describe('why', () => {
  const why = (policy: Record<string, unknown>, server: ServerOverrides) =>
    explainServer(aPolicy(policy), aServer(server), guard)

  test.each<[Record<string, unknown>, ServerOverrides, string]>([
    [{}, {}, 'target'],
    [{}, { locked: true }, 'locked'],
    [{}, { status: 'SHUTOFF' }, 'already-stopped'],
    [{}, { tags: { 'curfew-protect': '' } }, 'protected'],
    [{ exclude: { name: 'dev-*' } }, {}, 'excluded'],
    [{ selector: { name: 'prod-*' } }, {}, 'not-selected'],
    [{ selector: { enterpriseProjectId: 'p-1' } }, {}, 'not-selected'],
  ])('%j of %j: %s', (policy, server, code) => {
    expect(why(policy, server)).toMatchObject({ code, wouldStop: code === 'target' })
  })

  test('each condition is told, with what was found', () => {
    const policy = {
      selector: {
        ids: ['s-1'],
        tags: { env: ['dev'], team: [] },
        name: 'dev-?',
        enterpriseProjectId: '0',
        all: true,
      },
      exclude: { tags: { role: ['db'] } },
    }
    expect(why(policy, { tags: { env: 'test' } })).toEqual({
      wouldStop: false,
      code: 'not-selected',
      reason: 'selector.tags.env: expected "dev", found "test" (and 1 more)',
      conditions: [
        { condition: 'selector.all', holds: true, expected: 'every server of the kind', found: 'ecs' },
        { condition: 'selector.ids', holds: true, expected: 'one of 1 ids', found: 's-1' },
        { condition: 'selector.tags.env', holds: false, expected: '"dev"', found: '"test"' },
        { condition: 'selector.tags.team', holds: false, expected: 'any value', found: 'no such tag' },
        { condition: 'selector.name', holds: true, expected: 'like "dev-?"', found: '"dev-1"' },
        { condition: 'selector.enterpriseProjectId', holds: true, expected: '"0"', found: '"0"' },
        { condition: 'exclude.tags.role', holds: false, expected: '"db"', found: 'no such tag' },
      ],
    })
  })

  test.each([
    ['disabled', { ...guard, connection: aConnection({ enabled: false }) }, 'connection-disabled'],
    ['deleted', { ...guard, connection: null }, 'connection-disabled'],
    ['switched off with everything', { ...guard, stopsEnabled: false }, 'stops-disabled'],
  ])('nothing of a connection that is %s would be stopped', (_, around, code) => {
    expect(explainServer(aPolicy(), aServer(), around)).toMatchObject({ wouldStop: false, code })
  })

  test('a server that the cloud does not know', () => {
    expect(explainServer(aPolicy(), null, guard)).toMatchObject({
      wouldStop: false,
      code: 'not-found',
      conditions: [],
    })
  })
})
