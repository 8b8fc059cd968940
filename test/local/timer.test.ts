import { afterEach, expect, test, vi } from 'vitest'
import { startTimer } from '../../infra/local/runner/timer.ts'

afterEach(() => vi.useRealTimers())

test('it ticks at once, when a minute begins, and once after a sleep of hours', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime('2026-11-21T12:00:59.950Z')
  // What the clock says after each tick, until the next.
  const clock = ['2026-11-21T12:01:00.000Z', '2026-11-21T15:30:40.000Z']
  const ended = new AbortController()
  const ticks: string[] = []
  await startTimer(async () => {
    ticks.push(new Date().toISOString())
    const next = clock.shift()
    if (next === undefined) ended.abort()
    else vi.setSystemTime(next)
  }, ended.signal)
  expect(ticks).toEqual(['2026-11-21T12:00:59.950Z', '2026-11-21T12:01:00.000Z', '2026-11-21T15:30:40.000Z'])
})

test('it ends only when the tick under way has', async () => {
  const ended = new AbortController()
  const finish = Promise.withResolvers<void>()
  let finished = false
  const timer = startTimer(async () => {
    await finish.promise
    finished = true
  }, ended.signal)
  ended.abort()
  finish.resolve()
  await timer
  expect(finished).toBe(true)
})
