import { describe, expect, it } from 'vitest'
import type { Ask, Chunk } from '../../../lib/core/model/chunk.ts'
import { CloudError } from '../../../lib/core/model/errors.ts'
import { applyRefusal, requestSize, settleRefused } from '../../../lib/core/stop/refusal.ts'
import { nextChunkStep } from '../../../lib/core/stop/stop.ts'
import {
  aGuard,
  aPolicy,
  aRequest,
  aRun,
  aServer,
  at,
  aWhole,
  causeNamed,
  type ServerOverrides,
  START,
} from '../../makers.ts'

const REFUSAL = { code: 'Ecs.0611', message: 'the batch failed' }
const blamed = (members: number[], overrides: Partial<Ask> = {}): Ask => ({
  members,
  mode: 'soft',
  escalation: false,
  refusal: REFUSAL,
  ...overrides,
})

/** What a fresh read of the members makes of a chunk; by their number, how each server is, `null` for none. */
function judging(todo: Ask[], servers: Record<number, ServerOverrides | null>, chunk: Partial<Chunk> = {}) {
  const seen = Object.entries(servers).flatMap(([number, how]) =>
    how === null ? [] : [[`s-${number}`, aServer({ id: `s-${number}`, ...how })] as const],
  )
  const whole = aWhole({ todo, ...chunk })
  const advance = settleRefused(whole, { servers: new Map(seen), selecting: aPolicy(), now: START })
  const settled = [...advance.settled].map(([member, { status, code }]) => `${member} ${status} ${code}`)
  return { ...advance, words: settled, todo: advance.chunk.todo }
}

describe('a member that was refused without a cause that shows', () => {
  it('is asked by the native call, which says why', () => {
    const { words, todo, chunk } = judging([blamed([0])], { 0: {} })
    expect(words).toEqual([])
    expect(todo).toEqual([
      { members: [0], mode: 'soft', escalation: false, native: 'Ecs.0611: the batch failed' },
    ])
    expect(chunk.status).toBe('waiting')
  })

  it('is asked so after a hard stop was refused, too, and the refusal counts as no try yet', () => {
    const requests = [aRequest({ members: [0] })]
    const todo = [blamed([0], { mode: 'hard', escalation: true })]
    const { chunk } = judging(todo, { 0: {} }, { requests })
    expect(chunk.todo).toMatchObject([
      { mode: 'hard', escalation: true, native: 'Ecs.0611: the batch failed' },
    ])
    expect(chunk.refused).toEqual([])
  })

  it('is failed, with both refusals, when the native call refuses it', () => {
    const refusal = { code: 'conflictingRequest', message: 'no', native: true as const }
    const { settled, todo } = judging([blamed([0], { refusal, native: 'Ecs.0611: the batch failed' })], {
      0: {},
    })
    expect(todo).toEqual([])
    expect(settled.get(0)).toMatchObject({
      status: 'failed',
      code: 'refused',
      reason: 'conflictingRequest: no; the native call was tried because of Ecs.0611: the batch failed',
    })
  })
})

