import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { ShownRun } from '../../infra/local/screen/api.ts'
import { printBadRuns } from '../../infra/local/screen/bad-runs.ts'
import { createScreen } from '../../infra/local/screen/screen.ts'

const SINCE = new Date('2026-11-21T12:00:00Z')
const aRun = (overrides: Partial<ShownRun>): ShownRun => ({
  id: 'night.20261121T120000Z',
  action: 'stop',
  dueAt: '2026-11-21T12:00:00Z',
  endedAt: '2026-11-21T12:03:00Z',
  status: 'partial',
  reason: '1 of 2 targets stopped, 1 failed (locked 1)',
  summary: { matched: 2, targets: 2, skipped: 0, stopped: 1, started: 0, failed: 1, unconfirmed: 0 },
  policy: { schedule: { timeZone: 'Asia/Shanghai' } },
  ...overrides,
})

/** What is printed over looks that each find some runs, newest first. */
async function printed(looks: ShownRun[][], shown: string[] = []): Promise<string[]> {
  const out = new PassThrough()
  const ended = new AbortController()
  const left = [...looks]
  await printBadRuns({
    api: {
      runsSince: async () => {
        if (left.length === 1) ended.abort()
        return left.shift() ?? []
      },
    },
    screen: createScreen({ out, env: {} }),
    since: SINCE,
    shown: new Set(shown),
    ended: ended.signal,
    lookMs: 0,
  })
  return String(out.read() ?? '')
    .split('\n')
    .slice(0, -1)
}

test('a run that ended badly has one line: when, which, how and why', async () => {
  const line = '20:03:00  night.20261121T120000Z: partial: 1 of 2 targets stopped, 1 failed (locked 1)'
  expect(await printed([[aRun({ status: 'running' })], [aRun({})], [aRun({})]])).toEqual([line])
})

test('failed, blocked and missed ones have theirs, in the order of their due times', async () => {
  const runs = ['failed', 'blocked', 'missed'] as const
  const newestFirst = runs.map((status, n) => aRun({ id: `run-${n}`, status })).reverse()
  expect((await printed([newestFirst])).map(line => line.split(': ', 2).join(' '))).toEqual([
    '20:03:00  run-0 failed',
    '20:03:00  run-1 blocked',
    '20:03:00  run-2 missed',
  ])
})

test('what went well, ended before, or was shown already has none', async () => {
  const runs = [
    aRun({ status: 'succeeded' }),
    aRun({ status: 'cancelled' }),
    aRun({ endedAt: '2026-11-21T11:59:59Z' }),
    aRun({ id: 'first' }),
  ]
  expect(await printed([runs], ['first'])).toEqual([])
})
