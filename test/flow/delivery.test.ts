import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import type { Message } from '../../infra/local/runner.ts'
import { chance } from './chance.ts'
import { createNights, type Nights } from './night.ts'

let nights: Nights
afterEach(() => nights.world.close())

test('every message delivered twice, in any order, and every tick doubled changes nothing', async () => {
  let random = chance(0)
  const shuffled = (messages: Message[]) =>
    messages
      .map(message => ({ message, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ message }) => message)
  nights = await createNights({
    deliver: messages => shuffled([...messages, ...messages]),
    doubleTicks: true,
  })
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.integer(), async seed => {
      random = chance(seed)
      await nights.expectRight(await nights.live(number++))
    }),
    { numRuns: 8, seed: 20261121 },
  )
}, 300_000)

test('a night completes with queues that lose nine messages of ten', async () => {
  let random = chance(0)
  let lost = 0
  nights = await createNights({
    environment: { SEND_DEADLINE_MINUTES: '1440' },
    deliver: messages => {
      const kept = messages.filter(() => random() < 0.1)
      lost += messages.length - kept.length
      return kept
    },
  })
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.integer(), async seed => {
      random = chance(seed)
      await nights.expectRight(await nights.live(number++, 24))
    }),
    { numRuns: 4, seed: 20261121 },
  )
  expect(lost).toBeGreaterThan(50)
}, 300_000)
