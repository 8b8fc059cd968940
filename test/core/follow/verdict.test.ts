import { describe, expect, test } from 'vitest'
import { subJobCause } from '../../../lib/cloud/huawei/codes.ts'
import {
  connectionGone,
  type Observation,
  type TrackedServer,
  type Verdict,
} from '../../../lib/core/follow/tracked-server.ts'
import { verdictOf } from '../../../lib/core/follow/verdict.ts'
import type { Request } from '../../../lib/core/model/chunk.ts'
import type { Job, SubJob } from '../../../lib/core/model/cloud.ts'
import { OUTCOME_CODES } from '../../../lib/core/model/outcome.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import { rulesOf } from '../../../lib/core/plan/rules.ts'
import { createSelection } from '../../../lib/core/plan/select.ts'
import { aPolicy, aRequest, aRun, aServer, at, type ServerOverrides, START } from '../../makers.ts'
import { product } from '../product.ts'

const MINUTE = 60_000
const TIMES = { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 }

const PLAIN = aPolicy()

interface Told {
  server?: ServerOverrides | null
  /** What the job of the latest request says; `null`: it could not be read. */
  job?: Job['status'] | null
  subJob?: SubJob['status'] | null
  /** The sub-job's code where it failed. */
  code?: string
  /** Its reason where it failed. */
  why?: string
  /** When its part of the job ended, and when it changed last, minutes after the request. */
  times?: { ended: number; changed: number }
  requests?: Partial<Request>[]
  tries?: Partial<TrackedServer['tries']>
  escalateAfterMinutes?: number | null
  policy?: Record<string, unknown>
  run?: Partial<Run>
  minutes?: number
  unread?: boolean
  closed?: Observation['closed']
  troubles?: number
}

const failureOf = (status: SubJob['status'], code: string): Pick<SubJob, 'code' | 'cause'> =>
  status === 'failed' ? { code, cause: subJobCause(code, '') } : { code: null, cause: null }

function aCase(told: Told): TrackedServer {
  const { job = 'running', subJob = null, code = 'Ecs.9999', escalateAfterMinutes = null } = told
  const jobs = new Map<string, Job>()
  const subJobs: SubJob[] = subJob
    ? [
        {
          serverId: 's-1',
          status: subJob,
          ...failureOf(subJob, code),
          reason: told.why ?? null,
          ...(told.times ? { endedAt: at(START + told.times.ended * MINUTE) } : {}),
        },
      ]
    : []
  const ended: Job | undefined = job === null ? undefined : { status: job, code: null, reason: null, subJobs }
  if (ended) jobs.set('j', ended)
  const policy = told.policy
    ? aPolicy({ escalateAfterMinutes, ...told.policy })
    : { ...PLAIN, escalateAfterMinutes }
  const now = START + (told.minutes ?? 1) * MINUTE
  const requests = (told.requests ?? [{}]).map(one =>
    aRequest({ members: [1], jobId: 'j', job: 'running', ...one }),
  ) as [Request, ...Request[]]
  const changed = told.times ? { updatedAt: at(START + told.times.changed * MINUTE) } : {}
  const server = told.server === null ? undefined : aServer({ id: 's-1', ...changed, ...told.server })
  const looked: Observation = {
    jobs,
    servers: told.unread ? null : new Map(server ? [['s-1', server]] : []),
    closed: told.closed ?? null,
    run: aRun(told.run),
    rules: rulesOf(aRun(), policy),
    times: TIMES,
    now,
  }
  const count = (escalation: boolean) => requests.filter(one => one.escalation === escalation).length
  return {
    requests,
    tries: { first: count(false), escalation: count(true), ...told.tries },
    server: told.unread ? undefined : server,
    subJob: subJobs[0],
    job: ended,
    troubles: told.troubles ?? 0,
    select: createSelection(policy, now),
    looked,
  }
}

const words = (verdict: Verdict): string => {
  if (verdict.kind === 'ask') return verdict.escalation ? 'ask hard' : 'ask again'
  return verdict.kind === 'wait' ? 'wait' : `${verdict.settled.status} ${verdict.settled.code}`
}
const said = (told: Told): string => words(verdictOf(aCase(told)))
const settled = (told: Told) => {
  const found = verdictOf(aCase(told))
  return found.kind === 'settled' ? found.settled : null
}