describe('a member whose refusal has a cause is settled by it', () => {
  it.each<[string, ServerOverrides | null, string]>([
    ['it is off', { status: 'SHUTOFF' }, 'skipped already-stopped'],
    ['it is locked', { locked: true }, 'failed locked'],
    ['it is frozen', { frozen: true }, 'failed frozen'],
    ['it is busy', { taskState: 'rebooting' }, 'failed busy'],
    ['it is powering off', { taskState: 'powering-off' }, 'failed busy'],
    ['it is gone', null, 'failed not-found'],
    ['it is in error', { status: 'ERROR' }, 'failed refused'],
    ['it is protected by now', { tags: { 'curfew-protect': '' } }, 'failed refused'],
    ['it is of the other kind', { kind: 'bms' }, 'failed refused'],
  ])('%s', (_cause, how, expected) => {
    const { words, todo } = judging([blamed([0])], { 0: how })
    expect([words, todo]).toEqual([[`0 ${expected}`], []])
  })

  it.each([
    ['Ecs.0110', 'refused'],
    ['Pdp.0001', 'refused'],
    ['BMS.0288', 'refused'],
    ['forbidden', 'refused'],
    ['Ecs.0605', 'locked'],
    ['BMS.0605', 'locked'],
    ['Ecs.0030', 'frozen'],
    ['BMS.0360', 'frozen'],
  ])('whose code %s says that somebody meant it, and ends it as %s', (code, end) => {
    const { words, todo } = judging(
      [blamed([0], { refusal: { code, ...causeNamed(code), message: 'no' } })],
      { 0: {} },
    )
    expect([words, todo]).toEqual([[`0 failed ${end}`], []])
  })

  it('never as gone, while a read shows it', () => {
    const refusal = { code: 'Ecs.0114', message: 'no', native: true as const }
    const { words } = judging([blamed([0], { refusal })], { 0: {} })
    expect(words).toEqual(['0 failed refused'])
  })
})

describe('members refused together are parted', () => {
  it('into those that are asked natively and those that are settled', () => {
    const { words, todo } = judging([blamed([0, 1, 2])], { 0: {}, 1: { locked: true }, 2: {} })
    expect(words).toEqual(['1 failed locked'])
    expect(todo.map(({ members }) => members)).toEqual([[0, 2]])
  })

  it('and who was asked before is followed, its refusal counted as a try', () => {
    const requests = [aRequest({ members: [0, 1] })]
    const todo = [blamed([0, 1], { mode: 'hard', escalation: true })]
    const after = judging(todo, { 0: { taskState: 'powering-off' }, 1: { locked: true } }, { requests })
    expect([after.words, after.todo]).toEqual([[], []])
    expect(after.chunk.refused).toEqual([{ members: [0, 1], escalation: true }])
  })
})

describe('the next thing to do with a chunk', () => {
  const guard = aGuard()
  const policy = aPolicy()

  it.each([
    ['request', {}],
    ['requestEach', { native: 'Ecs.0611: no' }],
  ])('is the call %s for an ask that is %j', (call, native) => {
    const ask = { members: [0], mode: 'soft' as const, escalation: false, ...native }
    const whole = aWhole({ todo: [ask], readAt: at(START) })
    expect(nextChunkStep({ whole, run: aRun(), rules: policy }, guard)).toMatchObject({
      kind: 'ask',
      call,
      ids: ['s-0'],
    })
  })

  it('asks for as many as before, however many were refused alone', () => {
    const refusal = { code: 'conflictingRequest', message: 'no', native: true as const }
    const next: Ask = { members: [2], mode: 'soft', escalation: false }
    const whole = aWhole({ size: 1000, todo: [next, blamed([0, 1], { refusal })] })
    expect(requestSize(whole.chunk, { ...next, members: [2, 3, 4, 5] })).toBe(4)
  })
})

it('is not mixed with those who are asked together, when another request is refused', () => {
  const one = { mode: 'soft' as const, escalation: false }
  const whole = aWhole({
    size: 5,
    status: 'sending',
    todo: [
      { ...one, members: [2], suspect: true },
      { ...one, members: [3], native: 'Ecs.0611: no' },
      { ...one, members: [4] },
    ],
    requests: [aRequest({ members: [0, 1], answer: 'pending' })],
  })
  const details = { class: 'member' as const, code: 'Ecs.0100', status: 400, requestId: null }
  const error = new CloudError('no', { ...details, retryAfterSeconds: null, serverIds: [] })
  const answered = applyRefusal(whole, error, START)
  const todo = answered.kind === 'advance' ? answered.advance.chunk.todo : []
  expect(todo.map(({ members, native }) => [members, native])).toEqual([
    [[0, 1], undefined],
    [[2, 4], undefined],
    [[3], 'Ecs.0611: no'],
  ])
})
