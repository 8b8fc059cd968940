/** The whole API, in the order in which it is documented. */
import type { Route } from './route.ts'
import { calendarRoutes } from './routes/calendars/calendars.ts'
import { channelRoutes } from './routes/channels/channels.ts'
import { channelTestRoutes } from './routes/channels/test.ts'
import { checkRoutes } from './routes/connections/check.ts'
import { connectionRoutes } from './routes/connections/connections.ts'
import { discoverRoutes } from './routes/connections/discover.ts'
import { feedRoutes } from './routes/feeds/feeds.ts'
import { nowRoutes } from './routes/overview/now.ts'
import { weekRoutes } from './routes/overview/week.ts'
import { delayRoutes } from './routes/policies/delay.ts'
import { policyRoutes } from './routes/policies/policies.ts'
import { previewRoutes } from './routes/policies/preview.ts'
import { snoozeRoutes } from './routes/policies/snooze.ts'
import { whyRoutes } from './routes/policies/why.ts'
import { outcomeRoutes } from './routes/runs/outcomes.ts'
import { runRoutes } from './routes/runs/runs.ts'
import { undoRoutes } from './routes/runs/undo.ts'
import { reconcileRoutes } from './routes/savings/reconcile.ts'
import { savingsRoutes } from './routes/savings/savings.ts'
import { coverageRoutes } from './routes/servers/coverage.ts'
import { serverRoutes } from './routes/servers/servers.ts'
import { serverSnoozeRoutes } from './routes/servers/snooze.ts'
import { changeRoutes } from './routes/service/changes.ts'
import { documentationRoutes } from './routes/service/documentation.ts'
import { healthRoutes } from './routes/service/health.ts'

export const ROUTES: Route[] = [
  ...healthRoutes,
  ...connectionRoutes,
  ...checkRoutes,
  ...discoverRoutes,
  ...channelRoutes,
  ...channelTestRoutes,
  ...calendarRoutes,
  ...policyRoutes,
  ...previewRoutes,
  ...whyRoutes,
  ...snoozeRoutes,
  ...delayRoutes,
  ...serverRoutes,
  ...serverSnoozeRoutes,
  ...coverageRoutes,
  ...savingsRoutes,
  ...reconcileRoutes,
  ...nowRoutes,
  ...weekRoutes,
  ...feedRoutes,
  ...runRoutes,
  ...undoRoutes,
  ...outcomeRoutes,
  ...changeRoutes,
  ...documentationRoutes(() => ROUTES),
]
