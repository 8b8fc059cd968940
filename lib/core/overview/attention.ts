/** What needs a person, as far as runs, keys and documents show it. */
import { aboutConnection, isUnmatched, type KeyHealth, type StoredConnection } from '../model/connection.ts'
import { keyCooldownReason } from '../model/credential-cooldown.ts'
import type { ConnectionFields } from '../model/model.ts'
import { isEnded, type Run } from '../model/run.ts'
import { foundNothing, hasLooked, isTrouble } from '../notify/metrics.ts'
import { isoInstant } from '../schedule/instant.ts'

const DAY_MS = 86_400_000
/** A policy that acted badly is told of for so long, unless it acts well before; a run without a policy, or an undo, for a day. */
export const BAD_END_MS = 7 * DAY_MS
const MAX_ATTENTION = 100

export const ATTENTION_CODES = [
  'run-failed',
  'run-partial',
  'run-blocked',
  'run-missed',
  'key-refused',
  'matches-nothing',
  'unreadable',
] as const

interface Attention {
  code: (typeof ATTENTION_CODES)[number]
  message: string
  policyId?: string
  connection?: string
  runId?: string
  at: string
}

/** A document that this version cannot read. */
export interface UnreadableDocument {
  kind: 'policy' | 'connection' | 'run' | 'settings'
  id: string
}

export interface AttentionContext {
  now: number
  /** Runs that may have ended badly, and others of their policies that ended since. */
  runs: Run[]
  /** The policies of these runs that still exist, by their ids. */
  policies: ReadonlyMap<string, ConnectionFields>
  refused: { health: KeyHealth; connection: StoredConnection }[]
  unreadable: UnreadableDocument[]
}

/** What a run's end says of its policy: `none` where the run was not to act, or never came to it. */
export function judgeEnd(run: Run): 'bad' | 'good' | 'none' {
  if (!isEnded(run) || run.dryRun || run.status === 'cancelled' || run.prematureAt !== undefined)
    return 'none'
  return isTrouble(run) ? 'bad' : 'good'
}

export const endedAtOf = ({ endedAt, dueAt }: Pick<Run, 'endedAt' | 'dueAt'>): string => endedAt ?? dueAt

/**
 * The latest of the runs of each policy, connection and action; a run without a policy is one by itself. So are the undos of a run: what
 * a start of the policy left off may be off still.
 */
function latestEnds(runs: Run[]): Run[] {
  const latest = new Map<string, Run>()
  for (const run of runs) {
    const { id, policyId, undoes, connection, action } = run
    const key = undoes ?? (policyId === undefined ? id : `${policyId} ${connection} ${action}`)
    const known = latest.get(key)
    if (!known || endedAtOf(known) < endedAtOf(run)) latest.set(key, run)
  }
  return [...latest.values()]
}

const END_WORDS = {
  failed: 'failed',
  partial: 'was carried out in part',
  blocked: 'was blocked',
  missed: 'was missed',
} as const
type BadStatus = keyof typeof END_WORDS

function badRun(run: Run): Attention {
  const { policyId, connection, id, action, reason = 'no reason is known' } = run
  const status = run.status as BadStatus
  return {
    code: `run-${status}`,
    message: `the ${action} ${END_WORDS[status]}: ${reason}`,
    ...(policyId === undefined ? {} : { policyId }),
    ...(isUnmatched(run) ? {} : { connection }),
    runId: id,
    at: endedAtOf(run),
  }
}

/** That no connection matched is over once one did. */
const isMatchedSince = (run: Run, runs: Run[]): boolean =>
  isUnmatched(run) &&
  runs.some(
    other =>
      other.policyId === run.policyId &&
      other.action === run.action &&
      other.dueAt > run.dueAt &&
      !isUnmatched(other),
  )

/** The latest run of each policy, connection and action that acted, where that ended badly. */
const badRuns = (runs: Run[]): Run[] =>
  latestEnds(runs.filter(run => judgeEnd(run) !== 'none')).filter(
    run => judgeEnd(run) === 'bad' && !isMatchedSince(run, runs),
  )

/** Whether its policy is there still, and still about its connection. An undo is of the run that it takes back. */
function isOfPolicy(run: Run, { policies }: AttentionContext): boolean {
  const isOwn = run.policyId !== undefined && run.undoes === undefined
  const policy = isOwn ? policies.get(run.policyId!) : undefined
  return policy !== undefined && (isUnmatched(run) || aboutConnection(policy)(run.connection))
}

function badRunAttention(context: AttentionContext): Attention[] {
  const { runs, now } = context
  const isRecent = (run: Run): boolean =>
    now - Date.parse(endedAtOf(run)) <= (isOfPolicy(run, context) ? BAD_END_MS : DAY_MS)
  return badRuns(runs).filter(isRecent).map(badRun)
}

/** The latest scheduled stop of each policy and connection that looked, where it found no server. */
const emptyRuns = (runs: Run[]): Run[] =>
  latestEnds(
    runs
      .filter(run => run.trigger === 'schedule' && run.policyId !== undefined && judgeEnd(run) !== 'none')
      .filter(hasLooked),
  ).filter(foundNothing)

const emptyPolicyAttention = (context: AttentionContext): Attention[] =>
  emptyRuns(context.runs)
    .filter(run => isOfPolicy(run, context))
    .map(run => ({
      code: 'matches-nothing',
      message: 'its latest scheduled stop found no server that its selector matches',
      policyId: run.policyId!,
      connection: run.connection,
      runId: run.id,
      at: endedAtOf(run),
    }))

/** The policies whose runs may need a person. */
export const policiesInQuestion = (runs: Run[]): string[] =>
  [...new Set([...badRuns(runs), ...emptyRuns(runs)].flatMap(({ policyId }) => policyId ?? []))].slice(
    0,
    MAX_ATTENTION,
  )

const refusedKeyAttention = ({ refused, now }: AttentionContext): Attention[] =>
  refused.flatMap(({ health, connection }) => {
    const message = keyCooldownReason(health, connection, now)
    return message === null
      ? []
      : [{ code: 'key-refused' as const, message, connection: connection.id, at: health.refusedAt }]
  })

function unreadableAttention({ kind, id }: UnreadableDocument, at: string): Attention {
  const named = kind === 'settings' ? 'the settings' : `${kind} ${id}`
  const remedy = kind === 'run' ? '' : ': PUT it again, or DELETE it'
  return {
    code: 'unreadable',
    message: `${named}, as stored, cannot be read by this version${kind === 'settings' ? ': PUT them again' : remedy}`,
    ...(kind === 'policy' ? { policyId: id } : {}),
    ...(kind === 'connection' ? { connection: id } : {}),
    ...(kind === 'run' ? { runId: id } : {}),
    at,
  }
}

/** What needs a person, the latest first. */
export function attentionOf(context: AttentionContext): Attention[] {
  const at = isoInstant(context.now)
  const all = [
    ...badRunAttention(context),
    ...emptyPolicyAttention(context),
    ...refusedKeyAttention(context),
    ...context.unreadable.map(one => unreadableAttention(one, at)),
  ]
  return all.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, MAX_ATTENTION)
}
