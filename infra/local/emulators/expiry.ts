/** Deletes expired items, which the embedded DynamoDB does not do by itself. */
import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { ownClient } from './own-clients.ts'
import type { Table } from './table.ts'

/**
 * Deletes the items that expired before `nowMs`, as DynamoDB does by itself on AWS; returns how many. One that is
 * given a later expiry meanwhile stays.
 */
export async function expire(table: Table, nowMs: number): Promise<number> {
  const { endpoint, tableName: TableName, expiryAttribute } = table
  if (expiryAttribute === null) return 0
  const client = new DynamoDBClient(ownClient(endpoint))
  const expired = {
    ExpressionAttributeNames: { '#at': expiryAttribute },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(nowMs / 1000)) } },
  }
  let deleted = 0
  const pages = paginateScan({ client }, { TableName, FilterExpression: '#at < :now', ...expired })
  for await (const { Items = [] } of pages) {
    for (const { pk, sk } of Items) {
      if (!pk || !sk) continue
      const removal = { TableName, Key: { pk, sk }, ConditionExpression: '#at < :now', ...expired }
      await client.send(new DeleteItemCommand(removal)).catch(error => {
        if (error.name !== 'ConditionalCheckFailedException') throw error
        deleted -= 1
      })
      deleted += 1
    }
  }
  client.destroy()
  return deleted
}
