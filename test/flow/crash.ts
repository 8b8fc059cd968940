/** A night lived through again and again while a process dies, or does a thing twice, at each of its effects. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../lib/core/model/action.ts'
import { type Circumstances, createDeaths, type Fate } from './deaths.ts'
import { createNights, type Nights, nightId, openstackNights } from './night.ts'

type Api = 'huaweicloud' | 'openstack'

/**
 * Whether a night of its own would show anything that no other night shows. What dies before an effect that follows
 * another dies after that one; and only stop and follow do other things to one cloud than to another, or to start than
 * to stop. Ticks do, too: that is shown where every effect meets its fate.
 */
function isOfItsOwn(effect: string, { step, follows }: Circumstances, told: Told): boolean {
  const { fate, api, action = 'stop', mostOfKind } = told
  // A request to the cloud is never repeated by itself.
  if (fate === 'twice' && /^(stop|start) /.test(effect)) return false
  if (fate === 'before' && follows) return false
  const isAnother = api !== 'huaweicloud' || (action !== 'stop' && mostOfKind !== undefined)
  return !isAnother || step === 'stop' || step === 'follow'
}

/** The step, and what the effect is about, whichever attempt it is of: polls that only wait repeat the same few. */
const kindOf = (effect: string, { step }: Circumstances): string =>
  `${step} ${effect.replace(/ #\d+$/, '').replace(/"attempt":\d+/, '')}`

interface Told {
  fate: Fate
  api: Api
  action?: Action
  /** So many effects of a kind are enough; absent: all of them. */
  mostOfKind?: number
  /** So many effects there are at least. */
  least: number
}

/** A test for one fate: every write to the table, every message and every request for its action of an undisturbed night meets it, in a night of its own. */
export function livesThrough(requirement: string, told: Told): void {
  const { fate, api, action = 'stop', least, mostOfKind = Number.POSITIVE_INFINITY } = told
  let nights: Nights
  beforeAll(async () => {
    const create = api === 'openstack' ? openstackNights : createNights
    nights = await create({ deaths: createDeaths }, action)
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
    const all = await night(0, null)
    const circumstances = new Map(nights.world.mortality!.circumstances)
    const own = all.filter(effect => isOfItsOwn(effect, circumstances.get(effect)!, told))
    const kinds = Map.groupBy(own, effect => kindOf(effect, circumstances.get(effect)!))
    const effects = [...kinds.values()].flatMap(alike => alike.slice(0, mostOfKind))
    expect(effects.length).toBeGreaterThan(least)
    for (const [index, effect] of effects.entries())
      try {
        expect(await night(index + 1, effect), 'it never came').toContain(effect)
      } catch (error) {
        throw new Error(`${fate} ${effect}: ${(error as Error).message}`, { cause: error })
      }
    console.log(`${action} ${fate}: ${effects.length} of ${all.length} effects`)
  }, 600_000)
}
