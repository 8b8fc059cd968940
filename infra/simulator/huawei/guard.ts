/** Who is let in: by signature, project, rights, and how much was asked. */
import type { Kind } from '../../../lib/core/model/model.ts'
import { gatewayRefusal, type Route, refusal, throttled } from '../route.ts'
import type { Windows } from '../world/limits.ts'
import type { RouteName } from '../world/switches/faults.ts'
import type { Switches } from '../world/switches/switches.ts'
import { callerOf, createSignatureCheck, type Key } from './auth.ts'
import { notGranted } from './granted.ts'

type Guard = Route['guard']
interface Signers {
  /** Every key that may sign. */
  signers: () => readonly Key[]
  switches: Switches
}

/** Judges signatures, which five bad ones in a row lock whatever the project. */
export function createSigned({ signers, switches }: Signers): Guard {
  const check = createSignatureCheck(signers)
  return ({ method, path, rawQuery, headers, body, now }) => {
    const plain = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value?.toString()]))
    const bad = check(
      { method, path, query: rawQuery, headers: plain, body },
      now + switches.clockSkewSeconds * 1000,
    )
    return bad === null ? null : gatewayRefusal(401, bad.code, bad.message)
  }
}

const sameForBoth = (action: string): Record<Kind, string> => ({ ecs: action, bms: action })
/** What a session policy must allow, as identity policies name it, by what is asked. */
const ACTIONS_OF_ROUTES: Partial<Record<RouteName, Record<Kind, string>>> = {
  list: { ecs: 'ecs:cloudServers:listServersDetails', bms: 'bms:servers:list' },
  server: { ecs: 'ecs:cloudServers:showServer', bms: 'bms:servers:showBaremetalServer' },
  stop: { ecs: 'ecs:cloudServers:stop', bms: 'bms:servers:stop' },
  start: { ecs: 'ecs:cloudServers:start', bms: 'bms:servers:start' },
  novaStop: sameForBoth('ecs:servers:stop'),
  novaStart: sameForBoth('ecs:servers:start'),
  groups: sameForBoth('as:scalingGroup:list'),
  groupMembers: sameForBoth('as:scalingGroup:listInstances'),
  flavors: sameForBoth('ecs:cloudServerFlavors:get'),
}

/** The action that a key lacks; null where it lacks none. */
function deniedAction(key: Key, { name, kind = 'ecs' }: Route, projectId: string): string | null {
  const { projects, denied, allows } = key
  const action = ACTIONS_OF_ROUTES[name]?.[kind]
  const isAllowed = !allows || action === undefined || allows.includes(action)
  const isIn = projects?.includes(projectId) !== false && denied?.includes(projectId) !== true
  return isAllowed && isIn ? null : (action ?? name)
}

/** Signature, project, rights, requests in a minute: in this order. */
export function createGuard(cloud: Signers & { projectId: string }, signed: Guard, windows: Windows): Guard {
  const { projectId, signers, switches } = cloud
  return (request, params, route) => {
    const bad = signed(request, params, route)
    if (bad !== null) return bad
    if (params.project !== projectId)
      return refusal(400, 'Common.0018', 'The project in the URL is not that of the key')
    const lacking = deniedAction(callerOf(request.headers, signers()), route, projectId)
    if (lacking !== null) return notGranted(lacking)
    const { name } = route
    const { now } = request
    const limit = switches.requestsPerMinute[name]
    return limit === undefined || windows.takes(name, 1, { limit, now }) ? null : throttled(limit)
  }
}
