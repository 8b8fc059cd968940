import { expect, test } from 'vitest'
import { NO_SERVERS } from '../../../lib/core/model/run.ts'
import { countedSoFar, progressOf, shownRun } from '../../../lib/core/notify/shown-run.ts'
import { aPolicy, aRun } from '../../makers.ts'

test('a run is shown without what its steps alone need', () => {
  const shown = shownRun(
    aRun({ chunks: 3, withheld: { code: 'halted', reason: 'x' }, bodyHash: 'h' }),
    aPolicy(),
  )
  expect(Object.keys(shown)).toEqual(
    expect.not.arrayContaining([
      'planning',
      'owner',
      'chunks',
      'doneChunks',
      'withheld',
      'bodyHash',
      'scope',
      'fleet',
    ]),
  )
  expect(shown).toMatchObject({ id: aRun().id, policy: { id: 'nightly-dev' } })
})

test('progress counts sent and finished chunks, and is none before planning', () => {
  expect(progressOf({ doneChunks: new Set() }, [])).toBeUndefined()
  const heads = [{ status: 'done' }, { status: 'following' }, { status: 'waiting' }] as const
  expect(progressOf({ chunks: 3, doneChunks: new Set([0]) }, [...heads])).toEqual({
    chunks: 3,
    sent: 2,
    followed: 1,
  })
  expect(progressOf({ chunks: 3, doneChunks: new Set([0, 1, 2]) }, [])).toEqual({
    chunks: 3,
    sent: 3,
    followed: 3,
  })
})

test('what is started is awaited no more', () => {
  const summary = { ...NO_SERVERS, matched: 9, targets: 9, started: 6, failed: 1 }
  expect(shownRun(aRun({ action: 'start', summary })).summary.waiting).toBe(2)
})

test('a run that goes on is counted with what is settled of its chunks, each once, and says how many are awaited', () => {
  const run = aRun({
    summary: { ...NO_SERVERS, matched: 12, targets: 11, skipped: 1, stopped: 3 },
    codes: { 'stopped/stopped': 3, 'skipped/locked': 1 },
    doneChunks: new Set([0]),
  })
  const sofar = countedSoFar(run, [
    { number: 0, status: 'done', codes: { 'stopped/stopped': 3 } },
    {
      number: 1,
      status: 'following',
      codes: { 'stopped/stopped': 2, 'skipped/locked': 1, 'failed/refused': 1 },
    },
    { number: 2, status: 'waiting', codes: {} },
  ])
  expect(shownRun(sofar)).toMatchObject({
    summary: {
      matched: 12,
      targets: 10,
      skipped: 2,
      stopped: 5,
      started: 0,
      failed: 1,
      unconfirmed: 0,
      waiting: 4,
    },
    codes: { 'stopped/stopped': 5, 'skipped/locked': 2, 'failed/refused': 1 },
  })
})
