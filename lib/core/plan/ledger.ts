/**
 * Which servers are open: stopped by a run of ours, and seen running by none since. Worked out from the outcomes of
 * runs, whatever the order in which they are read.
 */
import { codeOf, type OutcomeCode, type Settled, type SkippedCode } from '../model/outcome.ts'
import { isEnded, type Run } from '../model/run.ts'
import { isHeldOff } from './select.ts'

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

/** `running`: it was seen so when the run selected it. */
type SkipTells = 'nothing' | 'running' | 'gone'

/** What the code of a server that a stop skipped tells of it. */
const SKIP_TELLS: Record<SkippedCode, SkipTells> = {
  protected: 'nothing',
  excluded: 'nothing',
  snoozed: 'nothing',
  'snooze-malformed': 'nothing',
  unreadable: 'nothing',
  'wrong-kind': 'nothing',
  'in-scaling-group': 'nothing',
  deleted: 'gone',
  'in-recycle-bin': 'nothing',
  'already-stopped': 'nothing',
  'already-running': 'running',
  'not-active': 'nothing',
  'not-off': 'running',
  'held-off': 'running',
  'no-longer-matches': 'nothing',
  'in-another-run': 'running',
  busy: 'nothing',
  locked: 'running',
  frozen: 'nothing',
  'not-found': 'gone',
  'dry-run': 'running',
  blocked: 'running',
  halted: 'running',
  cancelled: 'running',
  'too-late': 'running',
  'connection-disabled': 'running',
  'stops-disabled': 'running',
  'starts-disabled': 'running',
}
const tellsOf = (code: OutcomeCode): SkipTells | undefined =>
  (SKIP_TELLS as Partial<Record<OutcomeCode, SkipTells>>)[code]

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
  if (tellsOf(code) === 'gone') return closed
  if (action !== 'stop' || tellsOf(code) === 'nothing') return null
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

/** How many of the open servers of a policy each of its runs stopped, by the id of the run. */
export function openByRun(ledger: Ledger): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { stoppedBy } of ledger.values())
    if (stoppedBy?.policyId !== undefined) counts.set(stoppedBy.id, (counts.get(stoppedBy.id) ?? 0) + 1)
  return counts
}

/** A server that a start of another policy left to a policy is that one's to start for so long; others leave it anew. */
const LEFT_DAYS = 8

export const leftSince = (now: number): string => new Date(now - LEFT_DAYS * DAY_MS).toISOString()

/** The servers that starts of other policies left to one, by what starts said last of each: whether it is still that one's to start. */
export type OpenServers = Map<string, { at: string; isOpen: boolean }>

/** Notes what the outcome of a start says of a server: left to the policy, seen running, or left on to another one. */
export function noteLeft(
  left: OpenServers,
  policyId: string,
  { serverId, reason, ...settled }: Settled & { serverId: string },
  start: NotedRun,
): void {
  const isToIt = isHeldOff(reason, policyId)
  const isOver = entryOf(start, settled) !== null
  const isLeftOn = start.policyId === policyId && isHeldOff(reason)
  if (!isToIt && !isOver && !isLeftOn) return
  const known = left.get(serverId)
  if (known === undefined || known.at <= settled.endedAt)
    left.set(serverId, { at: settled.endedAt, isOpen: isToIt })
}

/** Adds what was left to a policy, as far as its own runs did not see it running since. */
export function addLeft(ledger: Ledger, left: OpenServers, by: Pick<Run, 'id' | 'policyId'>): void {
  for (const [serverId, { at, isOpen }] of left) {
    const known = ledger.get(serverId)
    const isNews = known === undefined || (known.stoppedBy === null && known.at <= at)
    if (isOpen && isNews) ledger.set(serverId, { at, stoppedBy: by })
  }
}