const done = { job: 'succeeded', subJob: 'succeeded' } as const
const OFF = { status: 'SHUTOFF', vmState: 'stopped' }
const HANGING = { taskState: 'powering-off' }
const HARD = { mode: 'hard', escalation: true, sentAt: at(START + 15 * MINUTE) } as const
const cancel = { at: at(START), actor: 'a', reason: 'r' }
const withheld = { code: 'halted', reason: 'r' } as const

describe('a server that is off', () => {
  test.each<[string, string, Told]>([
    ['stopped stopped', 'after the job succeeded', { job: 'succeeded', subJob: 'succeeded' }],
    ['stopped stopped', 'while the job still runs', {}],
    ['stopped stopped', 'though its job failed', { job: 'failed', subJob: 'failed', code: 'Ecs.1002' }],
    ['stopped stopped', 'though its sub-job is missing', { job: 'failed' }],
    ['stopped stopped', 'though its job is lost', { job: 'gone' }],
    ['stopped answer-lost', 'though the answer was lost', { requests: [{ answer: 'lost', job: 'ended' }] }],
    ['stopped escalated', 'after the hard stop', { requests: [{}, HARD] }],
    [
      'stopped escalated',
      'after a hard stop without an answer',
      { requests: [{}, { ...HARD, answer: 'lost' }] },
    ],
    ['stopped stopped', 'when asked at once in the hard way', { requests: [{ mode: 'hard' }] }],
    [
      'skipped already-stopped',
      'and was so before the request came',
      { job: 'failed', subJob: 'failed', code: 'Ecs.0100' },
    ],
    [
      'skipped already-stopped',
      'and was so before, bare metal',
      { job: 'failed', subJob: 'failed', code: 'BMS.0039' },
    ],
    [
      'stopped stopped',
      'by the soft stop, for the hard one came too late',
      { requests: [{}, HARD], job: 'failed', subJob: 'failed', code: 'Ecs.0100' },
    ],
    [
      'stopped answer-lost',
      'by the first request, for the second came too late',
      { requests: [{ answer: 'lost', job: 'ended' }, {}], job: 'failed', subJob: 'failed', code: 'Ecs.0100' },
    ],
  ])('is %s %s', (expected, _, told) => {
    expect(said({ server: OFF, ...told })).toBe(expected)
  })

  test('is recorded with the request that did it', () => {
    const soft = { jobId: 'j-soft', requestId: 'r-soft' }
    const late: Told = { requests: [soft, HARD], job: 'failed', subJob: 'failed', code: 'Ecs.0100' }
    expect(settled({ server: OFF, ...late })).toMatchObject({ mode: 'soft', requestedAt: at(START), ...soft })
    expect(settled({ server: OFF, requests: [soft, HARD] })).toMatchObject({
      mode: 'hard',
      jobId: 'j',
      requestedAt: HARD.sentAt,
    })
  })
})

