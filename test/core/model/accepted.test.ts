import { describe, expect, it } from 'vitest'
import { type Accepted, ALL_TAKEN, answerCounts } from '../../../lib/core/model/accepted.ts'
import type { Ask, Chunk, WholeChunk } from '../../../lib/core/model/chunk.ts'
import type { CloudErrorClass, CloudErrorDetails } from '../../../lib/core/model/errors.ts'
import {
  applyAccepted,
  cancelPendingRequest,
  withPendingRequest,
} from '../../../lib/core/stop/chunk-transitions.ts'
import { aChunk, aWhole, START } from '../../makers.ts'

const ownTrouble = (kind: CloudErrorClass, retryAfterSeconds: number | null = null): CloudErrorDetails => ({
  class: kind,
  code: 'any',
  status: 429,
  requestId: null,
  serverIds: [],
  retryAfterSeconds,
})
const answer = (overrides: Partial<Accepted> = {}): Accepted => ({
  jobId: null,
  requestId: null,
  ...ALL_TAKEN,
  ...overrides,
})
const ask = (members: number[], overrides: Partial<Ask> = {}): Ask => ({
  members,
  mode: 'soft',
  escalation: false,
  ...overrides,
})

/** A chunk of five whose first four are being asked. */
function sending(overrides: Partial<Chunk> = {}, asked: Partial<Ask> = {}): WholeChunk {
  const head = aChunk({ size: 5, todo: [ask([0, 1, 2, 3, 4], asked)], troubles: 3, ...overrides })
  return aWhole(withPendingRequest(head, ask([0, 1, 2, 3], asked), START))
}
const chunkAfter = (whole: WholeChunk, given: Accepted): Chunk => {
  const answered = applyAccepted(whole, given)
  return answered.kind === 'advance' ? answered.advance.chunk : answered.chunk
}
const shown = ({ requests, todo }: Chunk) => ({
  requests: requests.map(({ members, answer, job }) => `${members} ${answer} ${job}`),
  todo: todo.map(({ members, refusal, native }) =>
    [`${members}`, refusal?.code, native].filter(Boolean).join(' '),
  ),
})
const REFUSED = { code: 'conflictingRequest', message: 'no' }

describe('what the cloud took of a request', () => {
  it.each<[string, Partial<Accepted>, ReturnType<typeof shown>]>([
    ['all, with a job', { jobId: 'j' }, { requests: ['0,1,2,3 accepted running'], todo: ['4'] }],
    ['all, without a job', {}, { requests: ['0,1,2,3 accepted ended'], todo: ['4'] }],
    [
      'some, and refused one',
      { refused: [{ ids: ['s-2'], ...REFUSED }] },
      { requests: ['0,1,3 accepted ended'], todo: ['4', '2 conflictingRequest'] },
    ],
    [
      'some, and the answer to one got lost',
      { lost: ['s-1'] },
      { requests: ['0,2,3 accepted ended', '1 lost ended'], todo: ['4'] },
    ],
    [
      'some, and the rest was not sent',
      { unsent: ['s-3', 's-2'] },
      { requests: ['0,1 accepted ended'], todo: ['3,2', '4'] },
    ],
    [
      'none: every one was refused, for two causes',
      {
        refused: [
          { ids: ['s-0', 's-1'], ...REFUSED },
          { ids: ['s-2', 's-3'], code: 'itemNotFound', message: 'gone' },
        ],
      },
      { requests: [], todo: ['4', '0,1 conflictingRequest', '2,3 itemNotFound'] },
    ],
    [
      'one of each',
      { refused: [{ ids: ['s-0'], ...REFUSED }], lost: ['s-1'], unsent: ['s-2'] },
      { requests: ['3 accepted ended', '1 lost ended'], todo: ['2', '4', '0 conflictingRequest'] },
    ],
    [
      'all, and names servers of others',
      { lost: ['else'] },
      { requests: ['0,1,2,3 accepted ended'], todo: ['4'] },
    ],
  ])('%s', (_what, given, expected) => {
    const chunk = chunkAfter(sending(), answer(given))
    expect(shown(chunk)).toEqual(expected)
    expect([chunk.status, chunk.troubles]).toEqual(['waiting', 0])
  })

  it('leaves a chunk of which nothing is left to be asked to be followed', () => {
    const head = aChunk({ todo: [ask([0, 1, 2])] })
    expect(chunkAfter(aWhole(withPendingRequest(head, ask([0, 1, 2]), START)), answer()).status).toBe(
      'following',
    )
  })

  it('marks who was refused alone: no other call is left for them', () => {
    const { todo } = chunkAfter(sending(), answer({ refused: [{ ids: ['s-0'], ...REFUSED }] }))
    expect(todo.at(-1)?.refusal).toEqual({ ...REFUSED, native: true })
  })

  it('keeps why they were asked natively, for who is asked again and who is followed', () => {
    const whole = sending({}, { native: 'Ecs.0611: no' })
    const chunk = chunkAfter(whole, answer({ unsent: ['s-0'], lost: ['s-1'] }))
    expect([...chunk.requests, ...chunk.todo].map(({ native }) => native)).toEqual(
      Array(4).fill('Ecs.0611: no'),
    )
    expect(cancelPendingRequest(whole.chunk).todo[0]).toEqual(ask([0, 1, 2, 3], { native: 'Ecs.0611: no' }))
  })
})

describe('what was not sent', () => {
  it.each([
    ['for want of time', null, 0],
    ['because the cloud had too much to do', ownTrouble('throttled'), 5],
    ['because the cloud asked to wait', ownTrouble('throttled', 40), 40],
  ])('%s comes by another message', (_why, trouble, delaySeconds) => {
    expect(applyAccepted(sending(), answer({ unsent: ['s-3'], trouble }))).toMatchObject({
      kind: 'again',
      delaySeconds,
    })
  })

  it('is nothing, and the same function goes on', () => {
    expect(applyAccepted(sending(), answer()).kind).toBe('advance')
  })
})

it('is told in numbers, not by every id', () => {
  const given = answer({
    refused: [
      { ids: ['a', 'b'], ...REFUSED },
      { ids: ['c'], ...REFUSED },
    ],
    lost: ['d'],
  })
  expect(answerCounts(given)).toEqual({
    jobId: null,
    requestId: null,
    refused: 3,
    lost: 1,
    unsent: 0,
    trouble: null,
  })
})
