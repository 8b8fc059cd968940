/** Writes items whose index keys come, move and go, twenty at a time and without end; says so after each. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { LOCAL_AWS } from '../../../infra/local/emulators/local-aws.ts'
import { startTable } from '../../../infra/local/emulators/table.ts'

const { endpoint, tableName: TableName } = await startTable({ folder: process.argv[2] ?? '' })
const client = new DynamoDBClient({ endpoint, ...LOCAL_AWS })

async function write(writer: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const key = { pk: { S: `P#${writer}-${n % 40}` }, sk: { S: 'HEAD' } }
    const at = new Date(Date.UTC(2026, 10, 21) + ((n * 7919 * 60_000) % 1e10)).toISOString()
    const due = {
      dueKey: { S: 'due' },
      dueAt: { S: at },
      listKey: { S: 'runs' },
      listAt: { S: `${at}#${writer}` },
    }
    if (n % 7 === 6) await client.send(new DeleteItemCommand({ TableName, Key: key }))
    else await client.send(new PutItemCommand({ TableName, Item: { ...key, ...(n % 5 === 4 ? {} : due) } }))
    process.stdout.write('.')
  }
}
await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)))
