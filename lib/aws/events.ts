/** The account's event bus: whoever wants to be told of ends makes a rule for it there. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { type Announcement, EVENT_SOURCE } from '../core/announce.ts'

/** PutEvents takes ten entries. */
const MOST_IN_CALL = 10

/** Puts announcements on the bus; throws where one of them was not taken. What is put twice is told twice. */
export type Tell = (announcements: Announcement[]) => Promise<void>

export function createEvents(eventBridge: EventBridgeClient, busName: string): Tell {
  return async announcements => {
    for (let start = 0; start < announcements.length; start += MOST_IN_CALL) {
      const Entries = announcements.slice(start, start + MOST_IN_CALL).map(({ detailType, detail, at }) => ({
        EventBusName: busName,
        Source: EVENT_SOURCE,
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: new Date(at),
      }))
      const { FailedEntryCount = 0, Entries: results = [] } = await eventBridge.send(
        new PutEventsCommand({ Entries }),
      )
      if (FailedEntryCount === 0) continue
      const { ErrorCode, ErrorMessage } = results.find(one => one.ErrorCode !== undefined) ?? {}
      throw new Error(
        `${FailedEntryCount} of ${Entries.length} events were not taken by event bus ${busName}: ${ErrorCode} ${ErrorMessage}`,
      )
    }
  }
}
