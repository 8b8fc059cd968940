import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { fleet } from '../flow/world.ts'
import { liveStory, story } from './promises.ts'
import { type HttpWorld, openWorld, restorer } from './world.ts'

let world: HttpWorld
let restore: () => Promise<void>
beforeAll(async () => {
  world = await openWorld({ servers: fleet(1) })
  await world.connection()
  restore = await restorer(world)
})
afterAll(() => world.close())

test('whatever is snoozed, delayed, left out or edited, each due time becomes what every view said of it', async () => {
  const property = fc.asyncProperty(story, async told => {
    await restore()
    await liveStory(world, told)
  })
  await fc.assert(property, { numRuns: 3, seed: 24, endOnFailure: true })
})
