import { afterEach, test } from 'vitest'
import { oneDueTimeInManyConnections } from '../flow/short-time.ts'
import { sixtyProjects } from '../flow/sixty-projects.ts'
import type { World } from '../flow/world.ts'

let world: World
afterEach(() => world.close())

test('10,000 runs of one policy with many connections, due in the same minute, go through', async () => {
  world = await oneDueTimeInManyConnections({ connections: 10_000, each: 3000 })
}, 3_600_000)

test('of 60 projects that are all reached by an agency in place of keys, 55 runs succeed and five name what is missing', async () => {
  world = await sixtyProjects(() => true)
}, 600_000)
