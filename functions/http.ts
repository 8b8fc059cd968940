/** The line's other door: makes runs, and shows what the table holds. What each route does stands in lib/http/routes. */
import { httpHandler } from '../lib/http/handler.ts'
import { linkRoutes } from '../lib/http/routes/links/snooze.ts'
import { consoleRoutes } from '../lib/http/routes/service/console.ts'
import { ROUTES } from '../lib/http/routes.ts'
import { liveServices } from '../lib/runtime/services/base.ts'
import { createCalendarServices } from '../lib/runtime/services/calendar.ts'
import { createChannelServices } from '../lib/runtime/services/channel.ts'
import { createCloudServices } from '../lib/runtime/services/cloud.ts'
import { createLinkServices } from '../lib/runtime/services/links.ts'

const services = liveServices(base => ({
  ...base,
  ...createCloudServices(base),
  ...createChannelServices(base),
  ...createLinkServices(base),
  ...createCalendarServices(base),
}))

export const handler = httpHandler([...ROUTES, ...consoleRoutes, ...linkRoutes], services)
