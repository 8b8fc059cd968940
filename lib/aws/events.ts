/** The account's event bus: whoever wants to be told of ends makes a rule for it there. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { type Announcement, EVENT_SOURCE } from '../core/announce.ts'

/** PutEvents takes ten entries. */
const MOST_IN_CALL = 10

/** Puts announcements on the bus; throws where one of them was not taken. What is put twice is told twice. */
export type Tell = (announcements: Announcement[]) => Promise<void>

export function createEvents(eventBridge: EventBridgeClient, busName: string): Tell {
  const refused = (count: number, reason: string, cause?: unknown): Error =>
    new Error(`event bus ${busName} did not take ${count} events: ${reason}`, { cause })

  async function put(announcements: Announcement[]): Promise<void> {
    const Entries = announcements.map(({ detailType, detail, at }) => ({
      EventBusName: busName,
      Source: EVENT_SOURCE,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
      Time: new Date(at),
    }))
    const answer = await eventBridge.send(new PutEventsCommand({ Entries })).catch((error: unknown) => {
      throw refused(Entries.length, error instanceof Error ? error.message : String(error), error)
    })
    const { FailedEntryCount = 0, Entries: results = [] } = answer
    if (FailedEntryCount === 0) return
    const { ErrorCode, ErrorMessage } = results.find(one => one.ErrorCode !== undefined) ?? {}
    throw refused(FailedEntryCount, `${ErrorCode} ${ErrorMessage}`)
  }

  return async announcements => {
    for (let start = 0; start < announcements.length; start += MOST_IN_CALL)
      await put(announcements.slice(start, start + MOST_IN_CALL))
  }
}
