import { describe, expect, test } from 'vitest'
import { followUp, idsToVerify, runningJobs } from '../../../lib/core/follow/follow.ts'
import type { Observation } from '../../../lib/core/follow/tracked-server.ts'
import type { Chunk, Request, WholeChunk } from '../../../lib/core/model/chunk.ts'
import type { Job, SubJob } from '../../../lib/core/model/cloud.ts'
import {
  aRequest,
  aRules,
  aRun,
  aServer,
  aSettled,
  at,
  aWhole,
  type ServerOverrides,
  START,
} from '../../makers.ts'

const MINUTE = 60_000
const OFF: ServerOverrides = { status: 'SHUTOFF' }
const HANGING: ServerOverrides = { taskState: 'powering-off' }

const aJob = (status: Job['status'], subJobs: Record<string, SubJob['status']> = {}): Job => ({
  status,
  code: null,
  reason: null,
  subJobs: Object.entries(subJobs).map(([serverId, one]) => ({
    serverId,
    status: one,
    code: one === 'failed' ? 'Ecs.1002' : null,
    cause: null,
    reason: null,
  })),
})
const looked = (
  rest: Partial<Observation> & { minutes?: number; fleet?: Record<string, ServerOverrides> } = {},
): Observation => {
  const { minutes = 1, fleet, ...others } = rest
  const servers = fleet && new Map(Object.entries(fleet).map(([id, one]) => [id, aServer({ id, ...one })]))
  return {
    jobs: new Map(),
    servers: servers ?? null,
    closed: null,
    run: aRun(),
    rules: aRules(),
    times: { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 },
    now: START + minutes * MINUTE,
    ...others,
  }
}
const sent = (overrides: Partial<Request> = {}) => aRequest({ jobId: 'j', job: 'running', ...overrides })
const following = (chunk: Partial<Chunk> = {}, rest: Partial<WholeChunk> = {}): WholeChunk =>
  aWhole({ status: 'following', todo: [], requests: [sent()], ...chunk }, rest)
const ends = ({ settled }: Pick<WholeChunk, 'settled'>) =>
  [...settled].map(([member, { status, code }]) => `${member} ${status} ${code}`)

describe('who is read', () => {
  const ids = (whole: WholeChunk, rest: Parameters<typeof looked>[0] = {}) => idsToVerify(whole, looked(rest))

  test('nobody while the job runs', () => {
    expect(ids(following(), { jobs: new Map([['j', aJob('running')]]) })).toEqual([])
    expect(ids(following())).toEqual([])
  })
  test('all of a job that has ended, or of which the cloud knows nothing', () => {
    for (const status of ['succeeded', 'failed', 'gone'] as const)
      expect(ids(following(), { jobs: new Map([['j', aJob(status)]]) })).toEqual(['s-0', 's-1', 's-2'])
  })
  test('those whose own part of the job is over, though another hangs', () => {
    const jobs = new Map([['j', aJob('running', { 's-0': 'succeeded', 's-1': 'failed', 's-2': 'running' })]])
    expect(ids(following(), { jobs })).toEqual(['s-0', 's-1'])
  })
  test('all whose answer or job was lost at an earlier look', () => {
    expect(ids(following({ requests: [sent({ answer: 'lost', jobId: null, job: 'ended' })] }))).toHaveLength(
      3,
    )
    expect(ids(following({ requests: [sent({ job: 'gone' })] }))).toHaveLength(3)
  })
  test('all at their time to escalate and at their deadline, though the job still runs', () => {
    const rules = aRules({ escalateAfterMinutes: 15 })
    expect(ids(following(), { rules, minutes: 14 })).toEqual([])
    expect(ids(following(), { rules, minutes: 15 })).toHaveLength(3)
    expect(ids(following(), { minutes: 59 })).toEqual([])
    expect(ids(following(), { minutes: 60 })).toHaveLength(3)
  })
  test('none that is settled', () => {
    const settled = new Map([[0, aSettled()]])
    expect(ids(following({}, { settled }), { minutes: 60 })).toEqual(['s-1', 's-2'])
  })
  test('by the latest request for each', () => {
    const requests = [
      sent({ job: 'ended' }),
      sent({ members: [2], mode: 'hard', escalation: true, jobId: 'hard', sentAt: at(START + 15 * MINUTE) }),
    ]
    expect(ids(following({ requests }), { minutes: 16 })).toEqual(['s-0', 's-1'])
  })
})

