import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../../lib/core/model/chunk.ts'
import { NO_SERVERS, type Run } from '../../../lib/core/model/run.ts'
import { firstLookAt } from '../../../lib/core/savings/looks.ts'
import { chunkAttention, findAbandonedChunks, runAttention } from '../../../lib/core/tick/attention.ts'
import { aChunk, aRun, at, START } from '../../makers.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const told = { announcedAt: at(START), endedAt: at(START), status: 'succeeded' } as const
const looked = {
  summary: { ...NO_SERVERS, stopped: 1 },
  recheckedAt: at(START),
  lookedAt: at(START),
}
const some = { ...NO_SERVERS, matched: 1, targets: 1, stopped: 1 }

describe('a run that nobody comes back to', () => {
  test.each<[string, Partial<Run>, number, string]>([
    ['is planned while it has no chunks', { status: 'pending' }, 0, 'plan'],
    ['is planned anew after a planning that did not end', { planning: 3 }, 0, 'plan'],
    ['is looked through while chunks are not done', { chunks: 1 }, 0, 'sweep'],
    ['is ended when all are', { chunks: 1, doneChunks: new Set([0]) }, 0, 'end'],
    ['is told of once it has ended', { status: 'missed' }, 0, 'notify'],
    ['is left alone where it stopped nothing', { ...told }, DAY, 'none'],
    ['is left alone within the hour', { ...told, summary: some }, 60 * MINUTE - 1, 'none'],
    ['is looked at again after an hour', { ...told, summary: some }, 60 * MINUTE, 'look'],
    ['is looked at again within a day', { ...told, summary: some }, DAY - 1, 'look'],
    ['is let go after that', { ...told, summary: some }, DAY, 'look'],
    ['was looked at once by an earlier version', { ...told, ...looked, lookedAt: undefined }, DAY, 'none'],
    ['is looked at again within four hours', { ...told, ...looked }, 4 * 60 * MINUTE, 'look'],
    ['is not looked at once nobody is off', { ...told, ...looked, looksEndedAt: at(START) }, DAY, 'none'],
    ['is let go after a month', { ...told, ...looked, lookedAt: at(START + 30 * DAY) }, 31 * DAY, 'look'],
  ])('%s', (_, run, later, kind) => {
    expect(runAttention(aRun(run), START + later)).toBe(kind)
  })

  test('that ended without a server stopped is never looked at again', () => {
    expect(firstLookAt(aRun({ ...told }))).toBeNull()
    expect(firstLookAt(aRun({ ...told, summary: some }))).toBe(at(START + 60 * MINUTE))
    expect(firstLookAt(aRun({ summary: some }))).toBeNull()
  })
})

describe('chunks of a run that got lost', () => {
  const numbered = (...chunks: Partial<Chunk>[]) => chunks.map((one, number) => aChunk({ number, ...one }))
  const swept = (run: Partial<Run>, ...chunks: Partial<Chunk>[]) => {
    const { uncounted, start } = findAbandonedChunks(aRun(run), numbered(...chunks))
    return { uncounted: uncounted.map(({ number }) => number), start: start?.number ?? null }
  }
  const done = { status: 'done' } as const
  const fresh = { status: 'waiting', attempt: 0 } as const

  test('those done and not counted are counted', () => {
    expect(swept({ doneChunks: new Set([0]) }, done, done, { status: 'following' })).toEqual({
      uncounted: [1],
      start: null,
    })
  })
  test('the first that never began is begun, where no other waits', () => {
    expect(swept({}, done, fresh, fresh).start).toBe(1)
    expect(swept({}, { status: 'following' }, fresh).start).toBe(1)
  })
  test('none is begun while another waits its turn: that one passes it on', () => {
    expect(swept({}, { status: 'waiting', attempt: 2 }, fresh).start).toBeNull()
  })
})

test.each([
  ['waiting', 'stop'],
  ['sending', 'stop'],
  ['following', 'follow'],
  ['done', 'none'],
] as const)('a chunk that is %s waits for %s', (status, kind) => {
  expect(chunkAttention(aChunk({ status }))).toBe(kind)
})
