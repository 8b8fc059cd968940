/** The services of all functions at once, over clients of a test's own. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { SQSClient } from '@aws-sdk/client-sqs'
import type { Config } from '../lib/runtime/config.ts'
import { type BaseServices, createBaseServices } from '../lib/runtime/services/base.ts'
import { createEventServices, type EventServices } from '../lib/runtime/services/bus.ts'
import { type CalendarServices, createCalendarServices } from '../lib/runtime/services/calendar.ts'
import { type ChannelServices, createChannelServices } from '../lib/runtime/services/channel.ts'
import { type CloudServices, createCloudServices } from '../lib/runtime/services/cloud.ts'
import { createLinkServices, type LinkServices } from '../lib/runtime/services/links.ts'
import { createWebhookServices, type WebhookServices } from '../lib/runtime/services/webhook.ts'

export type Services = BaseServices &
  CloudServices &
  EventServices &
  WebhookServices &
  ChannelServices &
  LinkServices &
  CalendarServices

interface Clients {
  dynamo: DynamoDBClient
  sqs: SQSClient
  eventBridge: EventBridgeClient
}

interface Surroundings {
  random: () => number
  /** Why no webhook may be sent to an IP address; null where one may. */
  addressProblem: (address: string) => string | null
  /** Where a server of the cloud asks about itself. */
  metadataOrigin?: string
}

export function createServices(
  config: Config,
  { eventBridge, ...clients }: Clients,
  { random, addressProblem, metadataOrigin }: Surroundings,
): Services {
  const base = createBaseServices(config, clients, random)
  return {
    ...base,
    ...createCloudServices(base, metadataOrigin ? { metadataOrigin } : {}),
    ...createEventServices(base, eventBridge),
    ...createWebhookServices(base, addressProblem),
    ...createChannelServices(base, addressProblem),
    ...createLinkServices(base),
    ...createCalendarServices(base, addressProblem),
  }
}
