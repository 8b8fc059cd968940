/** A due time in several connections whose tick dies right before or right after each of its effects. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isEnded } from '../../lib/core/model/run.ts'
import { aChange, at } from '../makers.ts'
import { createDeaths, type Fate } from './deaths.ts'
import { createWorld, fleet, type World } from './world.ts'

const MINUTE_MS = 60_000
const PROJECTS = ['a', 'b'].map((letter, n) => ({
  id: letter.repeat(32),
  name: `cn-north-4_${letter}`,
  servers: [{ ...fleet(1)[0]!, id: `00000000-0000-4000-8000-00000000000${n}` }],
}))
let world: World
beforeAll(async () => {
  world = await createWorld({ projects: PROJECTS, deaths: createDeaths })
  for (const { id: projectId } of PROJECTS)
    await world.connection({ id: `project-${projectId[0]}`, projectId })
})
afterAll(() => world.close())

let nights = 0
/** What ticks did in a night in which this effect met its fate. */
async function live(doomed: { fate: Fate; effect: string } | null): Promise<string[]> {
  const id = `night-${nights++}`
  const dueAt = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS
  for (const { servers } of PROJECTS) world.simulator.change(servers[0]!.id, { status: 'ACTIVE' })
  const sentBefore = world.simulator.stops().length
  world.mortality!.arm(id, doomed)
  const schedule = { cron: '0 0 29 2 *', timeZone: 'UTC' }
  const policy = await world.policy({ id, connections: ['project-*'], schedule, nextDueAt: at(dueAt) })
  vi.setSystemTime(dueAt - 1000)
  const runsOf = async () => (await world.store.runs({ policyId: id, most: 10 })).items
  const areOver = async () => {
    const runs = await runsOf()
    return runs.length >= 2 && runs.every(run => isEnded(run) && run.announcedAt !== undefined)
  }
  for (let minutes = 0; minutes < 30 && !(await areOver()); minutes++) await world.pass(1)
  const runs = await runsOf()
  expect(runs.map(run => [run.connection, run.status, run.summary.stopped])).toEqual([
    ['project-b', 'succeeded', 1],
    ['project-a', 'succeeded', 1],
  ])
  const sent = world.simulator.stops().slice(sentBefore)
  expect(PROJECTS.map(one => sent.filter(({ path }) => path.includes(one.id)).length)).toEqual([1, 1])
  const after = (await world.store.policy(id))!
  expect(after.nextDueAt).not.toBe(policy.nextDueAt)
  await world.store.removePolicy(id, after.version, aChange({ what: 'deleted' }))
  const { effects, circumstances } = world.mortality!
  return effects.filter(effect => circumstances.get(effect)!.step === 'tick')
}

test('wherever its tick dies right before or after an effect, each connection gets its run exactly once', async () => {
  const effects = await live(null)
  const follows = new Set(effects.filter(effect => world.mortality!.circumstances.get(effect)!.follows))
  // Three writes a run, the time that is noted, the due time that moves, and the messages to plan.
  expect(effects.length).toBeGreaterThanOrEqual(9)
  // What dies before an effect that follows another dies after that one.
  for (const fate of ['before', 'after'] as const)
    for (const effect of effects.filter(one => fate !== 'before' || !follows.has(one)))
      try {
        expect(await live({ fate, effect }), 'it never came').toContain(effect)
      } catch (error) {
        throw new Error(`${fate} ${effect}: ${(error as Error).message}`, { cause: error })
      }
}, 300_000)
