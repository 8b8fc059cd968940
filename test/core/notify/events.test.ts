import { describe, expect, test } from 'vitest'
import type { LackingRequest } from '../../../lib/core/follow/lacking.ts'
import type { Request } from '../../../lib/core/model/chunk.ts'
import { NO_SERVERS, RunStatus } from '../../../lib/core/model/run.ts'
import {
  NoCapacity,
  nextAnnouncement,
  RunEnded,
  requestEvents,
  runEnded,
  ServersEscalated,
} from '../../../lib/core/notify/events.ts'
import { aRequest, aRun, at, aWhole, START } from '../../makers.ts'

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
        action: 'stop',
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

  test('of an undo says what it starts again, and of which run', () => {
    const undo = { action: 'start', undoes: 'nightly-dev.20261121T120000Z' } as const
    expect(runEnded({ ...ended(), ...undo }, 'curfew-prod').run).toMatchObject(undo)
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

const SOURCE = { run: aRun(), service: 'curfew-prod' }
const RUN_HEAD = {
  id: 'nightly-dev.20261121T120000Z',
  action: 'stop',
  policyId: 'nightly-dev',
  connection: 'prod',
  kind: 'ecs',
  dueAt: at(START),
}
const NAMED = [
  { id: 's-0', name: 'dev-0' },
  { id: 's-2', name: 'dev-2' },
]
const THOUSAND = Array.from({ length: 1000 }, (_, member) => member)
const LONG_NAMES = THOUSAND.map(member => ({
  id: `${member}`.padStart(36, '0'),
  name: '裸'.repeat(128),
}))

describe('an escalation', () => {
  const hard = (overrides: Partial<Request> = {}): Request =>
    aRequest({ members: [0, 2], mode: 'hard', escalation: true, ...overrides })
  const told = (...requests: Request[]) => requestEvents(aWhole({ requests }), [], SOURCE)

  test('is published once it was answered, or its answer is known to be lost, and only once', () => {
    const events = told(
      aRequest(),
      hard(),
      hard({ answer: 'lost' }),
      hard({ answer: 'pending' }),
      hard({ toldAt: at(START) }),
    )
    expect(events.map(({ place }) => place)).toEqual([1, 2])
  })

  test('names its servers', () => {
    const [event] = told(aRequest(), hard())
    expect(event).toEqual({
      detailType: 'Curfew Servers Escalated',
      at: at(START),
      place: 1,
      detail: {
        version: 1,
        id: 'nightly-dev.20261121T120000Z.0.1.escalated',
        service: 'curfew-prod',
        run: RUN_HEAD,
        chunk: 0,
        answer: 'accepted',
        requestedAt: at(START),
        count: 2,
        servers: NAMED,
      },
    })
    expect(ServersEscalated.parse(JSON.parse(JSON.stringify(event!.detail)))).toEqual(event!.detail)
  })

  test('of a thousand servers with the longest names fits into an event', () => {
    const whole = aWhole({ size: 1000, requests: [hard({ members: THOUSAND })] }, { servers: LONG_NAMES })
    const [event] = requestEvents(whole, [], SOURCE)
    expect(event!.detail.count).toBe(1000)
    expect(Buffer.byteLength(JSON.stringify(event!.detail))).toBeLessThan(256 * 1024)
  })
})

describe('a start that the cloud has no room for', () => {
  const lacking = (overrides: Partial<LackingRequest> = {}): LackingRequest => ({
    place: 0,
    members: [0, 2],
    attempt: 1,
    reason: 'Ecs.0319: Insufficient resources for this flavor.',
    until: START + 7_200_000,
    ...overrides,
  })
  const start = { ...SOURCE, run: aRun({ action: 'start', undoes: 'manual.1' }) }

  test('is told with the servers that wait, the reason, and until when they are asked for', () => {
    const [event] = requestEvents(aWhole({ requests: [aRequest()] }), [lacking()], start)
    expect(event).toEqual({
      detailType: 'Curfew No Capacity',
      at: at(START),
      place: 0,
      detail: {
        version: 1,
        id: 'nightly-dev.20261121T120000Z.0.0.no-capacity',
        service: 'curfew-prod',
        run: { ...RUN_HEAD, action: 'start', undoes: 'manual.1' },
        chunk: 0,
        attempt: 1,
        reason: 'Ecs.0319: Insufficient resources for this flavor.',
        requestedAt: at(START),
        retryUntil: at(START + 7_200_000),
        count: 2,
        servers: NAMED,
      },
    })
    expect(NoCapacity.parse(JSON.parse(JSON.stringify(event!.detail)))).toEqual(event!.detail)
  })

  test('is told once for each request that met it', () => {
    const requests = [aRequest({ toldAt: at(START) }), aRequest({ sentAt: at(START + 300_000) })]
    const found = [lacking(), lacking({ place: 1, attempt: 2 })]
    const events = requestEvents(aWhole({ requests }), found, start)
    expect(events.map(({ detail }) => detail)).toMatchObject([
      { id: 'nightly-dev.20261121T120000Z.0.1.no-capacity', attempt: 2, requestedAt: at(START + 300_000) },
    ])
  })

  test('fits into an event with a thousand servers and the longest words', () => {
    const whole = aWhole({ size: 1000, requests: [aRequest({ members: THOUSAND })] }, { servers: LONG_NAMES })
    const found = lacking({ members: THOUSAND, reason: '裸'.repeat(300_000) })
    const [event] = requestEvents(whole, [found], start)
    expect(event!.detail.count).toBe(1000)
    expect(Buffer.byteLength(JSON.stringify(event!.detail))).toBeLessThan(256 * 1024)
  })
})
