import { afterEach, expect, test } from 'vitest'
import { at, START } from '../makers.ts'
import { createWorld, type World } from './world.ts'

let world: World
afterEach(() => world.close())

/** Read units and requests that one tick consumes, as the table itself counts them. */
async function consumedByTick(): Promise<{ units: number; requests: string[] }> {
  const consumed = { units: 0, requests: [] as string[] }
  const name = 'counts read units'
  world.dynamo.middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } })
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: { CapacityUnits?: number } }
        consumed.units += ConsumedCapacity?.CapacityUnits ?? 0
        consumed.requests.push(commandName ?? '')
        return answer
      },
    { step: 'initialize', name },
  )
  await world.runner.tick()
  world.dynamo.middlewareStack.remove(name)
  return consumed
}

async function policies(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, to - number) }, (_, i) =>
        world.policy({ id: `p-${number + i}`, nextDueAt: at(START + 3_600_000) }),
      ),
    )
}

test('a tick reads the same with 10 and with 10,000 policies that are not due', async () => {
  world = await createWorld()
  await world.connection()
  await policies(0, 10)
  await world.runner.tick()
  expect((await consumedByTick()).requests).toEqual(['GetItemCommand', 'QueryCommand'])
  await world.policy({ id: 'due-first', nextDueAt: at(START) })
  const few = await consumedByTick()
  await policies(10, 10_000)
  await world.policy({ id: 'due-other', nextDueAt: at(START) })
  const many = await consumedByTick()
  expect(few.units).toBeGreaterThan(0)
  expect(many).toEqual(few)
}, 120_000)
