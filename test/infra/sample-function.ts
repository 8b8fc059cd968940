/** A function that uses what the real ones use: an SDK client and the way to the cloud. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { exchange } from '../../lib/cloud/transport.ts'

const client = new DynamoDBClient({ region: 'eu-central-1' })

export async function handler({ origin }: { origin: string }) {
  const request = { method: 'POST', origin, target: '/', headers: {}, body: 'hello' } as const
  const exchanged = await exchange({ ...request, timeoutMs: 5000, keepAlive: true })
  return { exchanged, credentials: await client.config.credentials() }
}
