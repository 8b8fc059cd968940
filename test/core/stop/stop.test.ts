import { describe, expect, test } from 'vitest'
import type { Ask, Chunk } from '../../../lib/core/model/chunk.ts'
import type { Run } from '../../../lib/core/model/run.ts'
import { chunkSize, type Guard, nextChunkStep, whyWithheld } from '../../../lib/core/stop/stop.ts'
import { aChunk, aConnection, aGuard, aRun, at, aWhole, START } from '../../makers.ts'

const MINUTE = 60_000
const policy = { haltShare: 0.1 }
const next = (chunk: Partial<Chunk>, rest: { run?: Partial<Run>; guard?: Partial<Guard> } = {}) =>
  nextChunkStep({ whole: aWhole(chunk), run: aRun(rest.run), rules: policy }, aGuard(rest.guard))
const cancel = { at: at(START), actor: 'anna', reason: 'release' }
const withheld = { code: 'blocked', reason: 'too many' } as const

describe('nothing more of a run is sent', () => {
  const ends = {
    summary: { matched: 9, targets: 9, skipped: 0, stopped: 3, started: 0, failed: 6, unconfirmed: 0 },
  }
  test.each<[string, Partial<Run>, Partial<Guard>, string]>([
    ['it was blocked', { withheld }, {}, 'blocked: too many'],
    ['it was cancelled', { cancel }, {}, 'cancelled: cancelled by anna: release'],
    [
      'all stops are off',
      {},
      { stopsEnabled: false },
      'stops-disabled: all stops are switched off (PUT /v1/settings)',
    ],
    [
      'its connection is disabled',
      {},
      { connection: aConnection({ enabled: false }) },
      'connection-disabled: connection prod is disabled',
    ],
    ['its connection is gone', {}, { connection: null }, 'connection-disabled: connection prod was deleted'],
    [
      'it is too late',
      {},
      { now: START + 240 * MINUTE + 1 },
      'too-late: not sent within 240 minutes of 2026-11-21T12:00:00.000Z',
    ],
    [
      'too much of it failed',
      { ...ends, codes: { 'failed/job-failed': 6 } },
      {},
      'halted: 6 of the first 9 targets failed, more than haltShare 0.1',
    ],
  ])('when %s', (_, run, around, expected) => {
    const found = whyWithheld(aRun(run), policy, aGuard(around))
    expect(`${found?.code}: ${found?.reason}`).toBe(expected)
    expect(next({}, { run, guard: around })).toEqual({ kind: 'withhold', withheld: found })
  })

  test('what was said first counts', () => {
    expect(whyWithheld(aRun({ withheld, cancel }), policy, aGuard({ stopsEnabled: false }))).toBe(withheld)
  })

  test('and at the very deadline it still is', () => {
    expect(whyWithheld(aRun(), policy, aGuard({ now: START + 240 * MINUTE }))).toBeNull()
  })
})

describe('the one next thing to do with a chunk', () => {
  const ask: Ask = { members: [0, 1, 2], mode: 'soft', escalation: false }
  const refusal = { code: 'Ecs.0605', message: 'no' }

  test('is to ask, while its servers were read within a minute', () => {
    const asked = { kind: 'ask', call: 'request', ask, ids: ['s-0', 's-1', 's-2'], connection: aConnection() }
    expect(next({})).toEqual(asked)
    expect(next({}, { guard: { now: START + MINUTE } })).toEqual(asked)
  })

  test('is to read them again after that, all that are to be asked', () => {
    const todo: Ask[] = [
      { ...ask, members: [2] },
      { ...ask, members: [0] },
      { ...ask, members: [1], refusal },
    ]
    expect(next({ todo }, { guard: { now: START + MINUTE + 1 } })).toMatchObject({
      kind: 'read',
      ids: ['s-2', 's-0'],
    })
  })

  test('is to read those that refusals are laid to, once nothing else is to be asked', () => {
    const todo: Ask[] = [
      { ...ask, members: [1], refusal },
      { ...ask, members: [0], refusal },
    ]
    expect(next({ todo })).toMatchObject({ kind: 'judge', ids: ['s-1', 's-0'] })
  })

  test('is to ask no more at once than the connection allows by now', () => {
    const slow = aConnection({ maxServersPerMinute: { ecs: 2, bms: null } })
    expect(next({}, { guard: { connection: slow } })).toMatchObject({
      ask: { members: [0, 1] },
      ids: ['s-0', 's-1'],
    })
  })

  test('is to recover what may have been sent, before all else', () => {
    expect(next({ status: 'sending' }, { run: { cancel } })).toEqual({ kind: 'recover' })
  })

  test('is to follow what was asked', () => {
    expect(next({ todo: [] })).toEqual({ kind: 'follow' })
  })

  test.each<[string, Partial<Chunk>, Partial<Run>]>([
    ['all of it is settled', { todo: [], size: 0 }, {}],
    ['it is done', { status: 'done' }, {}],
    ['its run has ended', {}, { status: 'cancelled' }],
  ])('is nothing when %s', (_, chunk, run) => {
    expect(next(chunk, { run })).toEqual({ kind: 'done' })
  })
})

test('a chunk is as large as the cloud takes, or as the pace where that is lower', () => {
  const size = (ecs: number | null, bms: number | null, kind: 'ecs' | 'bms') =>
    chunkSize(aConnection({ maxServersPerMinute: { ecs, bms } }), kind)
  expect([size(1000, null, 'ecs'), size(2000, null, 'ecs'), size(300, null, 'ecs')]).toEqual([
    1000, 1000, 300,
  ])
  expect([size(300, null, 'bms'), size(300, 7, 'bms')]).toEqual([1000, 7])
})

test('the makers agree: a chunk is asked softly, all of it, unless a test says otherwise', () => {
  expect(aChunk().todo).toEqual([{ members: [0, 1, 2], mode: 'soft', escalation: false }])
})
