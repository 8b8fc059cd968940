import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { indexUnits, itemSize, readUnits, writeUnits } from '../../bench/counted/units.ts'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startTable, type Table } from '../../infra/local/emulators/table.ts'

let table: Table
let client: DynamoDBDocumentClient
beforeAll(async () => {
  table = await startTable({ folder: null })
  client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS }))
})
afterAll(async () => {
  client.destroy()
  await table.close()
})

const value = fc.letrec(tie => ({
  any: fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 900 }),
    fc.boolean(),
    fc.constant(null),
    fc.integer({ min: -1e9, max: 1e9 }),
    fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tie('any'), { maxKeys: 3 }),
  ),
})).any

test('units are those that a table itself says were consumed', async () => {
  await fc.assert(
    fc.asyncProperty(value, async doc => {
      const key = { pk: 'a', sk: 'b' }
      const shared = { TableName: table.tableName, ReturnConsumedCapacity: 'TOTAL' } as const
      const item = { ...key, doc }
      const before = await client.send(new GetCommand({ ...shared, Key: key, ConsistentRead: true }))
      const put = await client.send(new PutCommand({ ...shared, Item: item }))
      const read = await client.send(new GetCommand({ ...shared, Key: key, ConsistentRead: true }))
      const size = itemSize(item)
      const larger = Math.max(size, itemSize(before.Item ?? {}))
      expect(put.ConsumedCapacity?.CapacityUnits).toBe(writeUnits(larger))
      expect(read.ConsumedCapacity?.CapacityUnits).toBe(readUnits(size, { consistent: true }))
    }),
    { numRuns: 60 },
  )
})

test.each([
  [0, true, 1],
  [4096, true, 1],
  [4097, true, 2],
  [4097, false, 1],
])('a read of %i bytes, consistent %s, takes %d units', (bytes, consistent, expected) => {
  expect(readUnits(bytes, { consistent })).toBe(expected)
})

const keys = { hash: 'dueKey', range: 'dueAt' }
const item = (dueAt?: string) => ({ pk: 'a', ...(dueAt === undefined ? {} : { dueKey: 'due', dueAt }) })
test.each([
  ['an item that is in no index', undefined, item(), 0],
  ['a new entry', undefined, item('1'), 1],
  ['an entry that stays', item('1'), item('1'), 0],
  ['an entry that moves', item('1'), item('2'), 2],
  ['an entry that goes', item('1'), item(), 1],
  ['an item that goes', item('1'), undefined, 1],
])('an index of keys is brought up to date: %s', (_what, before, after, units) => {
  expect(indexUnits(keys, before, after)).toBe(units)
})
