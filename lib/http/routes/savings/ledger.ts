/** Reads the savings ledger, run by run and chunk by chunk, in its order. */
import type { Run } from '../../../core/model/run.ts'
import {
  compareRuns,
  fleetKey,
  isInLedger,
  type LedgerRange,
  ledgerSince,
  wasUnderWay,
} from '../../../core/savings/ledger-runs.ts'
import {
  type Claimed,
  claimLine,
  clipLine,
  type SavingsLine,
  savingsLine,
} from '../../../core/savings/line.ts'
import type { StoppedServers } from '../../../core/savings/sight.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { throwUnprocessable } from '../../problem.ts'

const RUNS_AT_ONCE = 1000
/** Their heads alone would take longer than an answer may. */
const MAX_RUNS = 20_000

interface LedgerQuery {
  range: LedgerRange
  connection?: string | undefined
  /** The field of the request that names the stretch. */
  askedBy?: 'from' | 'month'
}

/** The runs that may have lines in a stretch of time, in the order of the ledger. Throws 422 where there are too many. */
export async function ledgerRuns(
  { range, connection, askedBy = 'from' }: LedgerQuery,
  { store }: HttpServices,
): Promise<Run[]> {
  const runs: Run[] = []
  const until = isoInstant(range.to * 1000)
  let seen = 0
  for await (const page of store.runPages({
    connection,
    since: ledgerSince(range),
    until,
    most: RUNS_AT_ONCE,
  })) {
    runs.push(...page.filter(run => isInLedger(run, range)))
    seen += page.length
    if (seen > MAX_RUNS) refuseLongRange(askedBy)
  }
  return runs.toSorted(compareRuns)
}

function refuseLongRange(path: NonNullable<LedgerQuery['askedBy']>): never {
  const fewer = path === 'month' ? 'a month with fewer runs' : 'a shorter time, or one connection'
  return throwUnprocessable([{ path, message: `expected ${fewer}: there are more than ${MAX_RUNS} runs` }])
}

/** Where reading begins: at a run, at one of its chunks. */
export interface LedgerPlace {
  dueAt: string
  id: string
  chunk: number
}

interface PlacedLine {
  line: SavingsLine
  member: number
}
/** The lines of one chunk of a run. */
interface ChunkLines {
  run: Run
  chunk: number
  lines: PlacedLine[]
}

/** The lines of a chunk that no run before has, within the range. */
function linesOfChunk(
  run: Run,
  { servers, settled, facts, offUntil }: StoppedServers,
  { claimed, range }: { claimed: Claimed; range: LedgerRange },
): PlacedLine[] {
  return [...settled].flatMap(([member, one]) => {
    const { id: serverId, name } = servers[member]!
    const whole = savingsLine(run, {
      serverId,
      name,
      settled: one,
      facts: facts.get(member),
      offUntil: offUntil.get(member),
    })
    const own = whole && claimLine(whole, claimed)
    const line = own && clipLine(own, range)
    return line ? [{ line, member }] : []
  })
}

/** From a place on. What runs before it have of the same servers is read first. */
export async function* ledgerLines(
  runs: Run[],
  { range, from }: { range: LedgerRange; from?: LedgerPlace | undefined },
  services: HttpServices,
): AsyncGenerator<ChunkLines> {
  const first = from === undefined ? 0 : runs.findIndex(run => compareRuns(run, from) >= 0)
  if (first < 0) return
  const fleets = new Map<string, Claimed>()
  for (const [place, run] of runs.entries()) {
    if (place < first) continue
    const key = fleetKey(run)
    const claimed = fleets.get(key) ?? (await claimedBefore(runs.slice(0, first), run, services))
    fleets.set(key, claimed)
    const firstChunk = from !== undefined && run.id === from.id ? from.chunk : 0
    // Chunks of one run share no server.
    for await (const chunk of services.store.stoppedServers(run, firstChunk))
      yield { run, chunk: chunk.number, lines: linesOfChunk(run, chunk, { claimed, range }) }
  }
}

async function claimedBefore(earlier: Run[], run: Run, { store }: HttpServices): Promise<Claimed> {
  const claimed: Claimed = new Map()
  const range = { from: 0, to: Number.POSITIVE_INFINITY }
  for (const other of earlier)
    if (fleetKey(other) === fleetKey(run) && wasUnderWay(other, run))
      for await (const chunk of store.stoppedServers(other)) linesOfChunk(other, chunk, { claimed, range })
  return claimed
}
