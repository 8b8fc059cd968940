import { describe, expect, test } from 'vitest'
import type { Request } from '../../../lib/core/model/chunk.ts'
import { NO_SERVERS, RunStatus } from '../../../lib/core/model/run.ts'
import {
  nextAnnouncement,
  RunEnded,
  runEnded,
  ServersEscalated,
  serversEscalated,
  unpublishedEscalations,
} from '../../../lib/core/notify/events.ts'
import { aRun, at, aWhole, START } from '../../makers.ts'

const summary = { ...NO_SERVERS, matched: 5, targets: 4, skipped: 1, stopped: 3, started: 0, failed: 1 }
const ended = () =>
  aRun({
    status: 'partial',
    reason: '3 of 4',
    startedAt: at(START + 1),
    endedAt: at(START + 9),
    summary,
    codes: { 'stopped/stopped': 1, 'stopped/escalated': 2, 'failed/locked': 1, 'skipped/busy': 1 },
    owner: 'somebody',
    bodyHash: 'abc',
  })

describe('the event of an end', () => {
  test('says what became of the run, and nothing that only its steps need', () => {
    expect(runEnded(ended(), 'curfew-prod')).toEqual({
      version: 1,
      id: 'nightly-dev.20261121T120000Z.ended',
      service: 'curfew-prod',
      run: {
        id: 'nightly-dev.20261121T120000Z',
        policyId: 'nightly-dev',
        connection: 'prod',
        kind: 'ecs',
        trigger: 'schedule',
        dueAt: at(START),
        startedAt: at(START + 1),
        endedAt: at(START + 9),
        status: 'partial',
        reason: '3 of 4',
        dryRun: false,
        summary,
        escalated: 2,
        codes: { 'stopped/stopped': 1, 'stopped/escalated': 2, 'failed/locked': 1, 'skipped/busy': 1 },
      },
    })
  })

  test('is the same whenever it is made, so that who has seen it can tell', () => {
    const later = { ...ended(), announcedAt: at(START + 99), countedAt: at(START + 98) }
    expect(runEnded(later, 'curfew-prod')).toEqual(runEnded(ended(), 'curfew-prod'))
  })

  test.each(['pending', 'running'] as const)('is not made of a run that is %s', status => {
    expect(() => runEnded(aRun({ status }), 'curfew-prod')).toThrow('Invalid option')
  })

  test('cuts a reason that would not fit', () => {
    const { run } = runEnded({ ...ended(), reason: 'x'.repeat(300_000) }, 'curfew-prod')
    expect(run.reason).toHaveLength(2000)
  })

  test('goes out as something that its own schema reads', () => {
    const told = runEnded(ended(), 'curfew-prod')
    expect(RunEnded.parse(JSON.parse(JSON.stringify(told)))).toEqual(told)
  })
})

describe('what is told of a run next', () => {
  test('is nothing while it goes on', () => {
    expect(nextAnnouncement(aRun({ status: 'running' }))).toBe('nothing')
  })
  test.each(RunStatus.options.filter(status => status !== 'pending' && status !== 'running'))(
    'is its count, then its event, then nothing, when it is %s',
    status => {
      const countedAt = at(START)
      expect(nextAnnouncement(aRun({ status }))).toBe('count')
      expect(nextAnnouncement(aRun({ status, countedAt }))).toBe('event')
      expect(nextAnnouncement(aRun({ status, countedAt, announcedAt: at(START) }))).toBe('nothing')
    },
  )
})

describe('an escalation', () => {
  const request = (overrides: Partial<Request>): Request => ({
    members: [0, 2],
    mode: 'hard',
    escalation: true,
    sentAt: at(START),
    answer: 'accepted',
    jobId: 'j',
    requestId: null,
    job: 'running',
    ...overrides,
  })
  const whole = (...requests: Request[]) => aWhole({ requests })

  test('is told once it was answered, or its answer is known to be lost, and only once', () => {
    const { chunk } = whole(
      request({ escalation: false }),
      request({}),
      request({ answer: 'lost' }),
      request({ answer: 'pending' }),
      request({ toldAt: at(START) }),
    )
    expect(unpublishedEscalations(chunk)).toEqual([1, 2])
  })

  test('names its servers', () => {
    const of = { run: aRun(), service: 'curfew-prod' }
    const told = serversEscalated(whole(request({ escalation: false }), request({})), 1, of)
    expect(told).toEqual({
      version: 1,
      id: 'nightly-dev.20261121T120000Z.0.1.escalated',
      service: 'curfew-prod',
      run: {
        id: 'nightly-dev.20261121T120000Z',
        policyId: 'nightly-dev',
        connection: 'prod',
        kind: 'ecs',
        dueAt: at(START),
      },
      chunk: 0,
      answer: 'accepted',
      requestedAt: at(START),
      count: 2,
      servers: [
        { id: 's-0', name: 'dev-0' },
        { id: 's-2', name: 'dev-2' },
      ],
    })
    expect(ServersEscalated.parse(JSON.parse(JSON.stringify(told)))).toEqual(told)
  })

  test('of a thousand servers with the longest names fits into an event', () => {
    const members = Array.from({ length: 1000 }, (_, member) => member)
    const servers = members.map(member => ({ id: `${member}`.padStart(36, '0'), name: '裸'.repeat(128) }))
    const big = aWhole({ size: 1000, requests: [request({ members })] }, { servers })
    const told = serversEscalated(big, 0, { run: aRun(), service: 'curfew-prod' })
    expect(told.count).toBe(1000)
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(256 * 1024)
  })
})
