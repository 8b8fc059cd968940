/** The whole API, in the order in which it is documented. */
import type { Route } from './route.ts'
import { connectionRoutes } from './routes/connections.ts'
import { healthRoutes } from './routes/health.ts'
import { outcomeRoutes } from './routes/outcomes.ts'
import { policyRoutes } from './routes/policies.ts'
import { runRoutes } from './routes/runs.ts'

export const ROUTES: Route[] = [
  ...healthRoutes,
  ...connectionRoutes,
  ...policyRoutes,
  ...runRoutes,
  ...outcomeRoutes,
]
