/** What a careful colleague would say about a policy before it is used. */

import { nearestWord } from '../documents/did-you-mean.ts'
import { quoteValue } from '../documents/problem.ts'
import type { Member } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import type { Policy } from '../model/model.ts'
import type { SkippedServer } from '../plan/planner.ts'
import { OUR_TAGS } from '../plan/select.ts'
import { clockTroubles } from '../schedule/clock-change.ts'
import type { Schedules } from '../schedule/start.ts'
import { localTime } from '../schedule/zone.ts'
import { calendarWarnings, leftOutWarnings } from './calendar-warnings.ts'
import { selectedNothing, someOf, unmetConditions } from './empty-selection.ts'

export interface Warning {
  code: string
  message: string
  /** Servers it is about, the first hundred. */
  servers?: { serverId: string; name: string }[]
}

/** What a preview found. */
export interface PreviewSeen {
  policy: Policy & Schedules & { snoozedUntil?: string | null; snoozeReason?: string | null }
  now: number
  /** All of the kind. */
  servers: Server[]
  targets: Server[]
  left: SkippedServer[]
  /** The next ones, ms since the epoch. */
  dueTimes: number[]
  /** Why no limit or switch lets it stop anything. */
  blockedBy: string | null
  compared: Compared
}

/** The other policies, compared with this one. */
export interface Compared {
  overlaps: Overlap[]
  /** Ids of those that cannot be read. */
  unreadable: string[]
  /** How many were compared, where all of them would take too long. */
  cutAfter: number | null
}
/** Another policy that is enabled and would stop some of the servers in scope, too. */
export interface Overlap {
  policyId: string
  count: number
  /** The first hundred. */
  servers: Member[]
}

export const YEAR_MS = 366 * 86_400_000
export const MAX_SERVERS = 100

export const serversText = (count: number): string => (count === 1 ? '1 server' : `${count} servers`)

/** The servers that a warning is about. */
export const aboutServers = (servers: (Server | Member)[]): Pick<Warning, 'servers'> => ({
  servers: servers.slice(0, MAX_SERVERS).map(({ id, name }) => ({ serverId: id, name })),
})

/** Why a policy lets due times pass. */
export function restWarnings({ policy, now }: Pick<PreviewSeen, 'policy' | 'now'>): Warning[] {
  const { enabled, snoozedUntil = null, snoozeReason } = policy
  const warnings: Warning[] = []
  const warn = (code: string, message: string) => warnings.push({ code, message })
  if (!enabled) warn('policy-disabled', 'the policy is disabled: none of its due times makes a run')
  if (snoozedUntil !== null && Date.parse(snoozedUntil) > now)
    warn('snoozed', `due times before ${snoozedUntil} are skipped: ${snoozeReason ?? 'no reason given'}`)
  return [...warnings, ...leftOutWarnings(policy, now)]
}

export function scheduleWarnings({ policy, now, dueTimes }: PreviewSeen): Warning[] {
  const { schedule } = policy
  const [next] = dueTimes
  const warnings = restWarnings({ policy, now })
  const warn = (code: string, message: string) => warnings.push({ code, message })
  if (next === undefined)
    warn('never-due', 'it is not due once in the next 50 years: skipDates leave no time')
  else if (next - now > YEAR_MS)
    warn('due-far', `it is next due more than a year from now, at ${localTime(next, schedule.timeZone)}`)
  return [
    ...warnings,
    ...calendarWarnings(policy, now),
    ...clockTroubles(schedule, { fromMs: now, untilMs: now + YEAR_MS }),
  ]
}

export function selectionWarnings({ policy, servers, targets, left }: PreviewSeen): Warning[] {
  const unknown = left.filter(({ settled }) => settled.code === 'not-found').map(({ member }) => member)
  const malformed = left.filter(({ settled }) => settled.code === 'snooze-malformed')
  const warnings: Warning[] = []
  if (targets.length + left.length === unknown.length)
    warnings.push({ code: 'selects-nothing', message: selectedNothing(policy.selector, servers) })
  else if (unknown.length > 0)
    warnings.push({
      code: 'unknown-ids',
      message: `${unknown.length} of the ${policy.selector.ids?.length} ids are no server's`,
      ...aboutServers(unknown),
    })
  if (malformed.length > 0)
    warnings.push({
      code: 'snooze-malformed',
      message: `${serversText(malformed.length)} left alone for a tag that cannot be read: ${malformed[0]!.settled.reason}`,
      ...aboutServers(malformed.map(({ member }) => member)),
    })
  return warnings
}

