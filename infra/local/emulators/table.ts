import type { AddressInfo } from 'node:net'
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import { tableTemplate } from '../templates.ts'
import { type Mended, mend } from './mend.ts'

export interface Table {
  endpoint: string
  tableName: string
  /** As in `TableTemplate`. */
  expiryAttribute: string | null
  /** What mending its indexes found; `null` in memory. */
  mended: Mended | null
  close(): Promise<void>
}

const TABLE_NAME = 'curfew'
/** Of no account anywhere: the embedded parts look at the form of a signature only. */
export const LOCAL_AWS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
}

/**
 * An embedded DynamoDB on a free loopback port with the table of `infra/aws/table.yml`: in the folder, its indexes mended
 * first, or in memory when `folder` is `null`. Throws `Problem` when the folder cannot be opened.
 */
export async function startTable(options: { folder: string | null }): Promise<Table> {
  const { input, expiryAttribute } = tableTemplate(TABLE_NAME)
  const mended = options.folder === null ? null : await mend({ folder: options.folder, input })
  const server = dynalite({
    ...(options.folder === null ? {} : { path: options.folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  })
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  await createTable(endpoint, input)
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close(error => (error ? reject(error) : resolve()))
      server.closeAllConnections()
    })
  return { endpoint, tableName: TABLE_NAME, expiryAttribute, mended, close }
}

async function createTable(endpoint: string, input: CreateTableCommandInput): Promise<void> {
  const client = new DynamoDBClient({ endpoint, ...LOCAL_AWS })
  await client.send(new CreateTableCommand(input)).catch(error => {
    if (!(error instanceof ResourceInUseException)) throw error
  })
  let status: string | undefined
  while (status !== 'ACTIVE') {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: input.TableName }))
    status = Table?.TableStatus
  }
  client.destroy()
}
