import { afterEach, expect, test } from 'vitest'
import { plan } from '../../lib/steps/plan/plan.ts'
import { stop } from '../../lib/steps/stop/stop.ts'
import { tick } from '../../lib/steps/tick/tick.ts'
import { at, START } from '../makers.ts'
import { planningGoesOn, shortAfter, ticksHelpEachOther } from './short-time.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

test.for([4500, 2000])(
  'a planning of %i servers whose function runs out of time goes on in another, over the same listing',
  async count => {
    world = await planningGoesOn(count)
  },
)

test('a paused planning whose message is lost is gone on with by the tick', async () => {
  world = await createWorld({ servers: fleet(2500) })
  await world.connection()
  await world.policy({ nextDueAt: at(START) })
  await tick(world.services, shortAfter(1000))
  const runId = 'nightly-dev.20261121T120000Z'
  await plan({ runIds: [runId] }, world.services, shortAfter(0))
  expect((await world.store.run(runId))!.paused).toBe(true)
  const [run] = await world.ended([runId])
  expect(run!.summary.stopped).toBe(2500)
})

test('a chunk whose servers are refused one by one is gone on with by another function before the time of one is over', async () => {
  const nativeOnly = () => true
  world = await createWorld({ servers: fleet(20), switches: { badMember: 'refuse', nativeOnly } })
  await world.connection()
  const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
  await plan({ runIds: [runId] }, world.services, shortAfter(0))
  for (let part = 0; part < 5; part++) {
    const sent = world.simulator.stops().length
    await stop(JSON.parse(world.queues.inspect('stop').visible.at(-1)!), world.services, shortAfter(4))
    expect(world.simulator.stops().length - sent).toBeLessThanOrEqual(4)
  }
  const [run] = await world.ended([runId])
  expect(run!.summary.stopped).toBe(20)
})

test('many policies due in the same minute are dealt with by ticks that run out of time and help each other', async () => {
  world = await ticksHelpEachOther({ policies: 50, each: 20 })
})
