/** Reads which servers starts of other policies left off because of a policy: its own start brings them up, too. */
import { FIRST_OUTCOME } from '../../core/model/outcome.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import { leftSince, noteLeft, type OpenServers } from '../../core/plan/ledger.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import { type PolicyReader, readPoliciesOnce } from '../held-off.ts'

const PAGE_SIZE = 100
/** With what a start leaves a server off because of another policy: at once, or after it waited for room. */
const LEAVING = ['skipped/held-off', 'failed/no-capacity']

type StartReader = (policyId: string, planned: Run) => Promise<Run[]>

/** What starts that are planned together need to know of other policies. */
export interface Readers {
  readPolicies: PolicyReader
  readStarts: StartReader
}

/** Reads each of it once. */
export const createReaders = (services: BaseServices): Readers => ({
  readPolicies: readPoliciesOnce(services),
  readStarts: readStartsOnce(services),
})

function readStartsOnce(services: BaseServices): StartReader {
  const known = new Map<string, Promise<Run[]>>()
  return (policyId, planned) => {
    const key = `${policyId} ${planned.connection} ${planned.kind}`
    const starts = known.get(key) ?? recentStarts(policyId, planned, services)
    known.set(key, starts)
    return starts
  }
}

/** The codes of one that goes on lack those of chunks that are not done. */
const mayHaveLeft = (start: Run): boolean =>
  start.chunks !== undefined && (!isEnded(start) || LEAVING.some(code => start.codes[code]))

/** Whatever was made of the policies that left them, as long as they are there, and about the connection. */
export async function readLeft(
  planned: Run,
  { readPolicies, readStarts }: Readers,
  services: BaseServices,
): Promise<OpenServers> {
  const { policyId, connection } = planned
  const left: OpenServers = new Map()
  if (policyId === undefined) return left
  const starts: Run[] = []
  for (const { id: other } of await readPolicies(connection))
    if (other !== policyId) starts.push(...(await readStarts(other, planned)))
  for (const start of starts.filter(mayHaveLeft)) await noteStart(left, policyId, start, services)
  if (!left.values().some(({ isOpen }) => isOpen)) return left
  const own = await readStarts(policyId, planned)
  for (const start of [...starts.filter(one => !mayHaveLeft(one)), ...own])
    await noteStart(left, policyId, start, services)
  return left
}

async function recentStarts(
  policyId: string,
  { connection, kind }: Run,
  { store, now }: BaseServices,
): Promise<Run[]> {
  const starts: Run[] = []
  for await (const page of store.runPages({ policyId, connection, since: leftSince(now()), most: PAGE_SIZE }))
    starts.push(...page.filter(run => run.action === 'start' && run.kind === kind && !run.dryRun))
  return starts
}

async function noteStart(
  left: OpenServers,
  policyId: string,
  start: Run,
  { store }: BaseServices,
): Promise<void> {
  if (start.chunks === undefined) return
  for await (const part of store.outcomes({ runId: start.id, planning: start.planning }, FIRST_OUTCOME))
    for (const { outcome } of part) noteLeft(left, policyId, outcome, start)
}
