/** Decides what to do next with a chunk that still has something to ask. */
import { ACTIONS } from '../model/action.ts'
import type { Ask, ChunkInRun, WholeChunk } from '../model/chunk.ts'
import { MAX_CHUNK_SERVERS } from '../model/cloud.ts'
import type { Connection, StoredConnection } from '../model/connection.ts'
import type { ActSettings, ConnectionPolicy, Kind } from '../model/model.ts'
import { isEnded, manualRun, type Run, type Withheld } from '../model/run.ts'
import type { Rules } from '../plan/rules.ts'
import { NO_SNOOZES, snoozeEnd } from '../plan/server-snooze.ts'
import { isoInstant } from '../schedule/instant.ts'
import { everAsked } from './chunk-transitions.ts'
import { haltReason } from './halt.ts'
import { idsToReread } from './recheck-before-send.ts'
import { requestSize } from './refusal.ts'

/** A chunk whose servers were read longer ago than this reads them again before it asks. */
const FRESH_MS = 60_000

/** What is known of the world right before a call. */
export interface Guard extends ActSettings {
  connection: StoredConnection | null
  sendDeadlineMinutes: number
  now: number
}

export type ChunkDecision =
  | { kind: 'withhold'; withheld: Withheld }
  | { kind: 'recover' }
  | { kind: 'read'; ids: string[]; connection: StoredConnection }
  | { kind: 'judge'; ids: string[]; connection: StoredConnection }
  | { kind: 'ask'; call: 'request' | 'requestEach'; ask: Ask; ids: string[]; connection: StoredConnection }
  | { kind: 'follow' }
  | { kind: 'done' }

/** Why nothing more of a run may be sent; `null` when it may. */
export function whyWithheld(
  run: Run,
  rules: Pick<Rules, 'haltShare'> & Partial<Pick<Rules, 'endsAt' | 'retryMinutes'>>,
  guard: Guard,
): Withheld | null {
  if (run.withheld) return run.withheld
  if (run.cancel)
    return { code: 'cancelled', reason: `cancelled by ${run.cancel.actor}: ${run.cancel.reason}` }
  const { disabled } = ACTIONS[run.action]
  if (!guard[ACTIONS[run.action].switch])
    return { code: disabled, reason: `all ${run.action}s are switched off (PUT /v1/settings)` }
  if (!guard.connection?.enabled)
    return {
      code: 'connection-disabled',
      reason: `connection ${run.connection} ${guard.connection ? 'is disabled' : 'was deleted'}`,
    }
  if (guard.now > Date.parse(run.dueAt) + guard.sendDeadlineMinutes * 60_000)
    return {
      code: 'too-late',
      reason: `not sent within ${guard.sendDeadlineMinutes} minutes of ${run.dueAt}`,
    }
  const { endsAt = null } = rules
  if (endsAt !== null && guard.now >= endsAt) {
    const next = run.action === 'stop' ? 'start' : 'stop'
    return {
      code: 'too-late',
      reason: `not sent before ${isoInstant(endsAt)}, when its policy's next ${next} was due`,
    }
  }
  const halt = haltReason(run, rules.haltShare)
  return halt === null ? null : { code: 'halted', reason: halt }
}

/** Why a manual run of a policy would send nothing now; `null` when it would. */
export const withheldNow = (policy: ConnectionPolicy, guard: Guard): Withheld | null =>
  whyWithheld(
    manualRun(
      {
        id: 'now',
        action: 'stop',
        policyId: policy.id,
        policy,
        connection: policy.connection,
        dryRun: false,
        overrideLimits: false,
      },
      { actor: 'nobody', now: guard.now },
    ),
    policy,
    guard,
  )

/** How many targets one request may name: the cloud's limit, or the connection's own pace where that is lower. */
export const chunkSize = (connection: Connection, kind: Kind): number =>
  Math.min(MAX_CHUNK_SERVERS, connection.maxServersPerMinute[kind] ?? MAX_CHUNK_SERVERS)

const idsOf = ({ servers }: WholeChunk, { members }: Ask): string[] =>
  members.map(member => servers[member]!.id)

/** What to do with a chunk that has nothing to ask; `null` where it has something, which takes a look at the world. */
export function withoutAsking({ chunk, settled }: WholeChunk): ChunkDecision | null {
  if (chunk.status === 'done') return { kind: 'done' }
  if (chunk.status === 'sending') return { kind: 'recover' }
  if (chunk.todo.length > 0) return null
  return settled.size === chunk.size ? { kind: 'done' } : { kind: 'follow' }
}

interface Repeating {
  chunk: WholeChunk['chunk']
  ask: Ask
  run: Run
  rules: Partial<Pick<Rules, 'retryMinutes'>>
  guard: Guard
}

/** A start that waited for room is sent as long as it is to be asked again: what was to be sent in time was. */
function repeatingGuard({ chunk, ask, run, rules, guard }: Repeating): Guard {
  const asked = everAsked(chunk)
  const repeats = ACTIONS[run.action].goal === 'on' && ask.members.every(member => asked.has(member))
  const { retryMinutes = 0 } = rules
  return repeats ? { ...guard, sendDeadlineMinutes: guard.sendDeadlineMinutes + retryMinutes } : guard
}

/** Whether a server that is to be asked was snoozed since it was read: all are read again, and it is left. */
function hasSnoozed(
  ids: string[],
  { run, rules, now }: { run: Run; rules: StepRules; now: number },
): boolean {
  const { snoozes = NO_SNOOZES } = rules
  if (!ACTIONS[run.action].heedsTags || snoozes.size === 0) return false
  return ids.some(id => snoozes.get(id) === null || snoozeEnd(snoozes.get(id), now) !== null)
}

type StepRules = Parameters<typeof whyWithheld>[1] & Pick<Rules, 'snoozes'>

/** The one next thing to do with a chunk. */
export function nextChunkStep(
  { whole, run, rules }: Pick<ChunkInRun, 'whole' | 'run'> & { rules: StepRules },
  guard: Guard,
): ChunkDecision {
  const rest = isEnded(run) ? { kind: 'done' as const } : withoutAsking(whole)
  if (rest) return rest
  const { chunk } = whole
  const ask = chunk.todo[0]!
  const withheld = whyWithheld(run, rules, repeatingGuard({ chunk, ask, run, rules, guard }))
  if (withheld) return { kind: 'withhold', withheld }
  const connection = guard.connection!
  if (ask.refusal) return { kind: 'judge', ids: chunk.todo.flatMap(one => idsOf(whole, one)), connection }
  const ids = idsToReread(whole)
  const isStale = guard.now - Date.parse(chunk.readAt) > FRESH_MS
  if (isStale || hasSnoozed(ids, { run, rules, now: guard.now })) return { kind: 'read', ids, connection }
  const most = Math.min(chunkSize(connection, run.kind), requestSize(chunk, ask))
  const now = { ...ask, members: ask.members.slice(0, most) }
  const call = ask.native === undefined ? 'request' : 'requestEach'
  return { kind: 'ask', call, ask: now, ids: idsOf(whole, now), connection }
}
