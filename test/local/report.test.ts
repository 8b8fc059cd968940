import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { ShownOutcome, ShownPolicy, ShownRun } from '../../infra/local/screen/api.ts'
import { watched } from '../../infra/local/screen/progress.ts'
import { furtherLooks, nextDue, report } from '../../infra/local/screen/report.ts'
import { columns, createScreen } from '../../infra/local/screen/screen.ts'
import { NO_SERVERS } from '../../lib/core/model/run.ts'

function aScreen({ columns, env = {} }: { columns?: number; env?: Record<string, string> } = {}) {
  const out = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns })
  return { screen: createScreen({ out, env }), written: () => String(out.read() ?? '') }
}

const aRun = (overrides: Partial<ShownRun> = {}): ShownRun => ({
  id: 'manual.1',
  action: 'stop',
  policyId: 'weekend',
  dueAt: '2026-11-21T12:00:00Z',
  startedAt: '2026-11-21T12:00:00Z',
  endedAt: '2026-11-21T12:00:04.500Z',
  status: 'partial',
  reason: '1 of 3 targets is not stopped',
  summary: { matched: 5, targets: 3, skipped: 2, stopped: 2, started: 0, failed: 1, unconfirmed: 0 },
  policy: { schedule: { timeZone: 'Asia/Shanghai' } },
  ...overrides,
})
const anOutcome = (overrides: Partial<ShownOutcome> = {}): ShownOutcome => ({
  serverId: 'id',
  name: 'dev-1',
  status: 'stopped',
  code: 'stopped',
  reason: 'seen off after the request',
  endedAt: '2026-11-21T12:00:03Z',
  ...overrides,
})
const OUTCOMES = [
  anOutcome(),
  anOutcome({ name: 'dev-2' }),
  anOutcome({ name: 'dev-3', status: 'failed', code: 'job-failed', reason: 'still ACTIVE; its job failed' }),
  anOutcome({ name: 'dev-4', status: 'skipped', code: 'locked', reason: 'it is locked' }),
  anOutcome({ name: 'dev-5', status: 'skipped', code: 'locked', reason: 'it is locked' }),
]

test('outcomes are counted by status and code, the exceptions with their reasons and local times', () => {
  const { screen } = aScreen()
  expect(report({ run: aRun(), outcomes: OUTCOMES, screen })).toEqual([
    'Run manual.1: partial in 4.5 s',
    '  1 of 3 targets is not stopped',
    '',
    '  outcome      code         servers',
    '  ─────────────────────────────────',
    '  stopped      stopped            2',
    '  failed       job-failed         1',
    '  skipped      locked             2',
    '  ─────────────────────────────────',
    '  matched                         5',
    '',
    'Not stopped, times in Asia/Shanghai',
    '  20:00:03  dev-3  failed (job-failed)',
    '            still ACTIVE; its job failed',
    '',
    'Left alone',
    '  locked, 2: it is locked',
    '      dev-4, dev-5',
    '',
  ])
})

test('a start is shown as one', () => {
  const { screen } = aScreen()
  const run = aRun({ action: 'start' })
  const outcomes = [
    anOutcome({ status: 'started', code: 'started' }),
    anOutcome({ name: 'dev-2', status: 'failed', code: 'no-capacity', reason: 'no room' }),
  ]
  const lines = report({ run, outcomes, screen })
  expect(lines.filter(line => /^ {2}started +started +1$/.test(line))).toHaveLength(1)
  expect(lines).toContain('Not started, times in Asia/Shanghai')
})

test('below a run that stopped servers stands how to take it back, and below no other', () => {
  const looks = (run: Partial<ShownRun>, undoCommand: string | null = null) =>
    furtherLooks({ url: 'http://127.0.0.1:3000', run: aRun(run), undoCommand })
  expect(looks({}).at(-1)).toBe(
    "To start again what it stopped:  curl -s -X POST 'http://127.0.0.1:3000/v1/runs/manual.1/undo'",
  )
  expect(looks({}, 'npm start -- --once --undo').at(-1)).toBe(
    'To start again what it stopped:  npm start -- --once --undo',
  )
  for (const run of [{ action: 'start' as const }, { summary: NO_SERVERS }])
    expect(looks(run).join()).not.toContain('start again')
})

