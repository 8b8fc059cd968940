import { DynamoDBClient, PutItemCommand, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb'
import db from 'dynalite/db/index.js'
import { expect, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { mend } from '../../infra/local/emulators/mend.ts'
import { startTable, type Table } from '../../infra/local/emulators/table.ts'
import { tableTemplate } from '../../infra/local/templates.ts'
import { aFolder, aProcess, killed } from './children.ts'

const { input } = tableTemplate('curfew')

const anItem = (id: string, dueAt: string) => ({
  pk: { S: id },
  sk: { S: 'HEAD' },
  dueKey: { S: 'due' },
  dueAt: { S: dueAt },
})

/** Items by their place in an index, as a scan of the table gives them and as the index does. */
async function placed({ endpoint, tableName: TableName }: Table) {
  const client = new DynamoDBClient({ endpoint, ...LOCAL_AWS })
  const scanned = { due: [] as string[], runs: [] as string[] }
  for await (const { Items = [] } of paginateScan({ client }, { TableName }))
    for (const { pk, dueAt, listAt } of Items) {
      if (dueAt) scanned.due.push(`${dueAt.S} ${pk?.S}`)
      if (listAt) scanned.runs.push(`${listAt.S} ${pk?.S}`)
    }
  const query = async (IndexName: 'due' | 'runs', names: { hash: string; range: string }) => {
    const found: string[] = []
    const condition = {
      KeyConditionExpression: `${names.hash} = :is`,
      ExpressionAttributeValues: { ':is': { S: IndexName } },
    }
    for await (const { Items = [] } of paginateQuery({ client }, { TableName, IndexName, ...condition }))
      found.push(...Items.map(item => `${item[names.range]?.S} ${item.pk?.S}`))
    return found
  }
  const indexed = {
    due: await query('due', { hash: 'dueKey', range: 'dueAt' }),
    runs: await query('runs', { hash: 'listKey', range: 'listAt' }),
  }
  client.destroy()
  return {
    scanned: { due: scanned.due.sort(), runs: scanned.runs.sort() },
    indexed: { due: indexed.due.sort(), runs: indexed.runs.sort() },
  }
}

async function aTableWith(folder: string, items: ReturnType<typeof anItem>[]): Promise<void> {
  const table = await startTable({ folder })
  const client = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  for (const Item of items) await client.send(new PutItemCommand({ TableName: table.tableName, Item }))
  client.destroy()
  await table.close()
}

/** Writes into the data files as a kill would have left them. */
async function torn(
  folder: string,
  tear: (store: ReturnType<typeof db.create>['db'], rows: string[]) => Promise<void>,
) {
  const { db: store } = db.create({ path: folder })
  await store.open()
  const rows: string[] = []
  for await (const [key] of store.iterator({ gte: 'index-', lt: 'index-~' })) rows.push(key)
  await tear(store, rows)
  await store.close()
}

test('an item that a kill took out of its index is in it again', async () => {
  const folder = await aFolder()
  await aTableWith(folder, [anItem('a', '2026-11-21T12:00:00Z'), anItem('b', '2026-11-21T13:00:00Z')])
  await torn(folder, (store, rows) => store.del(rows[0]!))
  const table = await startTable({ folder })
  const { scanned, indexed } = await placed(table)
  await table.close()
  expect(table.mended).toEqual({ items: 2, restored: 1, removed: 0 })
  expect(indexed.due).toEqual(['2026-11-21T12:00:00Z a', '2026-11-21T13:00:00Z b'])
  expect(indexed).toEqual(scanned)
})

test('an index row whose item was never written is removed', async () => {
  const folder = await aFolder()
  await aTableWith(folder, [anItem('a', '2026-11-21T12:00:00Z'), anItem('b', '2026-11-21T13:00:00Z')])
  await torn(folder, async store => {
    for await (const [key, item] of store.iterator({ gte: 'item-', lt: 'item-~' }))
      if (JSON.stringify(item).includes('"a"')) await store.del(key)
  })
  const table = await startTable({ folder })
  const { indexed } = await placed(table)
  await table.close()
  expect(table.mended).toEqual({ items: 1, restored: 0, removed: 1 })
  expect(indexed.due).toEqual(['2026-11-21T13:00:00Z b'])
})

test('a whole table is left as it is, and mending twice finds nothing the second time', async () => {
  const folder = await aFolder()
  await aTableWith(folder, [anItem('a', '2026-11-21T12:00:00Z')])
  await torn(folder, (store, rows) => store.del(rows[0]!))
  expect(await mend({ folder, input })).toEqual({ items: 1, restored: 1, removed: 0 })
  expect(await mend({ folder, input })).toEqual({ items: 1, restored: 0, removed: 0 })
})

test('an index that the template has gained is filled from the items', async () => {
  const folder = await aFolder()
  await aTableWith(folder, [anItem('a', '2026-11-21T12:00:00Z')])
  const KeySchema = [
    { AttributeName: 'sk', KeyType: 'HASH' },
    { AttributeName: 'dueAt', KeyType: 'RANGE' },
  ]
  const gained = { IndexName: 'gained', KeySchema, Projection: { ProjectionType: 'KEYS_ONLY' } }
  const wanted = { ...input, GlobalSecondaryIndexes: [...(input.GlobalSecondaryIndexes ?? []), gained] }
  expect(await mend({ folder, input: wanted })).toEqual({ items: 1, restored: 1, removed: 0 })
  expect(await mend({ folder, input: wanted })).toEqual({ items: 1, restored: 0, removed: 0 })
})

test('a table that a kill left half made is made again', async () => {
  const folder = await aFolder()
  await aTableWith(folder, [])
  await torn(folder, async store => {
    const record = await store.get('table~curfew')
    await store.put('table~curfew', { ...record, TableStatus: 'CREATING' })
  })
  const table = await startTable({ folder })
  const { scanned } = await placed(table)
  await table.close()
  expect(scanned.due).toEqual([])
})

test('after kill -9 in the middle of writes, five times over, both indexes hold what the items say', async () => {
  const folder = await aFolder()
  for (const writes of [60, 201, 90, 130, 171]) {
    await killed(await aProcess('table-writer', folder, writes))
    const table = await startTable({ folder })
    const { scanned, indexed } = await placed(table)
    await table.close()
    expect(scanned.due.length).toBeGreaterThan(0)
    expect(indexed).toEqual(scanned)
  }
})
