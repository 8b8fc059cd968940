import { describe, expect, test } from 'vitest'
import { followUp } from '../../../lib/core/follow/follow.ts'
import type { Chunk } from '../../../lib/core/model/chunk.ts'
import { afterFailedCall, skipRemaining } from '../../../lib/core/stop/chunk-transitions.ts'
import { applyRefusal, settleRefused } from '../../../lib/core/stop/refusal.ts'
import {
  aCloudError,
  aRequest,
  aRules,
  aRun,
  aServer,
  at,
  aWhole,
  type ServerOverrides,
  START,
} from '../../makers.ts'

const awaiting = aRequest({ members: [0], answer: 'deferred', sentAt: at(START - 360_000) })
const rules = aRules({}, 'start')

function look(server: ServerOverrides, requests: Chunk['requests'] = [awaiting]) {
  return followUp(aWhole({ size: 1, status: 'following', todo: [], requests }), {
    jobs: new Map(),
    servers: new Map([['s-0', aServer({ id: 's-0', status: 'SHUTOFF', ...server })]]),
    closed: null,
    run: aRun({ action: 'start' }),
    rules,
    times: { firstSeconds: 15, maxSeconds: 60, deadlineMinutes: 60 },
    now: START + 30_000,
  })
}

describe('a start that waited for a stop', () => {
  test('is left with what is in its way once the server is off', () => {
    expect(look({}).next.kind).toBe('stop')
    expect(look({ locked: true }).settled.get(0)).toMatchObject({ status: 'skipped', code: 'locked' })
  })

  test('is asked as often as any other: to wait was no try', () => {
    const asked = [awaiting, ...[1, 2].map(() => aRequest({ members: [0] }))]
    expect(look({}, asked).next.kind).toBe('stop')
    expect(look({}, [...asked, aRequest({ members: [0] })]).settled.get(0)).toMatchObject({
      code: 'still-off',
      reason: expect.stringContaining('asked 3 times'),
    })
  })
})

describe('the first request after a stop that was waited for', () => {
  const ask = { members: [0], mode: 'soft', escalation: false } as const
  const whole = aWhole({ size: 1, todo: [{ ...ask, members: [0] }], requests: [awaiting] })

  test.each(['credentials', 'refused'] as const)('settles its servers when it meets %s', kind => {
    const result = afterFailedCall(whole, aCloudError(kind), START)
    expect(result).toMatchObject({ kind: 'advance' })
    expect(result.kind === 'advance' && result.advance.settled.get(0)).toMatchObject({ status: 'failed' })
  })

  test('settles its servers when it is withheld', () => {
    const left = { status: 'skipped', code: 'cancelled', reason: 'cancelled' } as const
    expect(skipRemaining(whole, left, START).settled.get(0)).toMatchObject(left)
  })

  test('settles a server that the cloud refuses', () => {
    const sent = aWhole({
      size: 1,
      status: 'sending',
      todo: [],
      requests: [awaiting, aRequest({ members: [0], answer: 'pending', job: 'running' })],
    })
    const error = aCloudError('member', { code: 'Ecs.0605', cause: 'locked' })
    const result = applyRefusal(sent, error, START)
    const chunk = result.kind === 'advance' ? result.advance.chunk : sent.chunk
    const servers = new Map([['s-0', aServer({ id: 's-0', status: 'SHUTOFF' })]])
    const judged = settleRefused({ ...sent, chunk }, { servers, selecting: rules, now: START })
    expect(judged.settled.get(0)).toMatchObject({ status: 'failed', code: 'locked' })
  })
})
