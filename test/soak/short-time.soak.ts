import { afterEach, test } from 'vitest'
import { planningGoesOn, ticksHelpEachOther } from '../flow/short-time.ts'
import type { World } from '../flow/world.ts'

let world: World
afterEach(() => world.close())

test('a planning over 100,000 servers goes on where it stopped, a page an invocation', async () => {
  world = await planningGoesOn(100_000)
}, 1_800_000)

test('10,000 policies due in the same minute are dealt with by ticks that run out of time and help each other', async () => {
  world = await ticksHelpEachOther({ policies: 10_000, each: 1000 })
}, 3_600_000)
