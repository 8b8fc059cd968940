import { describe, expect, test } from 'vitest'
import { retryAt } from '../../../lib/core/follow/capacity.ts'
import { followUp } from '../../../lib/core/follow/follow.ts'
import type { Observation } from '../../../lib/core/follow/tracked-server.ts'
import type { Request } from '../../../lib/core/model/chunk.ts'
import type { Job, SubJob } from '../../../lib/core/model/cloud.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import { aRequest, aRules, aRun, aServer, at, aWhole, type ServerOverrides, START } from '../../makers.ts'

const MINUTE = 60_000

/** Minutes after the first request at which further ones go out. */
function retries(retryMinutes: number): number[] {
  const sent: [{ sentAt: string }, ...{ sentAt: string }[]] = [{ sentAt: at(START) }]
  for (;;) {
    const next = retryAt(sent, retryMinutes)
    if (next === null) return sent.slice(1).map(({ sentAt }) => (Date.parse(sentAt) - START) / MINUTE)
    sent.push({ sentAt: at(next) })
  }
}

test('a server that there is no room for is asked again with growing waits, the last time when its time is over', () => {
  expect(retries(120)).toEqual([5, 15, 35, 65, 95, 120])
  expect(retries(20)).toEqual([5, 15, 20])
  expect(retries(1)).toEqual([1])
  expect(retries(0)).toEqual([])
})

const refusal = { code: 'Ecs.0319', cause: 'no-capacity' as const, message: 'no room' }
const job: Job = {
  status: 'failed',
  code: 'Common.0021',
  reason: null,
  subJobs: [
    { serverId: 's-0', status: 'failed', code: 'Ecs.0319', cause: 'no-capacity', reason: 'no room' },
    { serverId: 's-1', status: 'succeeded', code: null, cause: null, reason: null },
  ],
}

const A_JOB = { jobId: 'j', job: 'running' } as const

interface Seen {
  minutes: number
  job?: Job
  server?: ServerOverrides
  requests?: Partial<Request>[]
  run?: Partial<Run>
  rules?: Partial<Observation['rules']>
}
/** What a look makes of a server that is off, and of one beside it that runs. */
function look({ minutes, server, requests = [A_JOB], job: seen = job, run, rules }: Seen) {
  const chunk = { size: 2, status: 'following' as const, todo: [] }
  const sent = requests.map(one => aRequest({ members: [0, 1], ...one }))
  const {
    settled,
    lacking,
    next,
    chunk: after,
  } = followUp(aWhole({ ...chunk, requests: sent }), {
    jobs: new Map([['j', seen]]),
    servers: new Map([
      ['s-0', aServer({ id: 's-0', status: 'SHUTOFF', ...server })],
      ['s-1', aServer({ id: 's-1', status: 'ACTIVE' })],
    ]),
    closed: null,
    run: aRun({ action: 'start', ...run }),
    rules: { ...aRules({}, 'start'), ...rules },
    times: { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 },
    now: START + minutes * MINUTE,
  })
  return { one: settled.get(0), other: settled.get(1), lacking, next, todo: after.todo }
}

describe.each<[string, Omit<Seen, 'minutes'>]>([
  ['its part of the job says so', {}],
  ['the request was refused for it', { requests: [{ answer: 'deferred', refusal }] }],
  [
    'its state says so, and there is no job',
    { requests: [{}], server: { fault: 'No valid host', lacksCapacity: true } },
  ],
])('a server that there is no room for, where %s', (_, seen) => {
  test('waits, and holds up no other', () => {
    const { one, other, next } = look({ minutes: 1, ...seen })
    expect(one).toBeUndefined()
    expect(other).toMatchObject({ status: expect.stringMatching(/started|skipped/) })
    expect(next).toEqual({ kind: 'again', delaySeconds: 240 })
  })

  test('is asked again by itself after five minutes', () => {
    const { next, todo } = look({ minutes: 5, ...seen })
    expect(next).toEqual({ kind: 'stop' })
    expect(todo.map(({ members }) => members)).toEqual([[0]])
  })

  test('is to be told of, with the cause and until when it is asked', () => {
    const found = { place: 0, members: [0], attempt: 1, until: START + 120 * MINUTE }
    for (const minutes of [1, 5])
      expect(look({ minutes, ...seen }).lacking).toEqual([
        { ...found, reason: expect.stringMatching(/no room|No valid host/) },
      ])
  })

  test('fails at once where nothing may be asked again', () => {
    const { one, lacking } = look({ minutes: 1, ...seen, rules: { retryMinutes: 0 } })
    expect(one).toMatchObject({ status: 'failed', code: 'no-capacity' })
    expect(one?.reason).toMatch(/asked once$/)
    expect(lacking).toEqual([])
  })

  test('fails at once where its run sends nothing more', () => {
    const cancel = { at: at(START), actor: 'ann', reason: 'no need' }
    expect(look({ minutes: 1, ...seen, run: { cancel } }).one).toMatchObject({ code: 'no-capacity' })
  })
})

