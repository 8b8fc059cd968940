/** Auto Scaling groups, which remove members that are off. */
import { type ServerState, uuidOf } from './server.ts'
import type { Servers } from './servers.ts'

/** An Auto Scaling group as it begins. */
export interface SeedGroup {
  name: string
  /** Servers that a scaling action made: those that the group deletes. */
  made?: readonly string[]
  /** Servers that somebody added: those that the group only lets go. */
  added?: readonly string[]
  /** Default 300. */
  healthCheckSeconds?: number
  /** A group that is disabled goes on looking, and does nothing. Default false. */
  paused?: boolean
  /** Default `0`. */
  enterpriseProjectId?: string
}

export interface GroupMember {
  serverId: string
  isMade: boolean
}
export interface ScalingGroup {
  id: string
  name: string
  members: GroupMember[]
  healthCheckSeconds: number
  paused: boolean
  /** Absent in groups of earlier versions: `0`. */
  enterpriseProjectId?: string
  createdAt: number
  /** When its latest health check was due. */
  checkedAt: number
}

interface ScalingGroupsOfProject {
  add(seeds: readonly SeedGroup[], now: number): void
  list(): readonly ScalingGroup[]
  /** Adds a server by hand. Throws when there is no such group. */
  join(name: string, serverId: string): void
  /** Carries out the health checks that were due until now; true when one of them let a member go. */
  check(now: number): boolean
}

/** Unhealthy is a server that was off already when the check was due ("Configuring a Health Check", `NOVA_AUDIT`). */
const isUnhealthy = (server: ServerState, checkedAt: number): boolean =>
  server.status === 'SHUTOFF' && server.updatedAt <= checkedAt

export function createScalingGroups(
  servers: Servers,
  kept: readonly ScalingGroup[] = [],
): ScalingGroupsOfProject {
  const groups = [...kept]

  /** Whether the group lets a member go; one that it made is deleted. */
  function letGo({ paused, checkedAt }: ScalingGroup, member: GroupMember, now: number): boolean {
    const server = servers.server(member.serverId, now)
    if (server === undefined) return true
    if (paused || !isUnhealthy(server, checkedAt)) return false
    if (member.isMade) servers.remove(member.serverId)
    return true
  }

  function checkGroup(group: ScalingGroup, now: number): boolean {
    const periodMs = group.healthCheckSeconds * 1000
    const periods = Math.floor((now - group.checkedAt) / periodMs)
    if (periods < 1) return false
    group.checkedAt += periods * periodMs
    const before = group.members.length
    group.members = group.members.filter(member => !letGo(group, member, now))
    return group.members.length < before
  }

  return {
    add(seeds, now) {
      for (const { name, made = [], added = [], healthCheckSeconds = 300, paused = false, ...rest } of seeds)
        groups.push({
          ...rest,
          id: uuidOf(`scaling group ${name}`),
          name,
          members: [
            ...made.map(serverId => ({ serverId, isMade: true })),
            ...added.map(serverId => ({ serverId, isMade: false })),
          ],
          healthCheckSeconds,
          paused,
          createdAt: now,
          checkedAt: now,
        })
    },
    list: () => groups,
    join(name, serverId) {
      const group = groups.find(one => one.name === name)
      if (group === undefined) throw new Error(`No scaling group ${name} in the simulator`)
      group.members.push({ serverId, isMade: false })
    },
    check: now => groups.map(group => checkGroup(group, now)).some(changed => changed),
  }
}
