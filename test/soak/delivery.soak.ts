import { afterEach, test } from 'vitest'
import { deliveredTwice, mostlyLost } from '../flow/delivery.ts'
import type { Nights } from '../flow/night.ts'
import { nights as count, seed } from './settings.ts'

let nights: Nights
afterEach(() => nights.world.close())

const seeded = { nights: 10 * count, seed }

test.each(['stop', 'start'] as const)(
  `every message delivered twice, in any order, and every tick doubled changes nothing: %s (${10 * count} nights, SEED=${seed})`,
  async action => {
    nights = await deliveredTwice({ ...seeded, action })
  },
  3_600_000,
)

test.each(['stop', 'start'] as const)(
  `a night completes with queues that lose nine messages of ten: %s (${10 * count} nights, SEED=${seed})`,
  async action => {
    nights = await mostlyLost({ ...seeded, action })
  },
  3_600_000,
)
