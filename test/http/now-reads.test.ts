import { type AttributeValue, BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, expect, test } from 'vitest'
import { ROUTES } from '../../lib/http/routes.ts'
import { consumedBy } from '../flow/consumed.ts'
import { createWorld, type World } from '../flow/world.ts'
import { at, START } from '../makers.ts'

const HOUR = 3_600_000

let world: World
afterEach(() => world.close())

const route = ROUTES.find(({ operation }) => operation === 'now')!
type Body = { next: { policyId: string }[]; nextKnownUntil: string | null }

/** What one answer says, and what it consumes. */
async function answered(): Promise<{ units: number; requests: string[]; body: Body }> {
  const asked = { params: {}, query: {}, body: undefined, headers: {}, actor: 'tester' }
  let answer = {} as { body: Body }
  const { units, requests } = await consumedBy(world, async () => {
    answer = (await route.run(asked, world.services)) as typeof answer
  })
  return { units, requests: requests.toSorted(), body: answer.body }
}

/** So many more policies as one that is there, each the same but for its id. */
async function copies(of: string, count: number): Promise<void> {
  const { dynamo, table } = world
  const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table.tableName }))
  const item = JSON.stringify(Items.filter(({ pk, sk }) => pk?.S === `POLICY#${of}` && sk?.S === 'POLICY'))
  expect(JSON.parse(item)).toHaveLength(1)
  for (let number = 0; number < count; number += 25) {
    const ids = Array.from({ length: Math.min(25, count - number) }, (_, i) => `${of}-${number + i}`)
    const items: Record<string, AttributeValue>[] = ids.flatMap(id => JSON.parse(item.replaceAll(of, id)))
    const requests = items.map(Item => ({ PutRequest: { Item } }))
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [table.tableName]: requests } }))
  }
}

test('an overview reads the same however many policies are due later', async () => {
  world = await createWorld()
  await world.connection()
  await world.policy({ id: 'later', nextDueAt: at(START + 8 * HOUR) })
  await copies('later', 300)
  const few = await answered()
  expect(few.body).toMatchObject({ next: { length: 10 }, nextKnownUntil: null })
  expect(few.units).toBeLessThan(60)
  await copies('later', 2000)
  const many = await answered()
  expect(many.body.next).toHaveLength(10)
  expect(many.requests).toEqual(few.requests)
  expect(many.units).toBe(few.units)
})

test('where policies are due and none of them acts, it reads a hundred of them, and says how far it looked', async () => {
  world = await createWorld()
  await world.connection({ enabled: false })
  await world.policy({ id: 'held', nextDueAt: at(START + HOUR) })
  await copies('held', 500)
  const { body, units } = await answered()
  expect(body).toMatchObject({ next: [], nextKnownUntil: at(START + HOUR) })
  expect(units).toBeLessThan(160)
})
