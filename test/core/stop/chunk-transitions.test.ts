import { describe, expect, test } from 'vitest'
import type { Ask, Chunk } from '../../../lib/core/model/chunk.ts'
import { createSelection } from '../../../lib/core/plan/select.ts'
import {
  cancelPendingRequest,
  markAnswerLost,
  skipRemaining,
  withPendingRequest,
} from '../../../lib/core/stop/chunk-transitions.ts'
import { applyReread, idsToReread, mayRepeat } from '../../../lib/core/stop/recheck-before-send.ts'
import { aChunk, aPolicy, aRequest, aServer, at, aWhole, type ServerOverrides, START } from '../../makers.ts'

const LATER = START + 90_000
const soft: Ask = { members: [0, 1, 2], mode: 'soft', escalation: false }
const hard: Ask = { members: [2], mode: 'hard', escalation: true }

describe('intent', () => {
  test('is written with the request, and what is meant is to be asked no more', () => {
    expect(withPendingRequest(aChunk(), { ...soft, members: [0, 2] }, START)).toMatchObject({
      status: 'sending',
      todo: [{ members: [1] }],
      requests: [{ members: [0, 2], answer: 'pending', sentAt: at(START), jobId: null }],
    })
  })
  test('that is withdrawn is to be asked again, first of all', () => {
    const chunk = aChunk({ todo: [soft, hard] })
    expect(cancelPendingRequest(withPendingRequest(chunk, soft, START))).toEqual(chunk)
  })
  test('found by another counts as sent', () => {
    expect(markAnswerLost(withPendingRequest(aChunk(), soft, START))).toMatchObject({
      status: 'following',
      requests: [{ answer: 'lost', job: 'ended' }],
    })
    expect(markAnswerLost(withPendingRequest(aChunk(), { ...soft, members: [0] }, START)).status).toBe(
      'waiting',
    )
  })
})

describe('leaving the rest', () => {
  const left = { status: 'skipped', code: 'cancelled', reason: 'why' } as const
  test('has nothing to follow where nobody was asked', () => {
    expect(skipRemaining(aWhole(), left, START).chunk.refused).toEqual([])
  })
  test('settles who was never asked, and only follows who was', () => {
    const whole = aWhole({ todo: [soft], requests: [aRequest({ members: [1] })] })
    const { chunk, settled } = skipRemaining(whole, left, START)
    expect([...settled.keys()]).toEqual([0, 2])
    expect(settled.get(0)).toMatchObject({ ...left, mode: null, requestedAt: null, endedAt: at(START) })
    expect(chunk).toMatchObject({
      status: 'following',
      todo: [],
      refused: [{ members: [1], escalation: false }],
    })
  })
})

describe('a fresh look before the act', () => {
  const look = (chunk: Partial<Chunk>, fleet: Record<string, ServerOverrides | null>, policy = aPolicy()) => {
    const there = Object.entries(fleet).flatMap(([id, one]) =>
      one ? [[id, aServer({ id, ...one })] as const] : [],
    )
    return applyReread(aWhole(chunk), { servers: new Map(there), selecting: policy, now: LATER })
  }

  test('keeps who is a target still, and skips who is none any more, each with its code', () => {
    const fleet = { 's-0': { tags: { 'curfew-protect': '' } }, 's-1': {}, 's-2': null }
    const { chunk, settled } = look({}, fleet)
    expect(chunk).toMatchObject({ readAt: at(LATER), status: 'waiting', todo: [{ members: [1] }] })
    expect([...settled].map(([member, { status, code }]) => [member, status, code])).toEqual([
      [0, 'skipped', 'protected'],
      [2, 'skipped', 'not-found'],
    ])
  })
  test.each<[string, ServerOverrides]>([
    ['snoozed', { tags: { 'curfew-snooze-until': '2026-12-01' } }],
    ['already-stopped', { status: 'SHUTOFF' }],
    ['locked', { locked: true }],
    ['busy', { taskState: 'rebooting' }],
    ['no-longer-matches', { name: 'prod-1' }],
  ])('who became %s meanwhile is skipped so', (code, server) => {
    const policy = aPolicy({ selector: { name: 'dev-*' } })
    expect(look({}, { 's-0': server, 's-1': {}, 's-2': {} }, policy).settled.get(0)?.code).toBe(code)
  })
  test('leaves nothing to be asked where all are gone', () => {
    expect(look({}, {}).chunk).toMatchObject({ todo: [], status: 'following' })
  })
  test('settles nobody who was asked before: who may not be asked again is only followed', () => {
    const requests = [aRequest()]
    const fleet = { 's-0': { taskState: 'powering-off' }, 's-1': { status: 'SHUTOFF' }, 's-2': {} }
    const again = look({ requests }, fleet)
    expect(again.settled.size).toBe(0)
    expect(again.chunk.todo).toEqual([{ ...soft, members: [2] }])
    const harder = look({ requests, todo: [{ ...soft, mode: 'hard', escalation: true }] }, fleet)
    expect(harder.chunk.todo).toMatchObject([{ members: [0, 2] }])
  })
  test('suspects of whom one is dropped are asked whole again; others stay suspects', () => {
    const todo = [{ ...soft, suspect: true }]
    expect(look({ todo }, { 's-0': {}, 's-1': {}, 's-2': {} }).chunk.todo).toEqual(todo)
    expect(look({ todo }, { 's-0': {}, 's-1': {} }).chunk.todo[0]).toMatchObject({
      members: [0, 1],
      suspect: undefined,
    })
  })
  test('is not for those that are to be judged', () => {
    const blamed = { ...soft, members: [2], refusal: { code: 'Ecs.0605', message: 'no' } }
    const todo = [{ ...soft, members: [0, 1] }, blamed]
    expect(idsToReread(aWhole({ todo }))).toEqual(['s-0', 's-1'])
    expect(look({ todo }, {}).chunk.todo).toEqual([blamed])
  })
})

describe('who was asked before may be asked', () => {
  const select = createSelection(aPolicy({ exclude: { name: 'keep' } }), START)
  const may = (server: ServerOverrides) =>
    [false, true].map(escalation => mayRepeat(aServer(server), select, { escalation }))
  test.each<[string, ServerOverrides, boolean, boolean]>([
    ['up and idle', {}, true, true],
    ['on its way down', { taskState: 'powering-off' }, false, true],
    ['rebooting', { taskState: 'rebooting' }, false, false],
    ['off', { status: 'SHUTOFF' }, false, false],
    ['off, so it says, and on its way', { status: 'SHUTOFF', taskState: 'powering-off' }, false, false],
    ['locked on its way down', { locked: true, taskState: 'powering-off' }, false, false],
    ['under curfew-no-force', { tags: { 'curfew-no-force': '' } }, true, false],
    ['protected since', { tags: { 'curfew-protect': '' } }, false, false],
    ['excluded since', { name: 'keep', taskState: 'powering-off' }, false, false],
  ])('%s: again %3$s, harder %4$s', (_, server, again, harder) => {
    expect(may(server)).toEqual([again, harder])
  })
})
