/** The fresh read right before a request: which servers may still be asked. */

import { isUnderWay } from '../model/action.ts'
import type { Ask, WholeChunk } from '../model/chunk.ts'
import { NO_SCALING_GROUPS, type ScalingGroups, type Server } from '../model/cloud.ts'
import { outcomeWithoutRequest } from '../model/outcome.ts'
import { createSelection, NO_FORCE_TAG, type Select, type Selecting, type Skip } from '../plan/select.ts'
import { isoInstant } from '../schedule/instant.ts'
import { type Advance, everAsked, withIdleStatus } from './chunk-transitions.ts'

/** What a fresh look shows. */
export interface Seen {
  servers: Map<string, Server>
  selecting: Selecting
  now: number
  /** Those that are guarded; none where it is left out. */
  groups?: ScalingGroups
}

/** The selection of a fresh look, its scaling groups included. */
export function selectionOf({ selecting, now, groups = NO_SCALING_GROUPS }: Omit<Seen, 'servers'>): Select {
  const select = createSelection(selecting, now)
  return server => select(server, groups)
}

/**
 * Whether a server that was asked before may be asked once more, as it is now: nothing protects it since, and it is up and
 * idle. A hard stop may also follow a soft one that is still under way.
 */
export function mayRepeat(server: Server, select: Select, { escalation }: Pick<Ask, 'escalation'>): boolean {
  if (!escalation) return select(server)?.kind === 'target'
  const asIfIdle = isUnderWay('stop', server) ? { ...server, busy: null } : server
  return !(NO_FORCE_TAG in server.tags) && select(asIfIdle)?.kind === 'target'
}

/** The servers that are to be read before anything more is asked; those that a refusal is laid to are read to be judged. */
export const idsToReread = ({ chunk, servers }: WholeChunk): string[] =>
  chunk.todo.filter(ask => !ask.refusal).flatMap(ask => ask.members.map(member => servers[member]!.id))

/** Applies a fresh read: a server that must not be asked any more is settled, or only followed if it was asked before. */
export function applyReread(whole: WholeChunk, seen: Seen): Advance {
  const { chunk } = whole
  const { servers, now } = seen
  const select = selectionOf(seen)
  const asked = everAsked(chunk)
  const settled: Advance['settled'] = new Map()
  const keeps = (ask: Ask, member: number): boolean => {
    const server = servers.get(whole.servers[member]!.id)
    if (asked.has(member)) return server !== undefined && mayRepeat(server, select, ask)
    const left = whySkipped(server, select)
    if (left) settled.set(member, outcomeWithoutRequest({ status: 'skipped', ...left }, now))
    return left === null
  }
  const kept = (ask: Ask): Ask => {
    const members = ask.members.filter(member => keeps(ask, member))
    // A server dropped here was probably the one at fault.
    return members.length < ask.members.length ? { ...ask, members, suspect: undefined } : ask
  }
  const todo = chunk.todo.map(ask => (ask.refusal ? ask : kept(ask))).filter(ask => ask.members.length > 0)
  return { chunk: withIdleStatus({ ...chunk, readAt: isoInstant(now), todo }), settled }
}

function whySkipped(server: Server | undefined, select: Select): Skip | null {
  if (!server) return { code: 'not-found', reason: 'it is gone' }
  const decision = select(server)
  if (decision === null) return { code: 'no-longer-matches', reason: 'the selector no longer matches it' }
  return decision.kind === 'skip' ? { code: decision.code, reason: decision.reason } : null
}