describe('a job', () => {
  const jobOf = (
    status: Job['status'],
    subJobs: Record<string, SubJob['status']>,
    fleet: Record<string, ServerOverrides>,
    rules = aRules(),
  ) => followUp(following(), looked({ jobs: new Map([['j', aJob(status, subJobs)]]), fleet, rules })).chunk
  const up = { 's-0': {}, 's-1': {}, 's-2': {} }

  test('is looked at until it has ended and its servers were read', () => {
    expect(runningJobs(following().chunk)).toEqual(['j'])
    expect(runningJobs(jobOf('running', {}, up))).toEqual(['j'])
    expect(runningJobs(jobOf('succeeded', {}, up))).toEqual([])
    const unread = followUp(following(), looked({ jobs: new Map([['j', aJob('succeeded')]]) }))
    expect(runningJobs(unread.chunk)).toEqual(['j'])
  })
  test('is looked at further while it alone knows what it did to a server that is not off', () => {
    const hanging = { ...up, 's-1': HANGING }
    expect(runningJobs(jobOf('failed', { 's-1': 'failed' }, hanging))).toEqual(['j'])
    expect(runningJobs(jobOf('failed', { 's-1': 'succeeded' }, hanging))).toEqual(['j'])
    expect(runningJobs(jobOf('failed', { 's-0': 'succeeded' }, { ...hanging, 's-0': OFF }))).toEqual([])
  })
  test('that is gone is remembered as such', () => {
    expect(
      jobOf('gone', {}, { ...up, 's-0': HANGING, 's-1': HANGING, 's-2': HANGING }).requests[0]?.job,
    ).toBe('gone')
  })
  test("does not speak for another's servers", () => {
    const requests = [
      sent({ job: 'running' }),
      sent({ members: [0], mode: 'hard', escalation: true, jobId: 'hard', sentAt: at(START + 15 * MINUTE) }),
    ]
    const jobs = new Map([
      ['hard', aJob('running', { 's-0': 'running' })],
      ['j', aJob('failed', { 's-0': 'failed', 's-1': 'failed' })],
    ])
    const fleet = { 's-0': {}, 's-1': {}, 's-2': OFF }
    const { settled } = followUp(following({ requests }), looked({ jobs, fleet, minutes: 16 }))
    expect(ends({ settled })).toEqual(['1 failed job-failed', '2 stopped stopped'])
  })
})

