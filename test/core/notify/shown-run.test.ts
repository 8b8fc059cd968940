import { expect, test } from 'vitest'
import { progress, shownRun } from '../../../lib/core/notify/shown-run.ts'
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
  expect(progress({ doneChunks: new Set() }, [])).toBeUndefined()
  const heads = [{ status: 'done' }, { status: 'following' }, { status: 'waiting' }] as const
  expect(progress({ chunks: 3, doneChunks: new Set([0]) }, [...heads])).toEqual({
    chunks: 3,
    sent: 2,
    followed: 1,
  })
  expect(progress({ chunks: 3, doneChunks: new Set([0, 1, 2]) }, [])).toEqual({
    chunks: 3,
    sent: 3,
    followed: 3,
  })
})
