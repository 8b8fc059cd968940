/** The account's event bus: subscribers to run ends put a rule on it. */
import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge'
import { type Announcement, EVENT_SOURCE } from '../core/notify/events.ts'

/** PutEvents takes ten entries, of 256 KB together with all that stands beside their details. */
const MAX_IN_CALL = 10
const MAX_BYTES_IN_CALL = 200_000

/** Puts announcements on the bus; throws where one of them was not taken. What is put twice is told twice. */
export type Publish = (announcements: Announcement[]) => Promise<void>

const bytesOf = ({ Detail = '' }: PutEventsRequestEntry): number => Buffer.byteLength(Detail)

/** In order, as many in a call as it takes. */
function splitIntoCalls(entries: PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const made: PutEventsRequestEntry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const last = made.at(-1)
    bytes += bytesOf(entry)
    if (last && last.length < MAX_IN_CALL && bytes <= MAX_BYTES_IN_CALL) last.push(entry)
    else {
      made.push([entry])
      bytes = bytesOf(entry)
    }
  }
  return made
}

export function createEvents(eventBridge: EventBridgeClient, busName: string): Publish {
  const refused = (count: number, reason: string, cause?: unknown): Error =>
    new Error(`event bus ${busName} did not take ${count} events: ${reason}`, { cause })

  const entryOf = ({ detailType, detail, at }: Announcement): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    Time: new Date(at),
  })

  async function put(Entries: PutEventsRequestEntry[]): Promise<void> {
    const answer = await eventBridge.send(new PutEventsCommand({ Entries })).catch((error: unknown) => {
      throw refused(Entries.length, error instanceof Error ? error.message : String(error), error)
    })
    const { FailedEntryCount = 0, Entries: results = [] } = answer
    if (FailedEntryCount === 0) return
    const { ErrorCode, ErrorMessage } = results.find(one => one.ErrorCode !== undefined) ?? {}
    throw refused(FailedEntryCount, `${ErrorCode} ${ErrorMessage}`)
  }

  return async announcements => {
    for (const entries of splitIntoCalls(announcements.map(entryOf))) await put(entries)
  }
}
