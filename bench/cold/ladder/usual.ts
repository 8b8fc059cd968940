/** What a project picks that wants all of this: DynamoDB's document client, SQS, undici, zod and middy, as they come. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import middy from '@middy/core'
import { Pool } from 'undici'
import { z } from 'zod'

const table = DynamoDBDocumentClient.from(new DynamoDBClient({}))
const sqs = new SQSClient({})
const pool = new Pool('https://ecs.ap-southeast-1.myhuaweicloud.com', { connections: 8 })
const Policy = z.object({ id: z.string(), at: z.string().regex(/^\d\d:\d\d$/), zone: z.string() })

export const handler = middy(async (event: unknown) => {
  const due = await table.send(
    new QueryCommand({
      TableName: 'curfew',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'due' },
    }),
  )
  return [due, Policy.safeParse(event).success, sqs, pool, SendMessageBatchCommand.name].length
})
