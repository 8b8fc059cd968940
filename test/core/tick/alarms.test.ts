import { expect, test } from 'vitest'
import { lyingAlarms, lyingChunk, lyingRun } from '../../../lib/core/tick/alarms.ts'
import { aChunk, at, START } from '../../makers.ts'

const MINUTE_MS = 60_000
const waiting = (id: string, minutes: number) =>
  lyingRun({ id, planning: 0, createdAt: at(START - minutes * MINUTE_MS) })

test('of the runs that were never taken up the one that waits longest is told', () => {
  expect(lyingAlarms([waiting('a', 2), waiting('b', 16)])).toMatchObject([
    { about: 'run b and 1 more', cause: 'plan', since: at(START - 16 * MINUTE_MS) },
  ])
})

test('one that dies each time it is planned is told beside those that were just made', () => {
  const dying = lyingRun({ id: 'z', planning: 3, createdAt: at(START) })
  const alarms = lyingAlarms([waiting('a', 2), dying])
  expect(alarms.map(({ about, cause }) => [about, cause])).toEqual([
    ['run a', 'plan'],
    ['run z', 'run z'],
  ])
})

test('of the chunks that lie for a step the first is told, the same at each tick', () => {
  const [one, other] = [aChunk({ runId: 'a' }), aChunk({ runId: 'b' })].map(chunk =>
    lyingChunk(chunk, 'stop'),
  )
  for (const lying of [
    [one!, other!],
    [other!, one!],
  ])
    expect(lyingAlarms(lying)).toMatchObject([
      { about: 'chunk 0 of run a and 1 more', cause: 'chunk 0 of run a' },
    ])
})
