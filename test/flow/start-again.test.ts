import { afterEach, describe, expect, test } from 'vitest'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

/** A fleet that a run has stopped, of which one server was off before. */
async function stopped(options: Parameters<typeof createWorld>[0] = {}) {
  world = await createWorld({ servers: fleet(6), ...options })
  await world.connection()
  world.simulator.byHand('stop', world.simulator.servers()[0]!.id)
  const policy = await world.policy({ nextDueAt: null })
  const [run] = await world.ended([await world.manualRun(policy)])
  return { policy, run: run! }
}
const states = () => world.simulator.servers().map(({ status }) => status)
const UP = ['SHUTOFF', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']

describe('a start of a policy', () => {
  test('starts what its runs stopped, and leaves off what a person had stopped', async () => {
    const { policy, run } = await stopped()
    expect(run.summary).toMatchObject({ targets: 5, skipped: 1, stopped: 5 })
    const [start] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 5, targets: 5, started: 5 } })
    expect(states()).toEqual(UP)
    for (const outcome of (await world.outcomes(start!)).values())
      expect(outcome).toMatchObject({ status: 'started', code: 'started', mode: null })
  })

  test('starts nothing a second time', async () => {
    const { policy } = await stopped()
    await world.ended([await world.manualRun(policy, { action: 'start' })])
    const [again] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(again).toMatchObject({ status: 'succeeded', summary: { matched: 0, targets: 0 } })
    expect(world.simulator.starts()).toHaveLength(1)
  })
})

describe('off wins', () => {
  /** Two policies over all servers: one stops at 12:01 and starts at 12:04, the other stops at 12:02 and starts at 12:06. */
  async function twoPolicies() {
    world = await createWorld({ servers: fleet(3) })
    await world.connection()
    const policy = (id: string, stopMinute: number, startMinute: number) =>
      world.policy({
        id,
        schedule: { cron: `${stopMinute} 12 * * *`, timeZone: 'UTC' },
        start: { cron: `${startMinute} 12 * * *`, servers: 'selected' },
        nextDueAt: `2026-11-21T12:0${stopMinute}:00.000Z`,
        nextStartDueAt: `2026-11-21T12:0${startMinute}:00.000Z`,
      })
    await policy('evening', 1, 4)
    await policy('night', 2, 6)
  }
  const startsOf = async (policyId: string) =>
    (await world.store.runs({ policyId, most: 10 })).items.filter(({ action }) => action === 'start')

  test('a scheduled start leaves to another policy what that one keeps off, and names it', async () => {
    await twoPolicies()
    await world.pass(10)
    const [early] = await startsOf('evening')
    expect(early).toMatchObject({ status: 'succeeded', summary: { matched: 3, targets: 0 } })
    for (const outcome of (await world.outcomes(early!)).values())
      expect(outcome).toMatchObject({ code: 'held-off', reason: 'policy night keeps it off now' })
    const [late] = await startsOf('night')
    expect(late).toMatchObject({ status: 'succeeded', summary: { targets: 3, started: 3 } })
  })
})
