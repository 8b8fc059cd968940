/** A night lived through again and again while a process dies, or does a thing twice, at each of its effects. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDeaths, type Fate } from './deaths.ts'
import { createNights, type Nights, nightId, openstackNights } from './night.ts'

/** A stop request is never repeated by itself. */
const canMeet = (fate: Fate) => (effect: string) => fate !== 'twice' || !effect.startsWith('stop ')

/** A test for one fate: every write to the table, every message and every stop request of an undisturbed night meets it, in a night of its own. */
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

  /** What was done in a night in which this effect met its fate. */
  async function night(number: number, effect: string | null): Promise<string[]> {
    const { mortality } = nights.world
    mortality!.arm(nightId(number), effect === null ? null : { fate, effect })
    const happened = await nights.live(number)
    await nights.expectRight(happened)
    await nights.expectSeenAgain(happened)
    return [...mortality!.effects]
  }

  test(requirement, async () => {
    const effects = (await night(0, null)).filter(canMeet(fate))
    expect(effects.length).toBeGreaterThan(60)
    for (const [index, effect] of effects.entries())
      try {
        expect(await night(index + 1, effect), 'it never came').toContain(effect)
      } catch (error) {
        throw new Error(`${fate} ${effect}: ${(error as Error).message}`, { cause: error })
      }
    console.log(`${fate}: ${effects.length} effects`)
  }, 600_000)
}