describe('a server that is still up', () => {
  test.each<[string, string, Told]>([
    ['wait', 'while its job runs', {}],
    ['wait', 'while its job could not be read', { job: null }],
    ['wait', 'though the job succeeded', { job: 'succeeded', subJob: 'succeeded' }],
    ['wait', 'on its way down', { job: 'failed', subJob: 'failed', server: HANGING }],
    ['wait', 'at 59 minutes', { job: 'succeeded', minutes: 59 }],
    ['failed still-running', 'at 60 minutes', { job: 'succeeded', minutes: 60 }],
    ['failed still-running', 'at 60 minutes, its job still running', { minutes: 60 }],
    ['failed still-running', 'at 60 minutes, on its way down', { minutes: 60, server: HANGING }],
    ['failed job-failed', 'after its sub-job failed', { job: 'failed', subJob: 'failed' }],
    ['failed job-failed', 'after its sub-job failed, the others running', { subJob: 'failed' }],
    ['wait', 'though the others failed', { job: 'failed', subJob: 'succeeded' }],
    ['wait', 'without a sub-job of its own', { job: 'failed' }],
    ['failed locked', 'for it is locked', { subJob: 'failed', code: 'Ecs.0605' }],
    ['failed frozen', 'for it is frozen', { subJob: 'failed', code: 'BMS.0360' }],
    ['failed not-found', 'though its sub-job did not find it', { subJob: 'failed', code: 'Ecs.0114' }],
    ['ask again', 'for it was busy', { job: 'failed', subJob: 'failed', code: 'Ecs.0603' }],
    [
      'failed job-failed',
      'busy for the third time',
      { subJob: 'failed', code: 'Ecs.0603', tries: { first: 3 } },
    ],
    ['ask again', 'after the answer was lost', { requests: [{ answer: 'lost', job: 'ended' }] }],
    ['ask again', 'after the job was lost', { job: 'gone' }],
    ['ask again', 'after the job was lost at an earlier look', { job: null, requests: [{ job: 'gone' }] }],
    [
      'wait',
      'after the third answer was lost',
      { requests: [{ answer: 'lost', job: 'ended' }], tries: { first: 3 } },
    ],
    [
      'wait',
      'rebooting, after the answer was lost',
      { requests: [{ answer: 'lost', job: 'ended' }], server: { taskState: 'rebooting' } },
    ],
    [
      'failed in-error',
      'after the answer was lost, in error',
      { requests: [{ answer: 'lost', job: 'ended' }], server: { status: 'ERROR' } },
    ],
  ])('is %s %s', (expected, _, told) => {
    expect(said(told)).toBe(expected)
  })

  const since: [string, ServerOverrides, Record<string, unknown>][] = [
    ['protected', { tags: { 'curfew-protect': '' } }, {}],
    ['snoozed', { tags: { 'curfew-snooze-until': '2026-12-01' } }, {}],
    ['excluded', { name: 'keep' }, { exclude: { name: 'keep' } }],
    ['no longer matched', { name: 'prod-1' }, { selector: { name: 'dev-*' } }],
    ['locked', { locked: true }, {}],
    ['frozen', { frozen: true }, {}],
  ]
  test.each(since)('is not asked again once it is %s', (_, server, policy) => {
    expect(said({ server, policy, requests: [{ answer: 'lost', job: 'ended' }] })).toBe('wait')
  })
  test.each(since)('gets no hard stop once it is %s', (_, server, policy) => {
    const told = { server: { ...HANGING, ...server }, policy, escalateAfterMinutes: 15 }
    expect(said({ ...told, minutes: 15 })).toBe('wait')
    expect(said({ ...told, minutes: 60 })).toBe('failed still-running')
  })
  test.each([{ cancel }, { withheld }])(
    'is asked neither again nor harder once the run sends nothing more: %j',
    run => {
      expect(said({ run, requests: [{ answer: 'lost', job: 'ended' }] })).toBe('wait')
      expect(said({ run, server: HANGING, escalateAfterMinutes: 15, minutes: 15 })).toBe('wait')
      expect(said({ run, server: HANGING, escalateAfterMinutes: 120, minutes: 60 })).toBe(
        'failed still-running',
      )
    },
  )
})

