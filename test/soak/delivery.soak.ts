import { afterEach, test } from 'vitest'
import { deliveredTwice, mostlyLost } from '../flow/delivery.ts'
import type { Nights } from '../flow/night.ts'
import { nights as count, seed } from './settings.ts'

let nights: Nights
afterEach(() => nights.world.close())

const seeded = { nights: 10 * count, seed }

test(`every message delivered twice, in any order, and every tick doubled changes nothing (${10 * count} nights, SEED=${seed})`, async () => {
  nights = await deliveredTwice(seeded)
}, 3_600_000)

test(`a night completes with queues that lose nine messages of ten (${10 * count} nights, SEED=${seed})`, async () => {
  nights = await mostlyLost(seeded)
}, 3_600_000)
