/** The whole API, in the order in which it is documented. */
import type { Route } from './route.ts'
import { changeRoutes } from './routes/changes.ts'
import { checkRoutes } from './routes/check.ts'
import { connectionRoutes } from './routes/connections.ts'
import { documentationRoutes } from './routes/documentation.ts'
import { healthRoutes } from './routes/health.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { policyRoutes } from './routes/policies.ts'
import { previewRoutes } from './routes/preview.ts'
import { runRoutes } from './routes/runs.ts'
import { snoozeRoutes } from './routes/snooze.ts'
import { whyRoutes } from './routes/why.ts'

export const ROUTES: Route[] = [
  ...healthRoutes,
  ...connectionRoutes,
  ...checkRoutes,
  ...policyRoutes,
  ...previewRoutes,
  ...whyRoutes,
  ...snoozeRoutes,
  ...runRoutes,
  ...outcomeRoutes,
  ...changeRoutes,
  ...documentationRoutes(() => ROUTES),
]
