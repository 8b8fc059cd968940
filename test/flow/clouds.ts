/** Projects of a cloud, each with two servers and at an address of its own. */
import { onTestFinished } from 'vitest'
import { startSimulator } from '../../infra/simulator/index.ts'
import { fleet, KEY } from './world.ts'

/** `isDenied`: whether the key has no right to list the servers of the nth project. */
export async function newClouds(count: number, isDenied: (n: number) => boolean) {
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const projectId = n.toString(16).padStart(32, '0')
      const body = {
        error_msg: "Policy doesn't allow ecs:cloudServers:list to be performed.",
        error_code: 'Pdp.0001',
      }
      const fault = {
        match: { route: 'list' as const },
        times: 1000,
        kind: 'status' as const,
        status: 403,
        body,
      }
      const switches = isDenied(n) ? { faults: [fault] } : {}
      const simulator = await startSimulator({ projectId, keys: [KEY], servers: fleet(2), switches })
      onTestFinished(() => simulator.close())
      const { url } = simulator
      const endpoints = { ecs: url, bms: url, iam: url, as: url }
      return { projectId, endpoints, stops: () => simulator.stops() }
    }),
  )
}
