import { randomUUID } from 'node:crypto'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, inject } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { startTable, type Table } from '../../infra/local/emulators/table.ts'
import { tableTemplate } from '../../infra/local/templates.ts'

/** A table for one world: embedded, or in the DynamoDB that the run of the tests provides. */
export async function startTestTable(): Promise<Table> {
  const endpoint = inject('dynamoDb')
  if (endpoint === undefined) return startTable({ folder: null })
  const { input, expiryAttribute } = tableTemplate(`curfew-${randomUUID()}`)
  const client = new DynamoDBClient({ endpoint, ...LOCAL_AWS })
  await client.send(new CreateTableCommand(input))
  client.destroy()
  const tableName = input.TableName
  const rows = () => expect.unreachable('only the embedded table has data files')
  return { endpoint, tableName, expiryAttribute, mended: null, rows, close: async () => undefined }
}
