/** The fresh look right before the act: who may still be asked. */

import type { Ask, WholeChunk } from '../model/chunk.ts'
import { isPoweringOff, NO_SCALING_GROUPS, type ScalingGroups, type Server } from '../model/cloud.ts'
import { unasked } from '../model/outcome.ts'
import { type Left, NO_FORCE_TAG, type Select, type Selecting, selection } from '../plan/select.ts'
import { type Advance, everAsked, resting } from './chunk-transitions.ts'

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
  const select = selection(selecting, now)
  return server => select(server, groups)
}

/**
 * Whether a server that was asked before may be asked once more, as it is now: nobody holds a hand over it since, and it is up and
 * idle. A hard stop may also follow a soft one that is still under way.
 */
export function mayRepeat(server: Server, select: Select, { escalation }: Pick<Ask, 'escalation'>): boolean {
  if (!escalation) return select(server)?.kind === 'target'
  const asIfIdle = isPoweringOff(server) ? { ...server, taskState: null } : server
  return !(NO_FORCE_TAG in server.tags) && select(asIfIdle)?.kind === 'target'
}

/** The servers that are to be read before anything more is asked; those that a refusal is laid to are read to be judged. */
export const idsToReread = ({ chunk, servers }: WholeChunk): string[] =>
  chunk.todo.filter(ask => !ask.refusal).flatMap(ask => ask.members.map(member => servers[member]!.id))

/** The servers as they are now: who must not be asked any more is settled, or only followed where it was asked before. */
export function reread(whole: WholeChunk, seen: Seen): Advance {
  const { chunk } = whole
  const { servers, now } = seen
  const select = selectionOf(seen)
  const asked = everAsked(chunk)
  const settled: Advance['settled'] = new Map()
  const keeps = (ask: Ask, member: number): boolean => {
    const server = servers.get(whole.servers[member]!.id)
    if (asked.has(member)) return server !== undefined && mayRepeat(server, select, ask)
    const left = whyLeft(server, select)
    if (left) settled.set(member, unasked({ status: 'skipped', ...left }, now))
    return left === null
  }
  const kept = (ask: Ask): Ask => {
    const members = ask.members.filter(member => keeps(ask, member))
    // Whoever is dropped here was probably the one at fault.
    return members.length < ask.members.length ? { ...ask, members, suspect: undefined } : ask
  }
  const todo = chunk.todo.map(ask => (ask.refusal ? ask : kept(ask))).filter(ask => ask.members.length > 0)
  return { chunk: resting({ ...chunk, readAt: new Date(now).toISOString(), todo }), settled }
}

function whyLeft(server: Server | undefined, select: Select): Left | null {
  if (!server) return { code: 'not-found', reason: 'it is gone' }
  const decision = select(server)
  if (decision === null) return { code: 'no-longer-matches', reason: 'the selector no longer matches it' }
  return decision.kind === 'left' ? { code: decision.code, reason: decision.reason } : null
}
