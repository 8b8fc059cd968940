/** The route that asks which projects a key may use. */
import { connectionProblems } from '../../../core/documents/connection.ts'
import {
  askingConnection,
  connectionsTo,
  type Discovery,
  discoveryProblems,
} from '../../../core/documents/connections/discover.ts'
import { CloudError } from '../../../core/model/errors.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { foundInTime } from '../../late.ts'
import { throwUnprocessable } from '../../problem.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { DiscoverBody, Discovered } from '../../schemas/discover-schemas.ts'
import { allConnections } from './all.ts'
import { CONNECTION_EXAMPLES } from './examples.ts'

async function discover(discovery: Discovery, services: HttpServices) {
  const asking = askingConnection(discovery)
  const problems = [...discoveryProblems(discovery), ...connectionProblems(asking, services.config)]
  if (problems.length > 0) throwUnprocessable(problems)
  try {
    const cloud = await services.unsavedCloud(asking)
    const [projects, known] = await Promise.all([cloud.projects(), allConnections(services)])
    return { ok: true, ...connectionsTo(projects, discovery, known) }
  } catch (error) {
    if (error instanceof CloudError) return { ok: false, reason: error.message }
    throw error
  }
}

export const discoverRoutes = [
  defineRoute({
    method: 'POST',
    // It uses a secret by its name, as a PUT of a connection does.
    needs: 'admin',
    path: '/v1/connections/discover',
    operation: 'discoverConnections',
    examples: CONNECTION_EXAMPLES.discoverConnections,
    summary: 'Which projects a key may use, with a connection for each',
    description:
      'Nothing is saved: PUT the connections that are wanted. Where there is one to a project already, that one is shown.',
    body: { schema: DiscoverBody },
    answers: {
      200: { description: 'The projects, or what stood in the way.', schema: Discovered },
    },
    run: async ({ body }, services) => jsonAnswer(await foundInTime(services, discover(body, services))),
  }),
]
