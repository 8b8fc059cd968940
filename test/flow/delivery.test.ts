import { afterEach, test } from 'vitest'
import { deliveredTwice, mostlyLost } from './delivery.ts'
import type { Nights } from './night.ts'

let nights: Nights
afterEach(() => nights.world.close())

test('every message delivered twice, in any order, and every tick doubled changes nothing', async () => {
  nights = await deliveredTwice({ nights: 8, seed: 20261121 })
}, 300_000)

test('a night completes with queues that lose nine messages of ten', async () => {
  nights = await mostlyLost({ nights: 4, seed: 20261121 })
}, 300_000)