test('servers that lack room are told of together, once the cloud is through with their request', () => {
  const [roomless, other] = job.subJobs as [SubJob, SubJob]
  const goesOn: Job = { ...job, status: 'running', subJobs: [roomless, { ...other, status: 'running' }] }
  expect(look({ minutes: 1, job: goesOn }).lacking).toEqual([])
  expect(look({ minutes: 1, job: { ...goesOn, subJobs: job.subJobs } }).lacking).toHaveLength(1)
})

test('a server that is asked again and again is told of with the number of the request', () => {
  const later = { ...A_JOB, members: [0], sentAt: at(START + 5 * MINUTE) }
  const { lacking } = look({ minutes: 6, requests: [{ jobId: 'gone', job: 'ended' }, later] })
  expect(lacking).toMatchObject([{ place: 1, members: [0], attempt: 2, until: START + 120 * MINUTE }])
})

test('a server that a person started meanwhile was not started by a request that was refused', () => {
  const { one } = look({
    minutes: 1,
    requests: [{ answer: 'deferred', refusal }],
    server: { status: 'ACTIVE' },
  })
  expect(one).toMatchObject({ status: 'skipped', code: 'already-running' })
})

test('a server in ERROR for want of room fails, for no start is taken from there', () => {
  const { one } = look({
    minutes: 1,
    requests: [{}],
    server: { status: 'ERROR', fault: 'No valid host', lacksCapacity: true },
  })
  expect(one).toMatchObject({ status: 'failed', code: 'no-capacity', reason: 'No valid host; asked once' })
})

test('a request whose answer is lost after waits for room is repeated, for none before it was in vain', () => {
  const lost = { answer: 'lost', job: 'ended', jobId: null } as const
  const waited = [0, 5, 15].map(minutes => ({
    ...A_JOB,
    jobId: `j-${minutes}`,
    sentAt: at(START + minutes * MINUTE),
  }))
  const requests = [...waited.slice(0, 2), { ...lost, sentAt: waited[2]!.sentAt }]
  expect(look({ minutes: 16, requests }).todo).toHaveLength(1)
  const inVain = [0, 1, 2].map(minutes => ({ ...lost, sentAt: at(START + minutes * MINUTE) }))
  expect(look({ minutes: 3, requests: inVain }).todo).toEqual([])
})

test('another refusal than for want of room is met three times at most, not for as long as starts are asked for', () => {
  const before = { members: [0], escalation: false }
  const seen = (refused: number) =>
    followUp(
      aWhole({
        size: 1,
        status: 'following',
        todo: [],
        requests: [aRequest({ members: [0], answer: 'deferred', refusal })],
        refused: Array.from({ length: refused }, () => before),
      }),
      {
        jobs: new Map(),
        servers: new Map([['s-0', aServer({ id: 's-0', status: 'SHUTOFF' })]]),
        closed: null,
        run: aRun({ action: 'start' }),
        rules: aRules({}, 'start'),
        times: { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 },
        now: START + 6 * MINUTE,
      },
    ).next.kind
  expect([0, 1, 2, 3].map(seen)).toEqual(['stop', 'stop', 'stop', 'done'])
})

test('a server that is busy at its time is asked once that is over', () => {
  const busy = { taskState: 'image_snapshot' }
  const at5 = look({ minutes: 5, requests: [{ answer: 'deferred', refusal }], server: busy })
  expect([at5.one, at5.next.kind, at5.todo]).toEqual([undefined, 'again', []])
  const at60 = look({ minutes: 60, requests: [{ answer: 'deferred', refusal }], server: busy })
  expect(at60.one).toMatchObject({ status: 'failed', code: 'no-capacity' })
})

test('a server that runs and is busy at the deadline is not called off', () => {
  const { one } = look({ minutes: 60, requests: [{}], server: { status: 'ACTIVE', taskState: 'rebooting' } })
  expect(one).toMatchObject({ status: 'failed', code: 'busy' })
})
