/** The DynamoDB client alone, as it comes, with the one query of a tick. */
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'

const dynamo = new DynamoDBClient({})
export const handler = async () =>
  dynamo.send(
    new QueryCommand({
      TableName: 'curfew',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'due' } },
    }),
  )
