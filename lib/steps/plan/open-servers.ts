/** Reads which servers a start may start: those that runs of its policy stopped, and that were not seen running since. */
import { aboutConnection } from '../../core/model/connection.ts'
import type { Policy } from '../../core/model/model.ts'
import { FIRST_OUTCOME } from '../../core/model/outcome.ts'
import { isEnded, type Run } from '../../core/model/run.ts'
import {
  addLeft,
  type Ledger,
  ledgerStart,
  noteOutcome,
  openByRun,
  openServers,
  tellsOfServers,
} from '../../core/plan/ledger.ts'
import type { Rules } from '../../core/plan/rules.ts'
import { isStopUnderWay, stillStopping } from '../../core/plan/rules.ts'
import type { RunStopped } from '../../core/preview/start-warnings.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { BaseServices } from '../../runtime/services/base.ts'
import { createReaders, readLeft } from './left-servers.ts'

/** Rows of a list: runs of other connections are passed over unread. */
const PAGE_SIZE = 500
/** How many of a policy's latest runs in the connection are searched for a stop that goes on. */
const LATEST_RUNS = 20
/** Whose outcomes are read at one time. */
const RUNS_AT_ONCE = 10

/** Whether a start is to wait with its planning, for a stop of its own policy, or the one that it undoes, may still send something. */
export async function waitsForStop(run: Run, services: BaseServices): Promise<boolean> {
  const { config, now } = services
  const untilMs = Date.parse(run.dueAt) + config.sendDeadlineMinutes * 60_000
  if (run.action !== 'start' || run.dryRun || run.cancel || now() > untilMs) return false
  for (const stop of await stopsUnderWay(run, services)) if (await mayStillSend(stop, services)) return true
  return false
}

async function stopsUnderWay({ policyId, connection, undoes }: Run, { store }: BaseServices): Promise<Run[]> {
  const [latest, undone] = await Promise.all([
    policyId === undefined ? [] : store.latestRuns({ policyId, connection }, LATEST_RUNS),
    undoes === undefined ? null : store.run(undoes),
  ])
  const stops = new Map([...latest, ...(undone ? [undone] : [])].map(run => [run.id, run]))
  return [...stops.values()].filter(isStopUnderWay)
}

async function mayStillSend({ id, planning, chunks }: Run, { store }: BaseServices): Promise<boolean> {
  if (chunks === undefined) return true
  const heads = await store.chunkHeads({ runId: id, planning })
  return heads.some(({ status }) => status === 'waiting' || status === 'sending')
}

/** Lets the rules of a run that takes stops back select the servers that these stopped; other rules stay as they are. */
export async function withOpenServers(
  run: Run,
  rules: Rules,
  services: BaseServices,
  readers = createReaders(services),
): Promise<Rules> {
  if (!rules.isUndoing) return rules
  // Before the ledger: what is settled in between stands in that.
  const awaiting = run.dryRun ? [] : await serversStopping(run, services)
  const ledger = await readLedger(run, services)
  if (run.undoes === undefined) addLeft(ledger, await readLeft(run, readers, services), run)
  const open = openServers(ledger, run.undoes)
  return { ...rules, awaiting: new Set(awaiting), selector: { ids: [...new Set([...open, ...awaiting])] } }
}

/** Servers that were asked to stop, and are not seen off yet. */
async function serversStopping(run: Run, services: BaseServices): Promise<string[]> {
  const ids: string[] = []
  for (const stop of await stopsUnderWay(run, services))
    if (run.undoes === undefined || run.undoes === stop.id)
      for await (const whole of services.store.wholeChunks({ runId: stop.id, planning: stop.planning }))
        ids.push(...stillStopping(whole))
  return ids
}

/** Reads runs of the same policy and ad hoc ones: what other policies stop, they start themselves. */
async function readLedger({ policyId, connection, kind }: Run, services: BaseServices): Promise<Ledger> {
  const { store, now } = services
  const ledger: Ledger = new Map()
  const window = { connection, since: ledgerStart(now()), most: PAGE_SIZE }
  for (const owner of policyId === undefined ? [null] : [policyId, null])
    for await (const page of store.runPages({ policyId: owner, ...window }))
      for (const run of page) if (run.kind === kind) await noteRun(ledger, run, services)
  return ledger
}

/** What a policy stopped in connections, or of a kind, that it is not about any more, or that are deleted: its starts do not bring it up. */
export async function leftElsewhere(policy: Policy, services: BaseServices): Promise<RunStopped[]> {
  const { store, now } = services
  const known = new Set(await store.connectionIds())
  const isAbout = aboutConnection(policy)
  const isThere = (connection: string): boolean => isAbout(connection) && known.has(connection)
  const stops: Run[] = []
  const window = { policyId: policy.id, since: ledgerStart(now()), most: PAGE_SIZE }
  for await (const page of store.runPages(window))
    stops.push(
      ...page.filter(
        ({ action, connection, kind, summary }) =>
          action === 'stop' && summary.stopped > 0 && (kind !== policy.kind || !isThere(connection)),
      ),
    )
  const latest = [...Map.groupBy(stops, ({ connection, kind }) => `${connection} ${kind}`).values()]
  const left: RunStopped[] = []
  for (const [run] of latest)
    for (const [runId, servers] of openByRun(await readLedger(run!, services)))
      left.push({ ...run!, runId, servers, isDeleted: !known.has(run!.connection) })
  return left
}

/** Which run still acts on servers of a connection, or keeps some off that nobody saw running since it stopped them; `null`: none. */
export async function runBehind(connection: string, services: BaseServices): Promise<Run | null> {
  const { store, now } = services
  const ledger: Ledger = new Map()
  const runs = new Map<string, Run>()
  for await (const page of store.runPages({ connection, since: ledgerStart(now()), most: PAGE_SIZE })) {
    const going = page.find(run => !isEnded(run) && !run.dryRun)
    if (going) return going
    for (const run of page) runs.set(run.id, run)
    throwFirstRejection(
      await settleAll(page, { sideBySide: RUNS_AT_ONCE }, run => noteRun(ledger, run, services)),
    )
  }
  const open = ledger.values().find(({ stoppedBy }) => stoppedBy !== null)
  return runs.get(open?.stoppedBy?.id ?? '') ?? null
}

async function noteRun(ledger: Ledger, run: Run, { store }: BaseServices): Promise<void> {
  if (run.chunks === undefined || !tellsOfServers(run)) return
  for await (const part of store.outcomes({ runId: run.id, planning: run.planning }, FIRST_OUTCOME))
    for (const { outcome } of part) noteOutcome(ledger, run, outcome)
}