describe('a hard stop follows a soft one', () => {
  const soft = { escalateAfterMinutes: 15 }
  test.each<[string, string, Told]>([
    ['wait', 'not before its time', { ...soft, minutes: 14, server: HANGING }],
    ['ask hard', 'at its time, while the soft job still runs', { ...soft, minutes: 15, server: HANGING }],
    ['ask hard', 'at its time, after the soft job succeeded', { ...soft, minutes: 15, job: 'succeeded' }],
    [
      'ask hard',
      'though its own part of the soft job succeeded, where nothing tells that it ever went off',
      { ...soft, minutes: 15, job: 'succeeded', subJob: 'succeeded' },
    ],
    [
      'ask hard',
      'and where its last change came before that part ended',
      { ...soft, minutes: 15, ...done, times: { ended: 1, changed: 0.9 } },
    ],
    [
      'wait',
      'not where something happened to it after its part succeeded: it was started again',
      { ...soft, minutes: 15, ...done, times: { ended: 1, changed: 3 } },
    ],
    [
      'ask hard',
      'and where it was noted less than ten seconds later, as databases do: no start is that quick',
      { ...soft, minutes: 15, ...done, times: { ended: 1, changed: 1 + 9.999 / 60 } },
    ],
    [
      'wait',
      'not where that was ten seconds later',
      { ...soft, minutes: 15, ...done, times: { ended: 1, changed: 1 + 10 / 60 } },
    ],
    [
      'ask hard',
      'though something did, where it is still powering off',
      { ...soft, minutes: 15, ...done, times: { ended: 1, changed: 3 }, server: HANGING },
    ],
    [
      'ask hard',
      'though something did, where its part failed',
      { ...soft, minutes: 15, subJob: 'failed', times: { ended: 1, changed: 3 } },
    ],
    [
      'failed still-running',
      'nor at the deadline, where it was started again',
      { ...soft, minutes: 60, ...done, times: { ended: 1, changed: 3 } },
    ],
    ['ask hard', 'at its time, though the soft job failed', { ...soft, minutes: 15, subJob: 'failed' }],
    [
      'wait',
      'not again while one that got lost may still work',
      { ...soft, minutes: 29, requests: [{}, { ...HARD, ...LOST }], server: HANGING },
    ],
    [
      'ask hard',
      'again where one got lost, and that long after it the server is still powering off',
      { ...soft, minutes: 30, requests: [{}, { ...HARD, ...LOST }], server: HANGING },
    ],
    [
      'wait',
      'no fourth time',
      {
        ...soft,
        minutes: 60,
        requests: [{}, { ...HARD, ...LOST }],
        tries: { escalation: 3 },
        server: HANGING,
      },
    ],
    [
      'ask again',
      'not where the soft one may never have come: that is asked once more, even after the deadline',
      { ...soft, minutes: 61, requests: [LOST] },
    ],
    [
      'ask hard',
      'where that came, as the powering off shows',
      { ...soft, minutes: 15, requests: [LOST], server: HANGING },
    ],
    [
      'ask hard',
      'where it was asked three times without an answer',
      { ...soft, minutes: 15, requests: [LOST], tries: { first: 3 } },
    ],
    ['wait', 'not at once when the soft job failed', { ...soft, minutes: 14, subJob: 'failed' }],
    ['ask hard', 'later than the deadline, if so wanted', { escalateAfterMinutes: 120, minutes: 120 }],
    ['wait', 'until when nothing is given up', { escalateAfterMinutes: 120, minutes: 119 }],
    ['wait', 'not while it reboots', { ...soft, minutes: 15, server: { taskState: 'rebooting' } }],
    [
      'failed still-running',
      'nor ever, if it reboots for ever',
      { ...soft, minutes: 60, server: { taskState: 'rebooting' } },
    ],
    [
      'wait',
      'not under curfew-no-force',
      { ...soft, minutes: 15, server: { tags: { 'curfew-no-force': '' } } },
    ],
    [
      'failed job-failed',
      'so that a failed one needs no wait under curfew-no-force',
      { ...soft, subJob: 'failed', server: { tags: { 'curfew-no-force': '' } } },
    ],
    ['wait', 'not where none is wanted', { minutes: 59, server: HANGING }],
    ['wait', 'not after a hard one', { ...soft, minutes: 59, requests: [{ mode: 'hard' }], server: HANGING }],
    [
      'wait',
      'refused once: not while the soft one is under way',
      { ...soft, minutes: 20, server: HANGING, tries: { escalation: 1 } },
    ],
    ['ask hard', 'refused once: as soon as that is over', { ...soft, minutes: 20, tries: { escalation: 1 } }],
    [
      'failed still-running',
      'refused three times: no more',
      { ...soft, minutes: 60, tries: { escalation: 3 } },
    ],
    [
      'ask hard',
      'again after its answer was lost',
      { ...soft, minutes: 16, requests: [{}, { ...HARD, answer: 'lost', job: 'ended' }] },
    ],
    [
      'wait',
      'and has as long as the soft one',
      { ...soft, minutes: 74, requests: [{}, HARD], server: HANGING },
    ],
    [
      'failed still-running',
      'and no longer',
      { ...soft, minutes: 75, requests: [{}, HARD], server: HANGING },
    ],
  ])('%s: %s', (expected, _, told) => {
    expect(said(told)).toBe(expected)
  })

  test('where it did not, the outcome says why', () => {
    const told = { ...soft, minutes: 60, server: { ...HANGING, tags: { 'curfew-no-force': '' } } }
    expect(settled(told)?.reason).toBe(
      'still ACTIVE (powering-off) 60 minutes after the request; no hard stop followed, for it carries the tag curfew-no-force',
    )
  })
})

