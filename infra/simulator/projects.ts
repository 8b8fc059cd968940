/** Several projects in one cloud: each has a fleet of its own, at paths that name it. */

import type { NamedProject } from './huawei/identity.ts'
import type { Route } from './route.ts'
import { createKeeping, keptIn } from './world/keeping.ts'
import type { SeedGroup } from './world/scaling-groups.ts'
import type { SeedServer } from './world/server.ts'
import { createState, type State } from './world/state.ts'
import type { Switches } from './world/switches/switches.ts'

export interface SeedFleet {
  /** The fleet to begin with, unless `file` holds one. */
  servers?: readonly SeedServer[]
  /** The Auto Scaling groups to begin with, unless `file` holds a fleet. */
  scalingGroups?: readonly SeedGroup[]
  /** Where the fleet and its jobs are kept from one start to the next. */
  file?: string
}
/** A project beside the first. */
export interface SeedProject extends NamedProject, SeedFleet {}

export function openState({ file, servers = [], scalingGroups = [] }: SeedFleet, switches: Switches) {
  const kept = file === undefined ? undefined : keptIn(file)
  const keeping = file === undefined ? null : createKeeping(file, () => state.kept(Date.now()))
  const state: State = createState(switches, kept, () => keeping?.changed())
  if (kept === undefined) {
    state.add(servers, Date.now())
    state.addGroups(scalingGroups, Date.now())
  }
  return { state, keeping }
}

/** Routes whose paths name a project, for this one alone. */
export const routesOf = (id: string, routes: readonly Route[]): Route[] =>
  routes
    .filter(({ path }) => path.includes('/:project/'))
    .map(route => {
      const named = (params: Record<string, string>) => ({ ...params, project: id })
      return {
        ...route,
        path: route.path.replace('/:project/', `/${id}/`),
        guard: (request, params, self) => route.guard(request, named(params), self),
        answer: (request, params) => route.answer(request, named(params)),
      }
    })
