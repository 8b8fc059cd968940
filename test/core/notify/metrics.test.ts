import { describe, expect, test } from 'vitest'
import type { Request } from '../../../lib/core/model/chunk.ts'
import type { Settled } from '../../../lib/core/model/outcome.ts'
import { NO_SERVERS, type Run } from '../../../lib/core/model/run.ts'
import {
  endMetrics,
  matchesNothing,
  runLatenessMs,
  verifiedMetrics,
} from '../../../lib/core/notify/metrics.ts'
import { aChunk, aRun, at, START } from '../../makers.ts'

const acted = {
  ...NO_SERVERS,
  matched: 12,
  targets: 10,
  skipped: 2,
  stopped: 7,
  started: 0,
  failed: 2,
  unconfirmed: 1,
}
const servers = { Targets: 10, Stopped: 7, Failed: 2, Unconfirmed: 1 }

describe('an end is counted', () => {
  test.each<[Run['status'], object]>([
    ['succeeded', servers],
    ['partial', { RunsPartial: 1, ...servers }],
    ['failed', { RunsFailed: 1, ...servers }],
    ['cancelled', servers],
  ])('as a stop that is %s, with its servers', (status, measures) => {
    expect(endMetrics(aRun({ status, summary: acted }))).toEqual(measures)
  })

  test.each<[Run['status'], object]>([
    ['missed', { RunsMissed: 1 }],
    ['blocked', { RunsBlocked: 1 }],
    ['failed', { RunsFailed: 1 }],
    ['succeeded', {}],
  ])('as %s, without any where it had none', (status, measures) => {
    expect(endMetrics(aRun({ status }))).toEqual(measures)
  })
})

const request = (sentAt: number): Request => ({
  members: [0],
  mode: 'soft',
  escalation: false,
  sentAt: at(sentAt),
  answer: 'accepted',
  jobId: null,
  requestId: null,
  job: 'ended',
})

describe('an end of a start is counted apart', () => {
  const summary = { ...acted, stopped: 0, started: 7 }
  const figures = { Started: 7, NotStarted: 3 }

  test.each<[Run['status'], object]>([
    ['succeeded', {}],
    ['partial', { StartsFailed: 1 }],
    ['failed', { StartsFailed: 1 }],
    ['cancelled', {}],
  ])('as %s, with its servers', (status, measures) => {
    expect(endMetrics(aRun({ action: 'start', status, summary }))).toEqual({ ...measures, ...figures })
  })

  test.each<Run['status']>(['missed', 'blocked', 'failed'])('as %s, where it had none', status => {
    expect(endMetrics(aRun({ action: 'start', status }))).toEqual({ StartsFailed: 1 })
  })
})

describe('how late a run began', () => {
  test('is told by the first request of its first chunk', () => {
    expect(runLatenessMs(aRun(), aChunk({ requests: [request(START + 1234)] }))).toEqual([1234])
  })
  test.each([
    ['a later chunk', aChunk({ number: 1, requests: [request(START)] })],
    ['a later request', aChunk({ requests: [request(START), request(START)] })],
    ['a chunk that asked nothing', aChunk()],
  ])('is not told by %s', (_, chunk) => {
    expect(runLatenessMs(aRun(), chunk)).toEqual([])
  })
})

test('how long it took until servers were verified is told once for each look at each request', () => {
  const settled = (status: Settled['status'], requestedAt: number | null, endedAt: number): Settled => ({
    status,
    code: 'stopped' as const,
    reason: '',
    mode: 'soft',
    jobId: null,
    requestId: null,
    requestedAt: requestedAt === null ? null : at(requestedAt),
    endedAt: at(endedAt),
  })
  const all = [
    settled('stopped', START, START + 15_000),
    settled('stopped', START, START + 15_000),
    settled('stopped', START + 5000, START + 15_000),
    settled('failed', START, START + 99_000),
    settled('skipped', null, START),
  ]
  expect(verifiedMetrics(aRun(), all)).toEqual({ VerifiedOffMs: [15_000, 10_000] })
  const started = all.map(one => (one.status === 'stopped' ? { ...one, status: 'started' as const } : one))
  expect(verifiedMetrics(aRun({ action: 'start' }), started)).toEqual({ VerifiedOnMs: [15_000, 10_000] })
})

test('so many different times that one line could not hold them are cut to a hundred', () => {
  const one: Settled = {
    status: 'stopped',
    code: 'stopped',
    reason: '',
    mode: 'soft',
    jobId: null,
    requestId: null,
    requestedAt: at(START),
    endedAt: at(START),
  }
  const all = Array.from({ length: 150 }, (_, ms) => ({ ...one, endedAt: at(START + ms) }))
  expect(verifiedMetrics(aRun(), all).VerifiedOffMs).toHaveLength(100)
})

describe('a policy matches nothing', () => {
  const nothing = aRun({ chunks: 0, status: 'succeeded' })
  const something = aRun({ chunks: 1, summary: { ...NO_SERVERS, matched: 1, skipped: 1 } })
  const missed = aRun({ status: 'missed' })
  const start = aRun({ action: 'start', chunks: 0, status: 'succeeded' })
  const matched = (codes: Run['codes']) =>
    aRun({ chunks: 0, codes, summary: { ...NO_SERVERS, matched: 3, skipped: 3 } })
  const gone = matched({ 'skipped/not-found': 2, 'skipped/wrong-kind': 1 })
  const oneIsThere = matched({ 'skipped/not-found': 2, 'skipped/already-stopped': 1 })

  test.each<[string, Run[], boolean]>([
    ['with ids of servers that are gone, or of the other kind', [nothing, gone, gone, gone, gone], true],
    ['not while one of its ids is a server', [gone, gone, gone, gone, oneIsThere], false],
    ['five times running', [nothing, nothing, nothing, nothing, nothing], true],
    ['more than that', [nothing, nothing, nothing, nothing, nothing, nothing, something], true],
    ['not if four times only', [nothing, nothing, nothing, nothing, something], false],
    ['not while it is new', [nothing, nothing, nothing, nothing], false],
    ['not if it matched lately', [something, nothing, nothing, nothing, nothing, nothing], false],
    [
      'also where some due times were missed',
      [nothing, missed, nothing, nothing, missed, nothing, nothing],
      true,
    ],
    ['not by starts, which look for what was stopped', [start, start, start, start, start], false],
    ['also with starts in between', [nothing, start, nothing, start, nothing, nothing, nothing], true],
    ['not by misses', [missed, missed, missed, missed, missed], false],
  ])('%s', (_, latest, expected) => {
    expect(matchesNothing(latest)).toBe(expected)
  })
})