test('servers are named in order of their names', () => {
  const outcomes = ['c', 'a', 'b'].flatMap(name => [
    anOutcome({ name: `busy-${name}`, status: 'skipped', code: 'busy' }),
    anOutcome({ name: `up-${name}`, status: 'failed', code: 'still-running' }),
  ])
  const lines = report({ run: aRun(), outcomes, screen: aScreen().screen })
  expect(lines.filter(line => line.includes('up-')).map(line => line.slice(12, 16))).toEqual([
    'up-a',
    'up-b',
    'up-c',
  ])
  expect(lines).toContain('      busy-a, busy-b, busy-c')
})

test('a run without exceptions is the table alone', () => {
  const { screen } = aScreen()
  const run = aRun({ status: 'succeeded', reason: undefined })
  const lines = report({ run, outcomes: [anOutcome()], screen })
  expect(lines.slice(0, 2)).toEqual(['Run manual.1: succeeded in 4.5 s', ''])
  expect(lines.at(-2)).toBe('  matched                      1')
})

test('of many failures and names the first are shown, and how many more there are', () => {
  const failed = Array.from({ length: 25 }, (_, n) =>
    anOutcome({ name: `bad-${n}`, status: 'unconfirmed', code: 'not-learnt' }),
  )
  const skipped = Array.from({ length: 5 }, (_, n) =>
    anOutcome({ name: `off-${n}`, status: 'skipped', code: 'busy' }),
  )
  const { screen } = aScreen()
  const lines = report({ run: aRun(), outcomes: [...failed, ...skipped], screen })
  expect(lines.filter(line => line.includes('bad-'))).toHaveLength(20)
  expect(lines).toContain('  and 5 more')
  expect(lines).toContain('      off-0, off-1, off-2 and 2 more')
})

test.for([40, 60, 200])('no line is wider than a terminal of %i columns', width => {
  const { screen } = aScreen({ columns: width })
  const outcomes = [
    ...OUTCOMES,
    anOutcome({ name: 'n'.repeat(80), status: 'failed', code: 'job-failed', reason: 'word '.repeat(60) }),
  ]
  const policies = [aPolicy({ description: 'word '.repeat(60) })]
  const lines = [...report({ run: aRun(), outcomes, screen }), ...nextDue(policies, screen)]
  expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(width)
})

test('colours are for a terminal, and for one that wants them', () => {
  const coloured = (options: Parameters<typeof aScreen>[0]) =>
    report({ run: aRun(), outcomes: OUTCOMES, screen: aScreen(options).screen })
      .join('')
      .includes('\u001b[')
  expect(coloured({ columns: 80 })).toBe(true)
  expect(coloured({ columns: 80, env: { NO_COLOR: '1' } })).toBe(false)
  expect(coloured({})).toBe(false)
})

const aPolicy = (overrides: Partial<ShownPolicy> = {}): ShownPolicy => ({
  id: 'night',
  description: 'Off at night',
  enabled: true,
  schedule: { timeZone: 'Asia/Shanghai' },
  nextDueAt: '2026-11-21T12:00:00Z',
  nextStopAt: '2026-11-21T12:00:00Z',
  nextStartAt: null,
  snoozedUntil: null,
  ...overrides,
})

test('policies are listed in order of what will act first, on their own clocks; then those that will not, and why', () => {
  const policies = [
    aPolicy({ id: 'off', enabled: false, nextDueAt: null, nextStopAt: null }),
    aPolicy({ id: 'later', nextStopAt: '2026-11-22T12:00:00Z' }),
    aPolicy(),
    aPolicy({ id: 'over', nextDueAt: null, nextStopAt: null }),
    aPolicy({ id: 'held', nextStopAt: null }),
    aPolicy({ id: 'asleep', nextStopAt: '2026-11-30T12:00:00Z', snoozedUntil: '2026-11-30T00:00:00Z' }),
  ]
  expect(nextDue(policies, aScreen().screen)).toEqual([
    'Next stops',
    `  ${'2026-11-21 20:00 +08:00 Asia/Shanghai'.padEnd(42)}night   Off at night`,
    `  ${'2026-11-22 20:00 +08:00 Asia/Shanghai'.padEnd(42)}later   Off at night`,
    `  ${'2026-11-30 20:00 +08:00 Asia/Shanghai'.padEnd(42)}asleep  Off at night (snoozed)`,
    `  ${'disabled'.padEnd(42)}off     Off at night`,
    `  ${'never'.padEnd(42)}over    Off at night`,
    `  ${'held back: connection or stops are off'.padEnd(42)}held    Off at night`,
  ])
})

