import { type AttributeValue, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, expect, test } from 'vitest'
import { at, START } from '../makers.ts'
import { consumedBy } from './consumed.ts'
import { createWorld, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const consumedByTick = () => consumedBy(world, () => world.runner.tick())

/** So many more policies as one that is there, each the same but for its id. */
async function copies(of: string, count: number): Promise<void> {
  const { dynamo, table } = world
  const RequestItems = (items: Record<string, AttributeValue>[]) => ({
    [table.tableName]: items.map(Item => ({ PutRequest: { Item } })),
  })
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table.tableName }))
  const item = JSON.stringify(Items.filter(({ pk }) => pk?.S === `POLICY#${of}`))
  expect(JSON.parse(item)).toHaveLength(1)
  for (let number = 0; number < count; number += 25) {
    const ids = Array.from({ length: Math.min(25, count - number) }, (_, i) => `${of}-${number + i}`)
    const items = ids.flatMap(id => JSON.parse(item.replaceAll(of, id)))
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: RequestItems(items) }))
  }
}

test('a tick reads the same with 10 and with 10,000 policies that are not due', async () => {
  world = await createWorld()
  await world.connection()
  await world.policy({ id: 'not-yet', nextDueAt: at(START + 3_600_000) })
  await copies('not-yet', 10)
  await world.runner.tick()
  expect((await consumedByTick()).requests).toEqual(['GetItemCommand', 'QueryCommand'])
  await world.policy({ id: 'due-first', nextDueAt: at(START) })
  const few = await consumedByTick()
  await copies('not-yet', 10_000)
  expect(await world.store.policy('not-yet-9999')).not.toBeNull()
  await world.policy({ id: 'due-other', nextDueAt: at(START) })
  const many = await consumedByTick()
  expect(few.units).toBeGreaterThan(0)
  expect(many).toEqual(few)
})
