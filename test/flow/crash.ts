/** A night lived through again and again while a process dies, or does a thing twice, at each of its effects. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../lib/core/model/action.ts'
import { chance } from './chance.ts'
import { type Circumstances, createDeaths, type Fate } from './deaths.ts'
import { createNights, type Nights, nightId, openstackNights } from './night.ts'

type Api = 'huaweicloud' | 'openstack'

/**
 * Whether a night of its own would show anything that no other night shows. What dies before an effect that follows
 * another dies after that one; and only stop and follow do other things to one cloud than to another, or to start than
 * to stop. Ticks do, too: that is shown where every effect meets its fate.
 */
function isOfItsOwn(effect: string, { step, follows }: Circumstances, told: Told): boolean {
  const { fate, api, action = 'stop', sample } = told
  // A request to the cloud is never repeated by itself.
  if (fate === 'twice' && /^(stop|start) /.test(effect)) return false
  if (fate === 'before' && follows) return false
  const isAnother = api !== 'huaweicloud' || (action !== 'stop' && sample !== undefined)
  return !isAnother || step === 'stop' || step === 'follow'
}

/**
 * The step, and what the effect is about, whichever chunk, server and attempt it is of. What `stop` saves means one thing
 * before a request and another after it: there, what came before counts, too.
 */
function kindOf(effect: string, { step, previous }: Circumstances): string {
  const own = / #\d+(?= )|#\d{6}|"(number|attempt)":\d+|[\da-f]{8}-[\da-f-]{27},?/g
  return `${step} ${effect} ${step === 'stop' ? previous : ''}`.replaceAll(own, '')
}

/** So many of them, or all there are, by chance. */
function drawn<T>(all: T[], count: number, random: () => number): T[] {
  const places = all.map(() => random())
  return all.filter((_, place) => places.filter(other => other < places[place]!).length < count)
}

interface Told {
  fate: Fate
  api: Api
  action?: Action
  /** So many effects of each kind are enough, drawn by this seed; absent: all of them (`npm run soak`). */
  sample?: { ofKind: number; seed: number }
  /** So many effects there are at least. */
  least: number
}

/** A test for one fate: every write to the table, every message and every request for its action of an undisturbed night meets it, in a night of its own. */
export function livesThrough(requirement: string, told: Told): void {
  const { fate, api, action = 'stop', least, sample = { ofKind: Number.POSITIVE_INFINITY, seed: 0 } } = told
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
    const random = chance(sample.seed)
    const effects = [...kinds.values()].flatMap(alike => drawn(alike, sample.ofKind, random))
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
