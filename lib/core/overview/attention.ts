/** What needs a person, as far as runs, keys and documents show it. */
import type { KeyHealth, StoredConnection } from '../model/connection.ts'
import { keyRefused } from '../model/credential-cooldown.ts'
import { isEnded, type Run } from '../model/run.ts'
import { foundNothing, hasLooked, isTrouble } from '../notify/metrics.ts'
import { isoInstant } from '../schedule/instant.ts'

const DAY_MS = 86_400_000
/** A policy that acted badly is told of for so long, unless it acts well before; a run without a policy for a day. */
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
  /** Those of the policies of these runs that are there still. */
  policyIds: ReadonlySet<string>
  refused: { health: KeyHealth; connection: StoredConnection }[]
  unreadable: UnreadableDocument[]
}

/** What a run's end says of its policy: nothing where it was not to act, or did not come to that. */
export function judgeEnd(run: Run): 'bad' | 'good' | 'none' {
  if (!isEnded(run) || run.dryRun || run.status === 'cancelled' || run.prematureAt !== undefined)
    return 'none'
  return isTrouble(run) ? 'bad' : 'good'
}

export const endedAtOf = ({ endedAt, dueAt }: Pick<Run, 'endedAt' | 'dueAt'>): string => endedAt ?? dueAt

/** The latest of the runs of each policy and action; a run without a policy is one by itself. */
function latestEnds(runs: Run[]): Run[] {
  const latest = new Map<string, Run>()
  for (const run of runs) {
    const key = run.policyId === undefined ? run.id : `${run.policyId} ${run.action}`
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
    ...{ connection, runId: id, at: endedAtOf(run) },
  }
}

/** The latest run of each policy and action that acted, where that ended badly. */
const badRuns = (runs: Run[]): Run[] =>
  latestEnds(runs.filter(run => judgeEnd(run) !== 'none')).filter(run => judgeEnd(run) === 'bad')

function badRunAttention({ runs, policyIds, now }: AttentionContext): Attention[] {
  const isRecent = (run: Run): boolean => {
    const isOfPolicy = run.policyId !== undefined && policyIds.has(run.policyId)
    return now - Date.parse(endedAtOf(run)) <= (isOfPolicy ? BAD_END_MS : DAY_MS)
  }
  return badRuns(runs).filter(isRecent).map(badRun)
}

/** The latest scheduled stop of each policy that looked, where it found no server. */
const emptyRuns = (runs: Run[]): Run[] =>
  latestEnds(
    runs
      .filter(run => run.trigger === 'schedule' && run.policyId !== undefined && judgeEnd(run) !== 'none')
      .filter(hasLooked),
  ).filter(foundNothing)

const emptyPolicyAttention = ({ runs, policyIds }: AttentionContext): Attention[] =>
  emptyRuns(runs)
    .filter(({ policyId }) => policyIds.has(policyId!))
    .map(run => ({
      code: 'matches-nothing',
      message: 'its latest scheduled stop found no server that its selector matches',
      ...{ policyId: run.policyId!, connection: run.connection, runId: run.id, at: endedAtOf(run) },
    }))

/** The policies whose runs may need a person. */
export const policiesInQuestion = (runs: Run[]): string[] =>
  [...new Set([...badRuns(runs), ...emptyRuns(runs)].flatMap(({ policyId }) => policyId ?? []))].slice(
    0,
    MAX_ATTENTION,
  )

const refusedKeyAttention = ({ refused, now }: AttentionContext): Attention[] =>
  refused.flatMap(({ health, connection }) => {
    const message = keyRefused(health, connection, now)
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