describe('what comes next', () => {
  const ended = { jobs: new Map([['j', aJob('succeeded')]]) }

  test('all settled: the chunk is done', () => {
    const up = followUp(following(), looked({ ...ended, fleet: { 's-0': OFF, 's-1': OFF, 's-2': OFF } }))
    expect(up).toMatchObject({ chunk: { status: 'done' }, next: { kind: 'done' } })
    expect(ends(up)).toEqual(['0 stopped stopped', '1 stopped stopped', '2 stopped stopped'])
  })
  test('some still up: another look', () => {
    const fleet = { 's-0': OFF, 's-1': {}, 's-2': OFF }
    const up = followUp(following({ looks: 1 }), looked({ ...ended, fleet }))
    expect(up).toMatchObject({
      chunk: { status: 'following', looks: 1 },
      next: { kind: 'again', delaySeconds: 30 },
    })
  })
  test('exactly those still up are asked in the hard way', () => {
    const rules = aRules({ escalateAfterMinutes: 15 })
    const fleet = { 's-0': HANGING, 's-1': OFF, 's-2': {} }
    const up = followUp(following(), looked({ rules, fleet, minutes: 15 }))
    expect(up.next).toEqual({ kind: 'stop' })
    expect(up.chunk).toMatchObject({
      status: 'waiting',
      readAt: at(START + 15 * MINUTE),
      todo: [{ members: [0, 2], mode: 'hard', escalation: true }],
    })
  })
  test('a member of a scaling group is not', () => {
    const rules = aRules({ escalateAfterMinutes: 15 })
    const fleet = { 's-0': HANGING, 's-1': OFF, 's-2': {} }
    const groups = new Map([['s-0', 'web']])
    const up = followUp(following(), looked({ rules, fleet, minutes: 15, groups }))
    expect(up.chunk.todo).toEqual([{ members: [2], mode: 'hard', escalation: true }])
    const last = followUp(following(), looked({ rules, fleet, minutes: 60, groups }))
    expect(ends(last)).toContain('0 failed still-running')
  })
  test('nobody is while scaling groups are unknown; who is up at the deadline is given up', () => {
    const rules = aRules({ escalateAfterMinutes: 15 })
    const fleet = { 's-0': HANGING, 's-1': OFF, 's-2': {} }
    const up = followUp(following(), looked({ rules, fleet, minutes: 15, groups: null }))
    expect(up).toMatchObject({ chunk: { todo: [] }, next: { kind: 'again' } })
    const last = followUp(following(), looked({ rules, fleet, minutes: 60, groups: null }))
    expect(ends(last)).toEqual(['0 failed still-running', '1 stopped stopped', '2 failed still-running'])
  })
  test('who is asked again is asked in the same way as before', () => {
    const requests = [sent({ mode: 'hard', answer: 'lost', jobId: null, job: 'ended' })]
    const up = followUp(following({ requests }), looked({ fleet: { 's-0': {}, 's-1': OFF, 's-2': {} } }))
    expect(up.chunk.todo).toEqual([{ members: [0, 2], mode: 'hard', escalation: false }])
  })
  test('a third lost answer is the last', () => {
    const lost = sent({ answer: 'lost', jobId: null, job: 'ended' })
    const fleet = { 's-0': {}, 's-1': {}, 's-2': {} }
    expect(followUp(following({ requests: [lost, lost] }), looked({ fleet })).next.kind).toBe('stop')
    expect(followUp(following({ requests: [lost, lost, lost] }), looked({ fleet })).next.kind).toBe('again')
    const refused = [{ members: [0, 1, 2], escalation: false }]
    expect(followUp(following({ requests: [lost, lost], refused }), looked({ fleet })).next.kind).toBe(
      'again',
    )
  })
})

describe('the next look', () => {
  const delay = (chunk: Partial<Chunk>, rest: Parameters<typeof looked>[0] = {}) => {
    const { next } = followUp(following(chunk), looked(rest))
    return next.kind === 'again' ? next.delaySeconds : next.kind
  }

  test('comes after twice as long each time, up to the most', () => {
    expect([1, 2, 3, 4, 31].map(looks => delay({ looks }))).toEqual([30, 60, 60, 60, 60])
  })
  test('comes no later than the next escalation or deadline', () => {
    const rules = aRules({ escalateAfterMinutes: 15 })
    expect(delay({ looks: 9 }, { rules, minutes: 14.75 })).toBe(15)
    expect(delay({ looks: 9 }, { minutes: 59.5 })).toBe(30)
  })
  test('comes no later than the first of several such instants, and not at one that has passed', () => {
    const requests = [
      sent({ members: [0], sentAt: at(START - 2 * MINUTE) }),
      sent({ members: [1], sentAt: at(START + 30_000) }),
      sent({ members: [2], sentAt: at(START) }),
    ]
    const rules = aRules({ escalateAfterMinutes: 15 })
    expect(
      delay({ requests, looks: 9 }, { rules, minutes: 14.75, fleet: { 's-0': { taskState: 'rebooting' } } }),
    ).toBe(15)
    expect(
      delay(
        { looks: 9 },
        {
          rules,
          minutes: 15,
          fleet: {
            's-0': { taskState: 'rebooting' },
            's-1': { taskState: 'rebooting' },
            's-2': { taskState: 'rebooting' },
          },
        },
      ),
    ).toBe(60)
  })
  const closed = { code: 'credentials', reason: 'no' } as const
  test('counts how often in a row the key was refused', () => {
    expect(followUp(following(), looked({ closed })).chunk.troubles).toBe(1)
    expect(followUp(following({ troubles: 1 }), looked()).chunk.troubles).toBe(0)
  })
  test('waits longer for a key that was refused, and the second refusal ends it', () => {
    expect(delay({}, { closed })).toBe(300)
    const up = followUp(following({ troubles: 1 }), looked({ closed }))
    expect(ends(up)).toEqual([0, 1, 2].map(member => `${member} unconfirmed credentials`))
  })
})