/** What is to keep servers from being stopped, and keeps none. */
function keepingWarnings({ policy, servers, targets }: PreviewSeen): Warning[] {
  const unmet = servers.length === 0 ? [] : unmetConditions(policy.exclude, servers)
  const found = targets.flatMap(server => Object.keys(server.tags).map(tag => ({ tag, server })))
  // They look as if they were for us, and are not.
  const foreign = found.filter(({ tag }) => /^curfew/i.test(tag) && !OUR_TAGS.includes(tag))
  const unknown = [...Map.groupBy(foreign, ({ tag }) => tag)].map(([tag, all]) => {
    const meant = nearestWord(tag, OUR_TAGS)
    const hint = meant === null ? `there are ${OUR_TAGS.join(', ')}` : `did you mean ${meant}?`
    const message = `${serversText(all.length)} would be stopped with the tag ${quoteValue(tag)}, which means nothing here; ${hint}`
    return { code: 'unknown-tag', message, ...aboutServers(all.map(({ server }) => server)) }
  })
  return [...unmet.map(message => ({ code: 'excludes-nothing', message: `exclude: ${message}` })), ...unknown]
}

/** Flavours whose price does not fall when they are off (ECS price details, "Billing for stopped ECSs"). */
const COSTS_WHEN_OFF = /^(d\d\w*|ir?\d\w*|h2|p1|p2|fp1c?|physical)$/i

const SAVES_NOTHING: [why: string, is: (server: Server) => boolean][] = [
  ['they are bare metal, which is paid for whether it runs or not', ({ kind }) => kind === 'bms'],
  ['they are paid for by the year or month', ({ chargingMode }) => chargingMode === 'yearlyMonthly'],
  [
    'their flavor has local disks, an FPGA or bare metal, and costs as much when off',
    ({ flavor }) => COSTS_WHEN_OFF.test(flavor.split('.')[0]!),
  ],
]

/** Each server counts under the first cause that holds for it. */
function savingWarnings({ targets }: PreviewSeen): Warning[] {
  const groups = Map.groupBy(targets, server => SAVES_NOTHING.find(([, is]) => is(server))?.[0])
  return SAVES_NOTHING.flatMap(([why]) => {
    const servers = groups.get(why) ?? []
    if (servers.length === 0) return []
    const message = `stopping ${servers.length} of the ${targets.length} targets saves nothing: ${why}`
    return [{ code: 'saves-nothing', message, ...aboutServers(servers) }]
  })
}

export function limitWarnings({ policy, blockedBy }: PreviewSeen): Warning[] {
  const { maxServers, maxPercent } = policy.limits
  const warnings: Warning[] = []
  if (maxServers === null && maxPercent === null)
    warnings.push({
      code: 'no-limits',
      message:
        'neither limits.maxServers nor limits.maxPercent is set: a selector gone wrong stops whatever it matches',
    })
  if (blockedBy !== null) warnings.push({ code: 'blocked', message: blockedBy })
  return warnings
}

export function comparedWarnings({ compared: { overlaps, unreadable, cutAfter } }: PreviewSeen): Warning[] {
  const warnings: Warning[] = []
  if (unreadable.length > 0)
    warnings.push({
      code: 'unreadable-policies',
      message: `${someOf(unreadable)}: policies that cannot be read by this version, and were not compared with this one`,
    })
  if (cutAfter !== null)
    warnings.push({
      code: 'policies-not-compared',
      message: `only the first ${cutAfter} of the other policies were compared with this one: they are very long, and all of them would take too long`,
    })
  const overlapping = overlaps.map(({ policyId, count, servers }) => ({
    code: 'overlap',
    message: `policy ${policyId} stops ${count} of these servers, too, off now or not`,
    ...aboutServers(servers),
  }))
  return [...warnings, ...overlapping]
}

/** What gives pause, the schedule first. */
export const allWarnings = (sight: PreviewSeen): Warning[] => [
  ...scheduleWarnings(sight),
  ...selectionWarnings(sight),
  ...limitWarnings(sight),
  ...savingWarnings(sight),
]
/** The same, of what there may be very many. */
export const manyWarnings = (sight: PreviewSeen): Warning[] => [
  ...keepingWarnings(sight),
  ...comparedWarnings(sight),
]

const MAX_WARNINGS = 100
/** Servers named over all warnings. */
const MAX_SERVERS_NAMED = 1000

/** The first hundred of them, with the servers that there is room for. */
export function firstWarnings(all: Warning[]): Warning[] {
  let room = MAX_SERVERS_NAMED
  return all.slice(0, MAX_WARNINGS).map(warning => {
    const servers = warning.servers?.slice(0, room)
    room -= servers?.length ?? 0
    return servers ? { ...warning, servers } : warning
  })
}
