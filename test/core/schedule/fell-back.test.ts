/** Requests without a job: the server alone tells, and an answer is no proof. */
import { describe, expect, it, test } from 'vitest'
import { followUp } from '../../../lib/core/follow/follow.ts'
import type { Observation } from '../../../lib/core/follow/tracked-server.ts'
import type { Chunk, Request } from '../../../lib/core/model/chunk.ts'
import { aRequest, aRules, aRun, aServer, aWhole, type ServerOverrides, START } from '../../makers.ts'

const TIMES = { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 }

interface Sight {
  server?: ServerOverrides
  requests?: Partial<Request>[]
  chunk?: Partial<Chunk>
  policy?: Record<string, unknown>
  cancelled?: boolean
  minutes?: number
}

/** What a look so many minutes after the request makes of its one server. */
function looked({ server = {}, requests = [{}], chunk = {}, policy = {}, cancelled, minutes = 1 }: Sight) {
  const sent = requests.map(request => aRequest({ members: [0], ...request }))
  const whole = aWhole({ size: 1, status: 'following', todo: [], requests: sent, ...chunk })
  const cancel = { at: new Date(START).toISOString(), actor: 'me', reason: 'because' }
  const sight: Observation = {
    jobs: new Map(),
    servers: new Map([['s-0', aServer({ id: 's-0', ...server })]]),
    closed: null,
    run: cancelled ? aRun({ cancel }) : aRun(),
    rules: aRules(policy),
    times: TIMES,
    now: START + minutes * 60_000,
  }
  const { settled, next, chunk: after } = followUp(whole, sight)
  const { status, code, reason } = settled.get(0) ?? {}
  return { outcome: status && `${status} ${code}`, reason, next: next.kind, todo: after.todo }
}

describe('a server that was asked without a job', () => {
  it.each<[string, Sight, string | undefined, string]>([
    ['is stopped once it is seen off', { server: { status: 'SHUTOFF' } }, 'stopped stopped', 'done'],
    ['is waited for while it powers off', { server: { taskState: 'powering-off' } }, undefined, 'again'],
    [
      'is still running at the deadline, powering off as it may be',
      { server: { taskState: 'powering-off' }, minutes: 60 },
      'failed still-running',
      'done',
    ],
    ['is asked again when it is up and idle', {}, undefined, 'stop'],
    ['is asked a third time', { requests: [{}, {}] }, undefined, 'stop'],
    ['is asked no fourth time', { requests: [{}, {}, {}] }, 'failed still-running', 'done'],
    [
      'is not asked again where the others were refused',
      {
        chunk: {
          refused: [
            { members: [0], escalation: false },
            { members: [0], escalation: false },
          ],
        },
      },
      'failed still-running',
      'done',
    ],
    ['is not asked again once its run is cancelled', { cancelled: true }, 'failed still-running', 'done'],
    [
      'is not asked again once it is protected',
      { server: { tags: { 'curfew-protect': '' } } },
      'failed still-running',
      'done',
    ],
    [
      'waits for its hard stop when three soft ones came to nothing',
      { requests: [{}, {}, {}], policy: { escalateAfterMinutes: 15 } },
      undefined,
      'again',
    ],
    ['is in error', { server: { status: 'ERROR', vmState: 'error' } }, 'failed in-error', 'done'],
    [
      'is waited for while something is under way in error',
      { server: { status: 'ERROR', vmState: 'error', taskState: 'deleting' } },
      undefined,
      'again',
    ],
    [
      'is waited for while it powers off in error',
      { server: { status: 'ERROR', vmState: 'error', taskState: 'powering-off' } },
      undefined,
      'again',
    ],
    [
      'is waited for while something else is under way',
      { server: { taskState: 'rebooting' } },
      undefined,
      'again',
    ],
  ])('%s', (_what, sight, outcome, next) => {
    expect(looked(sight)).toMatchObject({ outcome, next })
  })

  it.each([
    [{ requests: [{}, {}, {}] }, 'still ACTIVE: asked 3 times, and up and idle again after each'],
    [{ cancelled: true }, 'still ACTIVE: asked once, and up and idle again after each'],
    [{ server: { status: 'ERROR', fault: 'No valid host.' } }, 'its status is ERROR: No valid host.'],
    [{ server: { status: 'ERROR' } }, 'its status is ERROR'],
  ] satisfies [Sight, string][])('%j says why', (sight, reason) => {
    expect(looked(sight).reason).toBe(reason)
  })

  it('natively is asked natively again, and says so when it is off', () => {
    const native = 'Ecs.0611: no'
    expect(looked({ requests: [{ native }] }).todo).toEqual([
      { members: [0], mode: 'soft', escalation: false, native },
    ])
    const off = looked({ requests: [{ native }], server: { status: 'SHUTOFF' } })
    expect(off.reason).toBe('seen off after the request, a native one because of Ecs.0611: no')
  })
})

test('who was asked natively and who was not are asked again apart', () => {
  const requests = [aRequest({ members: [0], native: 'Ecs.0611: no' }), aRequest({ members: [1, 2] })]
  const servers = ['s-0', 's-1', 's-2'].map(id => [id, aServer({ id })] as const)
  const { chunk } = followUp(aWhole({ status: 'following', todo: [], requests }), {
    jobs: new Map(),
    servers: new Map(servers),
    closed: null,
    run: aRun(),
    rules: aRules(),
    times: TIMES,
    now: START + 60_000,
  })
  expect(chunk.todo.map(({ members, native }) => [members, native])).toEqual([
    [[0], 'Ecs.0611: no'],
    [[1, 2], undefined],
  ])
})
