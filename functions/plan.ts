/** Selects the servers of the runs that came due together, and cuts them into chunks. */
import { PlanMessage } from '../lib/core/plan/plan.ts'
import { each, queueHandler } from '../lib/runtime/handler.ts'
import { liveServices } from '../lib/runtime/services/base.ts'
import { createCloudServices } from '../lib/runtime/services/cloud.ts'
import { plan } from '../lib/steps/plan/plan.ts'

const services = liveServices(base => ({ ...base, ...createCloudServices(base) }))

export const handler = queueHandler(PlanMessage, each(plan), services)
