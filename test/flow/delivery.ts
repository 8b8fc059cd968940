/** Nights whose messages come twice, in any order, or hardly ever: as many as are asked for, each of a seed of its own. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Message } from '../../infra/local/runner/runner.ts'
import type { Action } from '../../lib/core/model/action.ts'
import { chance } from './chance.ts'
import { createNights, type Nights } from './night.ts'

interface Seeded {
  nights: number
  /** All of them follow from it. */
  seed: number
  action?: Action
}

/** Each night of a seed; the first that does not end right is narrowed down to its least seed. */
function eachNight({ nights: numRuns, seed }: Seeded, live: (seed: number, number: number) => Promise<void>) {
  let number = 0
  return fc.assert(
    fc.asyncProperty(fc.integer(), one => live(one, number++)),
    { numRuns, seed },
  )
}

/** Every message comes twice, in any order; every tick doubles. */
export async function deliveredTwice(seeded: Seeded): Promise<Nights> {
  let random = chance(0)
  const shuffled = (messages: Message[]) =>
    messages
      .map(message => ({ message, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ message }) => message)
  const deliver = (messages: Message[]) => shuffled([...messages, ...messages])
  const nights = await createNights({ deliver, doubleTicks: true }, seeded.action)
  await eachNight(seeded, async (seed, number) => {
    random = chance(seed)
    await nights.expectRight(await nights.live(number))
  })
  return nights
}

/** Nine messages of ten are lost. */
export async function mostlyLost(seeded: Seeded): Promise<Nights> {
  let random = chance(0)
  let lost = 0
  const deliver = (messages: Message[]) => {
    const kept = messages.filter(() => random() < 0.1)
    lost += messages.length - kept.length
    return kept
  }
  const environment = { SEND_DEADLINE_MINUTES: '1440' }
  const nights = await createNights({ environment, deliver }, seeded.action)
  await eachNight(seeded, async (seed, number) => {
    random = chance(seed)
    await nights.expectRight(await nights.live(number, 24))
  })
  expect(lost).toBeGreaterThan(10 * seeded.nights)
  return nights
}
