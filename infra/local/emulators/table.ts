/** The embedded DynamoDB, with the table of the deployed template, kept in a folder. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb'
import { tableTemplate } from '../templates.ts'
import { loadDynalite } from './embedded-dynalite.ts'
import { startGuarded } from './guard.ts'
import { type Mended, mend } from './mend.ts'
import { ownClient } from './own-clients.ts'

export interface Table {
  endpoint: string
  tableName: string
  /** As in `TableTemplate`. */
  expiryAttribute: string | null
  /** What mending its indexes found; `null` in memory. */
  mended: Mended | null
  /** All that its data files hold at this moment, but for indexes: what `fillFolder` takes. */
  rows(): AsyncIterable<[key: string, value: unknown]>
  close(): Promise<void>
}

const TABLE_NAME = 'curfew'

/**
 * An embedded DynamoDB, for this process alone, with the table of `infra/aws/table.yml`: in the folder, its indexes mended
 * first, or in memory when `folder` is `null`. Throws `Problem` when the folder cannot be opened.
 */
export async function startTable(options: { folder: string | null }): Promise<Table> {
  const { input, expiryAttribute } = tableTemplate(TABLE_NAME)
  const mended = options.folder === null ? null : await mend({ folder: options.folder, input })
  const emulator = (await loadDynalite()).createEmulator(options.folder)
  const { endpoint, close } = await startGuarded({
    service: 'dynamodb',
    operations: 'DynamoDB_20120810.',
    answer: emulator.answer,
  })
  await createTable(endpoint, input)
  return {
    endpoint,
    tableName: TABLE_NAME,
    expiryAttribute,
    mended,
    rows: emulator.rows,
    close: async () => {
      await close()
      await emulator.close()
    },
  }
}

const BATCH_ROWS = 1000

/** The data files of a new folder, with these rows, and how many they are; indexes are mended when it is opened. */
export async function fillFolder(
  folder: string,
  rows: AsyncIterable<[key: string, value: unknown]>,
): Promise<number> {
  const store = (await loadDynalite()).createStore(folder)
  await store.open()
  let count = 0
  let batch = [] as { type: 'put'; key: string; value: unknown }[]
  const write = async (): Promise<void> => {
    await store.batch(batch, { sync: true })
    count += batch.length
    batch = []
  }
  try {
    for await (const [key, value] of rows) {
      batch.push({ type: 'put', key, value })
      if (batch.length === BATCH_ROWS) await write()
    }
    await write()
    return count
  } finally {
    await store.close()
  }
}

async function createTable(endpoint: string, input: CreateTableCommandInput): Promise<void> {
  const client = new DynamoDBClient(ownClient(endpoint))
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
