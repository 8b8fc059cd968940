/** One server as a search shows it: which policies are about it, and when they act on it next. */
import type { Action } from '../model/action.ts'
import type { ScalingGroups, Server } from '../model/cloud.ts'
import type { StoredPolicy } from '../model/model.ts'
import type { OutcomeCode } from '../model/outcome.ts'
import { createSelection, excludeReason, type Select, type Skip, selectorTest } from '../plan/select.ts'
import type { ServerSnoozes } from '../plan/server-snooze.ts'
import { skipBySnooze, snoozedUntilMs } from '../plan/snooze.ts'
import { isoInstant } from '../schedule/instant.ts'
import { nextStartAt, nextStopAt, type Switches } from '../tick/next-stop.ts'

/** Codes by which a server is left whatever its state, until a person changes something. */
const LASTING: ReadonlySet<OutcomeCode> = new Set([
  'protected',
  'snooze-malformed',
  'unreadable',
  'in-scaling-group',
])

/** A policy, prepared to be compared with many servers. */
export interface SelectingPolicy {
  policy: StoredPolicy
  /** Whether its selector matches and its `exclude` does not, by the rules of planning. */
  matches: (server: Server) => boolean
}

export function prepareSelection(policy: StoredPolicy): SelectingPolicy {
  const isSelected = selectorTest(policy.selector)
  const isExcluded = excludeReason(policy.exclude)
  const matches = (server: Server) => server.kind === policy.kind && isSelected(server) && !isExcluded(server)
  return { policy, matches }
}

/** What holds for the servers of a connection. */
export interface ConnectionOutlook {
  connection: string
  /** Those of the connection. */
  policies: SelectingPolicy[]
  switches: Switches
  /** Those that are guarded; `null` where they could not be read: no stop is made on a guess. */
  groups: ScalingGroups | null
  snoozes: ServerSnoozes
  now: number
}

type ServerOutlook = Omit<ConnectionOutlook, 'connection' | 'policies'>

interface ServerView {
  serverId: string
  name: string
  connection: string
  kind: Server['kind']
  status: string
  tags: Server['tags']
  policies: string[]
  nextStopAt: string | null
  nextStartAt: string | null
  protected: boolean
  protectedBecause: string | null
  snoozedUntil: string | null
  snoozeReason: string | null
}

/** Every server of a kind, to learn why one is left by whatever policy. */
const anySelection = ({ kind }: Server, { snoozes }: Kept, now: number): Select =>
  createSelection({ kind, selector: { all: true }, exclude: {}, snoozes }, now)

export type Kept = Pick<ServerOutlook, 'groups' | 'snoozes' | 'now'>

/** Why a server is left by every stop until a person changes something, once its snooze is over; `null`: it is not. */
export const keptBecause = (server: Server, around: Kept): Skip | null =>
  lastingSkip(
    server,
    around,
    snoozedUntilMs(server, { timeZone: 'UTC', snoozes: around.snoozes, now: around.now }) ?? around.now,
  )

function lastingSkip(server: Server, around: Kept, now: number): Skip | null {
  const decision = anySelection(server, around, now)(server, around.groups ?? undefined)
  return decision?.kind === 'skip' && LASTING.has(decision.code) ? decision : null
}

const earliest = (instants: (string | null)[]): string | null =>
  instants.filter(at => at !== null).toSorted()[0] ?? null

/** The next stop of a policy that a server would be in, whatever its state now; one that it is snoozed for is none. */
export function nextStopOf(policy: StoredPolicy, server: Server, around: ServerOutlook): string | null {
  const { switches, snoozes, now } = around
  const endMs = snoozedUntilMs(server, { timeZone: policy.schedule.timeZone, snoozes, now })
  if (around.groups === null || lastingSkip(server, around, endMs ?? now)) return null
  if (endMs === null) return nextStopAt(policy, switches)
  const later = Math.max(endMs, Date.parse(policy.snoozedUntil ?? isoInstant(endMs)))
  return nextStopAt({ ...policy, snoozedUntil: isoInstant(later) }, switches)
}

const nextOf = (
  action: Action,
  policies: StoredPolicy[],
  { server, around }: { server: Server; around: ConnectionOutlook },
): string | null =>
  earliest(
    policies.map(policy =>
      action === 'stop' ? nextStopOf(policy, server, around) : nextStartAt(policy, around.switches),
    ),
  )

/** A server as it is now. `nextStopAt` and `nextStartAt` are the earliest over the policies that match it. */
export function viewServer(server: Server, around: ConnectionOutlook): ServerView {
  const { snoozes, now } = around
  const snoozing = { timeZone: 'UTC', snoozes, now }
  const policies = around.policies.filter(({ matches }) => matches(server)).map(({ policy }) => policy)
  const snoozedMs = snoozedUntilMs(server, snoozing)
  const kept = keptBecause(server, around)
  const { id, name, kind, status, tags } = server
  return {
    serverId: id,
    name,
    connection: around.connection,
    kind,
    status,
    tags,
    policies: policies.map(policy => policy.id).toSorted(),
    nextStopAt: nextOf('stop', policies, { server, around }),
    nextStartAt: server.unreadable === undefined ? nextOf('start', policies, { server, around }) : null,
    protected: kept !== null,
    protectedBecause: kept?.reason ?? null,
    snoozedUntil: snoozedMs === null ? null : isoInstant(snoozedMs),
    snoozeReason: snoozedMs === null ? null : (skipBySnooze(server, snoozing)?.reason ?? null),
  }
}