describe('the reason', () => {
  const reason = (told: Told) => settled({ minutes: 60, ...told })?.reason
  test('says what the cloud said of its part of the job', () => {
    const told = { job: 'failed', subJob: 'failed', code: 'Ecs.1002', minutes: 1 } as const
    expect(reason(told)).toBe('still ACTIVE; its job failed with Ecs.1002')
    expect(reason({ ...told, why: 'guest busy' })).toBe(
      'still ACTIVE; its job failed with Ecs.1002: guest busy',
    )
  })
  test('says that somebody may have undone that where something happened after its part succeeded', () => {
    expect(reason({ ...done, times: { ended: 1, changed: 3 } })).toBe(
      'still ACTIVE 60 minutes after the request; its job stopped it: somebody may have undone that',
    )
    expect(reason(done)).toBe('still ACTIVE 60 minutes after the request')
  })
  test('says that the job failed where its own part is missing', () => {
    expect(reason({ job: 'failed' })).toBe(
      'still ACTIVE 60 minutes after the request; the job failed with no code',
    )
  })
  test('speaks of curfew-no-force only where a hard stop was wanted', () => {
    const server = { tags: { 'curfew-no-force': '' } }
    expect(reason({ server })).toBe('still ACTIVE 60 minutes after the request')
    expect(reason({ escalateAfterMinutes: 15, requests: [{ mode: 'hard' }] })).not.toContain('no-force')
  })
})

describe('a server that the cloud no longer knows', () => {
  test.each<[string, string, Told]>([
    ['wait', 'while its job runs', {}],
    ['unconfirmed not-found', 'once its job has ended', { job: 'succeeded' }],
    ['failed not-found', 'once its sub-job failed', { job: 'failed', subJob: 'failed', code: 'Ecs.0114' }],
    ['unconfirmed not-found', 'at the deadline', { minutes: 60 }],
  ])('is %s %s', (expected, _, told) => {
    expect(said({ server: null, ...told })).toBe(expected)
    expect(said({ server: { status: 'DELETED' }, ...told })).toBe(expected)
    expect(said({ server: { status: 'SOFT_DELETED' }, ...told })).toBe(expected)
  })
  test('says so where it is still shown, as deleted', () => {
    expect(settled({ server: { status: 'DELETED' }, job: 'succeeded' })?.reason).toBe(
      'it is deleted (DELETED)',
    )
  })
})

describe('a server that cannot be read', () => {
  test.each<[string, string, Told]>([
    ['wait', 'before the deadline', { minutes: 59, job: 'succeeded', subJob: 'succeeded' }],
    ['unconfirmed not-learnt', 'at the deadline', { minutes: 60, job: 'succeeded', subJob: 'succeeded' }],
    [
      'wait',
      'at the deadline, where a hard stop is still to come',
      { minutes: 60, escalateAfterMinutes: 90 },
    ],
    ['unconfirmed not-learnt', 'when that has passed, too', { minutes: 90, escalateAfterMinutes: 90 }],
    ['wait', 'for the key is refused', { closed: KEY_REFUSED }],
    ['unconfirmed credentials', 'for the key is refused a second time', { closed: KEY_REFUSED, troubles: 1 }],
    ['wait', 'for its connection was deleted', { closed: connectionGone('prod') }],
    [
      'unconfirmed not-learnt',
      'for its connection was deleted, and not made again',
      { closed: connectionGone('prod'), troubles: 1 },
    ],
  ])('is %s %s', (expected, _, told) => {
    expect(said({ unread: true, ...told })).toBe(expected)
  })
})

