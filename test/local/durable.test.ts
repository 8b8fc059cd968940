import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import db from 'dynalite/db/index.js'
import { expect, onTestFinished, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startTable } from '../../infra/local/emulators/table.ts'
import { aFolder } from './children.ts'

/** The writes of every LevelDB in this process from now on, and whether they wait for the disk. */
async function writes(): Promise<{ key: string; sync: boolean }[]> {
  const { db: level } = db.create({ path: await aFolder() })
  await level.open()
  await level.close()
  const seen: { key: string; sync: boolean }[] = []
  const prototype = Object.getPrototypeOf(level)
  const { _put, _del } = prototype
  prototype._put = function (key: string, value: unknown, options: { sync?: boolean }) {
    seen.push({ key, sync: options.sync === true })
    return _put.call(this, key, value, options)
  }
  prototype._del = function (key: string, options: { sync?: boolean }) {
    seen.push({ key, sync: options.sync === true })
    return _del.call(this, key, options)
  }
  onTestFinished(() => void Object.assign(prototype, { _put, _del }))
  return seen
}

test('an item that is acknowledged is on the disk: a loss of power takes index rows at most', async () => {
  const folder = await aFolder()
  const seen = await writes()
  const { endpoint, tableName: TableName, close } = await startTable({ folder })
  const client = new DynamoDBClient({ endpoint, ...LOCAL_AWS })
  const Key = { pk: { S: 'a' }, sk: { S: 'HEAD' } }
  await client.send(
    new PutItemCommand({ TableName, Item: { ...Key, dueKey: { S: 'due' }, dueAt: { S: '1' } } }),
  )
  await client.send(new DeleteItemCommand({ TableName, Key }))
  client.destroy()
  await close()
  const kinds = seen.map(({ key, sync }) => `${key.split('~')[0]} ${sync ? 'synced' : 'not'}`)
  expect(kinds.filter(kind => kind.startsWith('item-'))).toEqual(['item-curfew synced', 'item-curfew synced'])
  expect(kinds.filter(kind => kind.startsWith('index-'))).toEqual(['index-global not', 'index-global not'])
})
