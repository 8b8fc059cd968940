import { afterEach, test } from 'vitest'
import { deliveredTwice, mostlyLost } from './delivery.ts'
import type { Nights } from './night.ts'

let nights: Nights
afterEach(() => nights.world.close())

test.each(['stop', 'start'] as const)(
  'every message delivered twice, in any order, and every tick doubled changes nothing: %s',
  async action => {
    nights = await deliveredTwice({ nights: action === 'stop' ? 4 : 1, seed: 20261121, action })
  },
  300_000,
)

test.each(['stop', 'start'] as const)(
  'a night completes with queues that lose nine messages of ten: %s',
  async action => {
    nights = await mostlyLost({ nights: action === 'stop' ? 2 : 1, seed: 20261121, action })
  },
  300_000,
)
