/** Announces ended runs, delivers their webhooks, looks an hour later which servers are up again; warns of stops; sends messages to channels; reads calendars. */
import { NotifyMessage } from '../lib/core/notify/notify.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { liveServices } from '../lib/runtime/services/base.ts'
import { createEventServices } from '../lib/runtime/services/bus.ts'
import { createCalendarServices } from '../lib/runtime/services/calendar.ts'
import { createChannelServices } from '../lib/runtime/services/channel.ts'
import { createCloudServices } from '../lib/runtime/services/cloud.ts'
import { createLinkServices } from '../lib/runtime/services/links.ts'
import { createWebhookServices } from '../lib/runtime/services/webhook.ts'
import { notify } from '../lib/steps/notify/notify.ts'

const services = liveServices(base => ({
  ...base,
  ...createCloudServices(base),
  ...createEventServices(base),
  ...createWebhookServices(base),
  ...createChannelServices(base),
  ...createLinkServices(base),
  ...createCalendarServices(base),
}))

export const handler = queueHandler(NotifyMessage, each(notify), services)