test('policies that start servers are listed below, in order of what starts first', () => {
  const policies = [
    aPolicy({ id: 'late', nextStartAt: '2026-11-23T01:00:00Z' }),
    aPolicy({ nextStartAt: '2026-11-22T23:00:00Z' }),
    aPolicy({ id: 'never-started' }),
  ]
  expect(nextDue(policies, aScreen().screen).slice(4)).toEqual([
    'Next starts',
    `  ${'2026-11-23 07:00 +08:00 Asia/Shanghai'.padEnd(42)}night  Off at night`,
    `  ${'2026-11-23 09:00 +08:00 Asia/Shanghai'.padEnd(42)}late   Off at night`,
  ])
})

test('of many policies the next ten are listed, each with its due time however long its id', () => {
  const { screen } = aScreen({ columns: 60 })
  const policies = Array.from({ length: 1000 }, (_, n) => aPolicy({ id: `${'p'.repeat(55)}-${n}` }))
  const lines = nextDue(policies, screen)
  expect(lines.filter(line => line.includes('2026-11-21 20:00 +08:00 Asia/Shanghai'))).toHaveLength(10)
  expect(lines.at(-1)).toBe('  and 990 more')
})

const COURSE: Partial<ShownRun>[] = [
  { status: 'pending' },
  { status: 'running', progress: { chunks: 3, sent: 1, followed: 0 } },
  { status: 'running', progress: { chunks: 3, sent: 1, followed: 0 } },
  { status: 'partial', progress: { chunks: 3, sent: 3, followed: 3 } },
]
const watching = (screen: ReturnType<typeof aScreen>['screen']) => {
  const course = COURSE.map(aRun)
  const api = { run: async () => course.shift() ?? aRun() }
  return watched({ api, screen, runId: 'manual.1', ended: new AbortController().signal, lookMs: 1 })
}

test('where nobody watches, progress is plain lines, one for each change', async () => {
  const { screen, written } = aScreen()
  expect(await watching(screen)).toMatchObject({ status: 'partial' })
  expect(
    written()
      .split('\n')
      .map(line => line.slice(10)),
  ).toEqual([
    'waiting to be taken up',
    '1 of 3 chunks sent, 0 of 3 jobs followed to their end, 2 of 3 servers off, 1 not stopped',
    '3 of 3 chunks sent, 3 of 3 jobs followed to their end, 2 of 3 servers off, 1 not stopped',
    '',
  ])
})

test('progress of a start counts servers that run', async () => {
  const { screen, written } = aScreen()
  const summary = { ...NO_SERVERS, matched: 3, targets: 3, started: 2, unconfirmed: 1 }
  const run = aRun({ action: 'start', summary, progress: { chunks: 1, sent: 1, followed: 1 } })
  await watched({ api: { run: async () => run }, screen, runId: run.id, ended: new AbortController().signal })
  expect(written()).toContain('2 of 3 servers running, 1 not started')
})

test('on a terminal, progress is one block drawn over itself', async () => {
  const { screen, written } = aScreen({ columns: 80, env: { NO_COLOR: '1' } })
  await watching(screen)
  const blocks = written().split('\u001b[4F\u001b[0J')
  expect(blocks).toHaveLength(4)
  expect(blocks.at(-1)).toContain(`servers off      ${'█'.repeat(25)}${'░'.repeat(12)}  2 of 3`)
})

test('watching can be ended before the run is', async () => {
  const { screen } = aScreen()
  const api = { run: async () => aRun({ status: 'running' }) }
  const ended = new AbortController()
  const watch = watched({ api, screen, runId: 'manual.1', ended: ended.signal })
  ended.abort()
  expect(await watch).toBeNull()
})