const KEY_REFUSED = { code: 'credentials', reason: 'no' } as const
const LOST = { answer: 'lost', job: 'ended' } as const
const CHOICES = {
  server: [
    null,
    ...['ACTIVE', 'SHUTOFF', 'REBOOT'].flatMap(status =>
      [null, 'powering-off', 'rebooting'].map(taskState => ({ status, taskState })),
    ),
  ] as (ServerOverrides | null)[],
  extra: [
    {},
    { tags: { 'curfew-protect': '' } },
    { tags: { 'curfew-no-force': '' } },
    { locked: true },
  ] as ServerOverrides[],
  job: ['running', 'failed', 'gone'] as const,
  subJob: ['succeeded', 'failed', null] as const,
  code: ['Ecs.0100', 'Ecs.1002'],
  requests: [
    [{}],
    [LOST],
    [{ mode: 'hard' }],
    [{}, HARD],
    [{}, { ...HARD, ...LOST }],
  ] as Partial<Request>[][],
  refused: [0, 3],
  escalateAfterMinutes: [null, 15],
  run: [{}, { cancel }] as Partial<Run>[],
  minutes: [1, 15, 60, 150],
  unread: [false, true],
}

/** What must hold of one verdict, by name; those that do not. */
function brokenRules(one: TrackedServer, found: Verdict): string[] {
  const { server, looked } = one
  const isUnread = looked.servers === null
  const minutes = (looked.now - START) / MINUTE
  const rules: Record<string, boolean> = {
    'off is settled': isUnread || !server || server.power !== 'off' || found.kind === 'settled',
    'what waits ends by its deadline': found.kind !== 'wait' || minutes < 75,
  }
  if (found.kind === 'settled') {
    const { status, code, reason } = found.settled
    rules['an end is documented'] = (OUTCOME_CODES[code] as readonly string[]).includes(status)
    rules['an end has a reason'] = reason.length > 5
    rules['stopped only if read off'] = status !== 'stopped' || (!isUnread && server!.power === 'off')
    rules['failed only if read'] = status !== 'failed' || !isUnread
  }
  if (found.kind === 'ask') {
    const { power, locked, busy, turning, tags } = server!
    const { escalation } = found
    const isFirstHard = escalation && one.requests.every(request => !request.escalation)
    rules['asked only if up'] = power === 'on' && !locked
    rules['asked only if idle'] = busy === null || (escalation && turning === 'off')
    rules['asked only if not protected'] = !('curfew-protect' in tags)
    rules['forced only if it may be'] = !escalation || !('curfew-no-force' in tags)
    rules['asked only by a run that goes on'] = looked.run.cancel === undefined
    rules['asked three times at most'] = !escalation || one.tries.escalation < 3
    rules['forced only in its time'] =
      !isFirstHard || minutes >= (looked.rules.escalateAfterMinutes ?? Number.POSITIVE_INFINITY)
    const { answer } = one.requests.at(-1)!
    rules['forced only after a soft stop that came'] =
      !isFirstHard || answer === 'accepted' || turning === 'off' || one.tries.first >= 3
  }
  return Object.entries(rules).flatMap(([name, holds]) => (holds ? [] : name))
}

test('whatever is seen: stopped only if read off; asked only if it may be; ended by its deadline; each end documented', () => {
  const broken: string[] = []
  const ends = new Set<string>()
  for (const { extra, refused, ...told } of product(CHOICES)) {
    const hard = told.requests.filter(({ escalation }) => escalation).length
    const tries = { escalation: refused + hard }
    const one = aCase({ ...told, server: told.server && { ...told.server, ...extra }, tries })
    const found = verdictOf(one)
    if (found.kind === 'settled') ends.add(words(found))
    for (const rule of brokenRules(one, found))
      broken.push(`${rule}: ${words(found)} for ${JSON.stringify({ ...told, extra, refused })}`)
  }
  expect(broken.slice(0, 5)).toEqual([])
  expect([...ends].sort()).toEqual([
    'failed job-failed',
    'failed not-found',
    'failed still-running',
    'skipped already-stopped',
    'stopped answer-lost',
    'stopped escalated',
    'stopped stopped',
    'unconfirmed not-found',
    'unconfirmed not-learnt',
  ])
})
