/** A night lived through again and again while a process dies, or does a thing twice, at each of its effects. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDeaths, type Fate } from './deaths.ts'
import { createNights, type Nights, openstackNights } from './night.ts'

/** A test for one fate: `point` counts every write to the table, every message and every stop request of a night. */
export function livesThrough(
  fate: Fate,
  requirement: string,
  api: 'huaweicloud' | 'openstack' = 'huaweicloud',
): void {
  let nights: Nights
  beforeAll(async () => {
    const create = api === 'openstack' ? openstackNights : createNights
    nights = await create({ deaths: createDeaths })
  })
  afterAll(() => nights.world.close())

  test(requirement, async () => {
    const { mortality } = nights.world
    mortality!.arm(-1, fate)
    await nights.expectRight(await nights.live(0))
    const points = mortality!.effects.length
    expect(points).toBeGreaterThan(60)
    for (let point = 0; point < points; point++) {
      mortality!.arm(point, fate)
      const happened = await nights.live(point + 1)
      await nights.expectRight(happened).catch(error => {
        const effect = mortality!.effects[point]
        throw new Error(`${fate} effect ${point} of ${points}, ${effect}: ${error.message}`, { cause: error })
      })
    }
    console.log(`${fate}: ${points} points`)
  }, 600_000)
}
