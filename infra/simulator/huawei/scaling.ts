/** Auto Scaling, as far as it lists groups and their members (AS API reference, 2025-12). */
import { type Answer, type Request, type Route, refusal } from '../route.ts'
import type { GroupMember, ScalingGroup } from '../world/scaling-groups.ts'
import type { State } from '../world/state.ts'
import type { Switches } from '../world/switches/switches.ts'
import { grantedQuery, isAskedFor, notGranted } from './granted.ts'
import { GROUPS_PATH } from './paths.ts'

const DEFAULT_ROWS = 20
const MAX_ROWS = 100

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '')

/** The enterprise project of a group that names none. */
const projectOf = ({ enterpriseProjectId = '0' }: ScalingGroup): string => enterpriseProjectId

function groupItem(group: ScalingGroup) {
  const { id, name, members, paused, healthCheckSeconds, createdAt } = group
  return {
    scaling_group_id: id,
    scaling_group_name: name,
    scaling_group_status: paused ? 'PAUSED' : 'INSERVICE',
    scaling_configuration_id: id,
    scaling_configuration_name: `as-config-${name}`,
    current_instance_number: members.length,
    desire_instance_number: members.length,
    min_instance_number: 0,
    max_instance_number: 50,
    is_scaling: false,
    health_periodic_audit_method: 'NOVA_AUDIT',
    health_periodic_audit_time: Math.ceil(healthCheckSeconds / 60),
    create_time: iso(createdAt),
    enterprise_project_id: projectOf(group),
  }
}

function memberItem(group: ScalingGroup, { serverId, isMade }: GroupMember, name: string) {
  return {
    instance_id: serverId,
    instance_name: name,
    scaling_group_id: group.id,
    scaling_group_name: group.name,
    life_cycle_state: 'INSERVICE',
    health_status: 'NORMAL',
    // Of one that was added by hand no configuration is told.
    scaling_configuration_id: isMade ? group.id : null,
    scaling_configuration_name: isMade ? `as-config-${group.name}` : null,
    create_time: iso(group.createdAt),
    protect_from_scaling_down: false,
  }
}

/** A page of rows; an answer that refuses one that cannot be. */
export function scalingPage(name: string, rows: unknown[], { query }: Pick<Request, 'query'>): Answer {
  const start = Number(query.get('start_number') ?? 0)
  const limit = Number(query.get('limit') ?? DEFAULT_ROWS)
  const isWhole = [start, limit].every(number => Number.isInteger(number) && number >= 0)
  if (!isWhole || limit > MAX_ROWS) return refusal(400, 'AS.0007', 'start_number or limit is invalid')
  const shown = rows.slice(start, start + limit)
  return { status: 200, body: { total_number: rows.length, start_number: start, limit, [name]: shown } }
}

/** The groups that a query asks for; `null` where the key may not list them. */
function askedGroups(groups: readonly ScalingGroup[], query: URLSearchParams, switches: Switches) {
  const heard = grantedQuery(query, switches)
  const asked = heard?.get('enterprise_project_id') ?? null
  if (heard === null || asked === null) return heard && groups
  return groups.filter(group => isAskedFor(asked, projectOf(group)))
}

export function scalingRoutes(
  { state, switches }: { state: State; switches: Switches },
  guard: Route['guard'],
): Route[] {
  return [
    {
      name: 'groups',
      method: 'GET',
      path: GROUPS_PATH,
      guard,
      answer(request) {
        const groups = askedGroups(state.scalingGroups(request.now), request.query, switches)
        return groups === null
          ? notGranted('as:groups:list')
          : scalingPage('scaling_groups', groups.map(groupItem), request)
      },
    },
    {
      name: 'groupMembers',
      method: 'GET',
      path: '/autoscaling-api/v1/:project/scaling_group_instance/:id/list',
      guard,
      answer(request, { id = '' }) {
        const group = state.scalingGroups(request.now).find(one => one.id === id)
        if (group === undefined) return refusal(404, 'AS.2007', 'The AS group does not exist')
        if (switches.granted?.projects.includes(projectOf(group)) === false)
          return notGranted('as:instances:list')
        const items = group.members.map(member =>
          memberItem(group, member, state.server(member.serverId, request.now)?.name ?? ''),
        )
        return scalingPage('scaling_group_instances', items, request)
      },
    },
  ]
}
