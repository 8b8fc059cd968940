import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { expect, onTestFinished, test } from 'vitest'
import { expire } from '../../infra/local/emulators/expiry.ts'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startTable, type Table } from '../../infra/local/emulators/table.ts'
import { functionSettings, queueTemplates, tableTemplate } from '../../infra/local/templates.ts'
import { aFolder } from './children.ts'

const aTemplate = (properties: string) => `
Resources:
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: !Sub '\${AWS::StackName}' } }
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: { Ref: AWS::StackName }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      SSESpecification: { SSEEnabled: true }
      ${properties}
`

async function aTable(folder: string | null = null) {
  const table = await startTable({ folder })
  const client = new DynamoDBClient({ endpoint: table.endpoint, ...LOCAL_AWS })
  onTestFinished(() => client.destroy())
  return { table, client }
}

const put = (
  client: DynamoDBClient,
  { tableName }: Table,
  more: Record<string, { S: string } | { N: string }>,
) =>
  client.send(
    new PutItemCommand({ TableName: tableName, Item: { pk: { S: 'a' }, sk: { S: 'HEAD' }, ...more } }),
  )

test('the template of the table becomes what CreateTable wants, without what only AWS has', () => {
  expect(
    tableTemplate('curfew', aTemplate('TimeToLiveSpecification: { AttributeName: until, Enabled: true }')),
  ).toEqual({
    input: {
      TableName: 'curfew',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    },
    expiryAttribute: 'until',
  })
  expect(tableTemplate('curfew', aTemplate('')).expiryAttribute).toBeNull()
})

test('a template without a table is refused', () => {
  expect(() => tableTemplate('curfew', 'Resources: {}')).toThrow('Expected one AWS::DynamoDB::Table')
})

test('queues and functions are as the deployment has them', () => {
  expect(queueTemplates().map(({ step }) => step)).toEqual(['plan', 'stop', 'follow', 'notify'])
  for (const { visibilitySeconds, maxReceiveCount, step } of queueTemplates()) {
    const { timeoutSeconds, batchSize, concurrency } = functionSettings()[step]
    expect(visibilitySeconds).toBeGreaterThanOrEqual(timeoutSeconds)
    expect(Math.min(maxReceiveCount, batchSize, concurrency)).toBeGreaterThanOrEqual(1)
  }
})

test('the table of the deployment can be written, and read through both of its indexes', async () => {
  const { table, client } = await aTable()
  await put(client, table, {
    dueKey: { S: 'due' },
    dueAt: { S: '2026-11-21T12:00:00Z' },
    listKey: { S: 'runs' },
    listAt: { S: '2026-11-21T12:00:00Z' },
  })
  const names = { due: 'dueKey', runs: 'listKey' }
  for (const [IndexName, name] of Object.entries(names)) {
    const { Count } = await client.send(
      new QueryCommand({
        TableName: table.tableName,
        IndexName,
        KeyConditionExpression: `${name} = :is`,
        ExpressionAttributeValues: { ':is': { S: IndexName } },
      }),
    )
    expect(Count).toBe(1)
  }
  await table.close()
})

test('what was written is there at the next start', async () => {
  const folder = await aFolder()
  const first = await aTable(folder)
  await put(first.client, first.table, { word: { S: 'kept' } })
  await first.table.close()
  const { table, client } = await aTable(folder)
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table.tableName, Key: { pk: { S: 'a' }, sk: { S: 'HEAD' } } }),
  )
  await table.close()
  expect(Item?.word).toEqual({ S: 'kept' })
})

test('an item past its expiry is deleted, one before it and one without stay', async () => {
  const { table, client } = await aTable()
  const now = Date.UTC(2026, 10, 21)
  await put(client, table, { pk: { S: 'past' }, expiresAt: { N: String(now / 1000 - 1) } })
  await put(client, table, { pk: { S: 'ahead' }, expiresAt: { N: String(now / 1000 + 1) } })
  await put(client, table, { pk: { S: 'none' } })
  expect(await expire(table, now)).toBe(1)
  expect(await expire(table, now)).toBe(0)
  expect(await expire(table, now + 2000)).toBe(1)
  await table.close()
})

test('two tables in memory are two', async () => {
  const [one, other] = [await aTable(), await aTable()]
  await put(one.client, one.table, {})
  const { Item } = await other.client.send(
    new GetItemCommand({ TableName: other.table.tableName, Key: { pk: { S: 'a' }, sk: { S: 'HEAD' } } }),
  )
  await Promise.all([one.table.close(), other.table.close()])
  expect(Item).toBeUndefined()
})
