import { expect, onTestFinished, test, vi } from 'vitest'
import { createWarnedWorld, STOP } from '../flow/warnings.ts'

/** Often enough to find a look in a thousand that acts. */
const TIMES = 1000

test('a scanner that opens every link of a warning a thousand times snoozes nobody', async () => {
  const world = await createWarnedWorld()
  onTestFinished(() => world.close())
  const before = await world.warning()
  await world.until(STOP - 1_800_000)
  const policy = await world.store.policy(before.id)
  const links = world.told()[0]!.links
  expect(links).toHaveLength(3)
  for (const { url } of links)
    for (let times = 0; times < TIMES; times++)
      expect(await world.look(times % 2 ? 'HEAD' : 'GET', url)).toMatchObject({ status: 200 })
  expect(await world.store.policy(before.id)).toEqual(policy)
  vi.setSystemTime(STOP - 60_000)
  await world.pass(1)
  const { items } = await world.store.runs({ policyId: before.id, most: 1 })
  expect(await world.ended(items.map(({ id }) => id))).toMatchObject([{ status: 'succeeded' }])
}, 1_200_000)
