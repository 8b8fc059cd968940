/**
 * Which servers are open: stopped by a run of ours, and seen running by none since. Worked out from the outcomes of
 * runs, whatever the order in which they are read.
 */
import { codeOf, type OutcomeCode, type Settled } from '../model/outcome.ts'
import { isEnded, type Run } from '../model/run.ts'

/** A server that was stopped longer ago than this is not started any more. */
const LEDGER_DAYS = 40
const DAY_MS = 86_400_000

export const ledgerStart = (now: number): string => new Date(now - LEDGER_DAYS * DAY_MS).toISOString()

/** The latest that is known of a server: when, and which run stopped it; `null`: it was seen running, or it is gone. */
interface Entry {
  at: string
  stoppedBy: Pick<Run, 'id' | 'policyId'> | null
}
/** By the id of the server. */
export type Ledger = Map<string, Entry>

/** Codes of a stop that say nothing of whether the server runs. */
const TELLS_NOTHING: ReadonlySet<OutcomeCode> = new Set([
  'protected',
  'excluded',
  'snoozed',
  'snooze-malformed',
  'unreadable',
  'wrong-kind',
  'in-scaling-group',
  'in-recycle-bin',
  'already-stopped',
  'not-active',
  'no-longer-matches',
  'busy',
  'frozen',
])
const IS_GONE: ReadonlySet<OutcomeCode> = new Set(['not-found', 'deleted'])

type NotedRun = Pick<Run, 'id' | 'policyId' | 'action' | 'startedAt'>

/** What an outcome says of its server. Every target of a stop was seen running: one that was not stopped is not ours to start. */
function entryOf(
  { id, policyId, action, startedAt }: NotedRun,
  settled: Pick<Settled, 'status' | 'code' | 'endedAt' | 'restartedAt'> &
    Partial<Pick<Settled, 'requestedAt'>>,
): Entry | null {
  const { status, code, endedAt, restartedAt, requestedAt } = settled
  const closed = { at: restartedAt ?? endedAt, stoppedBy: null }
  if (status === 'stopped' && restartedAt === undefined) return { at: endedAt, stoppedBy: { id, policyId } }
  if (status === 'stopped' || status === 'started' || code === 'already-running') return closed
  if (IS_GONE.has(code)) return closed
  if (action !== 'stop' || TELLS_NOTHING.has(code)) return null
  // Left without a request, it was seen running when it was selected: another run may have stopped it since.
  return requestedAt ? closed : { ...closed, at: startedAt ?? endedAt }
}

/** Whether any outcome of a run tells of a server: most runs over a fleet that stays off need not be read. */
export const tellsOfServers = (run: Run): boolean =>
  !isEnded(run) ||
  Object.keys(run.codes).some(key => entryOf(run, { ...codeOf(key), endedAt: run.dueAt }) !== null)

/** Notes what an outcome of a run says of its server, where nothing later is noted. */
export function noteOutcome(
  ledger: Ledger,
  run: NotedRun,
  { serverId, ...settled }: Settled & { serverId: string },
): void {
  const entry = entryOf(run, settled)
  const known = ledger.get(serverId)
  if (entry !== null && (known === undefined || known.at <= entry.at)) ledger.set(serverId, entry)
}

/**
 * The open servers of a policy, in a ledger of its own runs and of ad hoc ones: what these stopped is not its to start.
 * `undone`: those that this run stopped, instead.
 */
export const openServers = (ledger: Ledger, undone?: string): string[] =>
  [...ledger].flatMap(([id, { stoppedBy }]) => {
    if (stoppedBy === null) return []
    const isOurs = undone === undefined ? stoppedBy.policyId !== undefined : stoppedBy.id === undone
    return isOurs ? [id] : []
  })
