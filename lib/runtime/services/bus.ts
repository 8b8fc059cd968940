/** The way to the account's event bus, for functions that publish. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { createEvents, type Publish } from '../../aws/events.ts'
import type { BaseServices } from './base.ts'

export interface EventServices {
  /** Puts events on the account's bus, where one is configured; what is told twice has the same id. */
  publish: Publish
}

export function createEventServices(
  { config: { eventBusName } }: BaseServices,
  eventBridge = new EventBridgeClient({}),
): EventServices {
  return {
    publish: eventBusName === undefined ? async () => undefined : createEvents(eventBridge, eventBusName),
  }
}
