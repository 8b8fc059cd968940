/** Selects the servers of the runs that came due together, and cuts them into chunks. */
import { PlanMessage } from '../lib/core/plan/plan.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { plan } from '../lib/steps/plan/plan.ts'

export const handler = queueHandler(PlanMessage, each(plan))
