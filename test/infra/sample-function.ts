/** A function that uses what the real ones use: an SDK client, the way to the cloud and due times. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { exchangeOnce } from '../../lib/cloud/http/transport.ts'
import { nextDueAt } from '../../lib/core/schedule/due-times.ts'

const client = new DynamoDBClient({ region: 'eu-central-1' })

/** Due times of each cron, as a bundle tells them. */
export const dueTimes = (crons: string[]): (number | null)[] =>
  crons.map(cron => nextDueAt({ cron, timeZone: 'Europe/Berlin', skipDates: [] }, 0))

export async function handler({ origin }: { origin: string }) {
  const request = { method: 'POST', origin, target: '/', headers: {}, body: 'hello' } as const
  const exchanged = await exchangeOnce({ ...request, timeoutMs: 5000, keepAlive: true, proxy: null })
  const dueMs = nextDueAt({ cron: '30 20 L * MON-FRI,7#2', timeZone: 'UTC', skipDates: [] }, 0)
  return { exchanged, credentials: await client.config.credentials(), dueMs }
}
