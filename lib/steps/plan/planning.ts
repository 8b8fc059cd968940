/** A run that is being planned: what it took so far, and how that is written down. */

import { outcomeLines } from '../../core/follow/outcome-lines.ts'
import { newChunk } from '../../core/model/chunk.ts'
import { countOutcomes } from '../../core/model/outcome.ts'
import type { Run } from '../../core/model/run.ts'
import type { SeenTarget } from '../../core/plan/facts.ts'
import { runAlike } from '../../core/plan/limits.ts'
import { noProgress, type Progress, splitPortions } from '../../core/plan/plan.ts'
import type { Share, SkippedServer } from '../../core/plan/planner.ts'
import { type Rules, rulesOf } from '../../core/plan/rules.ts'
import { scopeOfSkipped } from '../../core/plan/unknown-ids.ts'
import { settleAll, throwFirstRejection } from '../../runtime/concurrency.ts'
import type { PlanServices } from '../../runtime/services/services.ts'
import type { Readers } from './left-servers.ts'
import { withOpenServers } from './open-servers.ts'

/** How long a planning may be silent before another may take it over. */
export const LEASE_SECONDS = 180
export const SIDE_BY_SIDE = 10
/** Skipped servers that one item keeps. */
const SKIPPED_PART_SIZE = 1000

export interface Planning {
  run: Run
  rules: Rules
  progress: Progress
  /** Its policy's latest runs that acted alike, newest first. */
  history: () => Promise<Run[]>
}

/** Works on each item, some at a time. Throws where one failed: the message is delivered again, and finds the others done. */
export const forEachPlanning = <T>(
  items: T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> =>
  settleAll([...items.entries()], { sideBySide: SIDE_BY_SIDE }, ([index, one]) => work(one, index)).then(
    throwFirstRejection,
  )

/** Resumes a planning where it was paused, or begins it. */
export async function resumePlanning(
  seen: Run,
  run: Run,
  { services, readers }: { services: PlanServices; readers: Readers },
): Promise<Planning> {
  const own = rulesOf(run, await services.store.runPolicy(run))
  const rules = await withOpenServers(run, own, services, readers)
  const progress = seen.paused ? await services.store.progress(run) : noProgress(rules)
  let history: Promise<Run[]> | undefined
  return { run, rules, progress, history: () => (history ??= readHistory(run, services)) }
}

async function readHistory({ policyId, connection, action }: Run, { store }: PlanServices): Promise<Run[]> {
  return policyId === undefined ? [] : store.pastRuns({ policyId, connection, action })
}

const runAlikeOf = async ({ history }: Planning): Promise<Run | null> => runAlike(await history())

/** What the plannings need to know of a page that is shown to them. */
export interface PageContext {
  /** Servers of the fleet that the page stands for. */
  seen: number
  /** When it was asked for, ms since the epoch. */
  readAt: number
  /** Targets that one chunk takes. */
  size: number
  services: PlanServices
}

/** Adds a run's share of some servers; what fills a chunk, or a part of the list of skipped ones, is written at once. */
export async function addShare(planning: Planning, share: Share, showing: PageContext): Promise<void> {
  const { seen, readAt, size, services } = showing
  const { progress } = planning
  const { totals } = progress
  totals.fleet += seen
  totals.targets += share.targets.length
  totals.scope += share.scope
  const { codes } = countOutcomes(share.left.map(({ settled }) => settled))
  for (const [key, count] of Object.entries(codes)) totals.codes[key] = (totals.codes[key] ?? 0) + count
  const chunks = splitPortions([...progress.targets, ...share.targets], size)
  const parts = splitPortions([...progress.left, ...share.left], SKIPPED_PART_SIZE)
  // A chunk is as old as the first of its targets, which may have waited since an earlier page.
  if (progress.targets.length === 0) progress.readAt = readAt
  for (const members of chunks.full) await writeChunk(planning, members, services)
  if (chunks.full.length > 0) progress.readAt = readAt
  progress.targets = chunks.rest
  progress.left = parts.rest
  for (const left of parts.full) await writeSkipped(planning, left, services)
}

/** After the last page: adds the ids that no server had, and writes what has not filled a chunk or a part. */
export async function completePlanning(
  planning: Planning,
  left: SkippedServer[],
  showing: PageContext,
): Promise<void> {
  await addShare(planning, { targets: [], left, scope: scopeOfSkipped(left) }, showing)
  const { progress } = planning
  const { services } = showing
  if (progress.targets.length > 0) await writeChunk(planning, progress.targets, services)
  if (progress.left.length > 0) await writeSkipped(planning, progress.left, services)
}

async function writeChunk(planning: Planning, members: SeenTarget[], { store }: PlanServices): Promise<void> {
  const { run, rules, progress } = planning
  const number = progress.totals.chunks++
  const readAt = new Date(progress.readAt).toISOString()
  const awaiting = members.flatMap(({ id }, member) => (rules.awaiting?.has(id) ? [member] : []))
  const chunk = newChunk(run, number, { size: members.length, mode: rules.mode, readAt, awaiting })
  await store.createChunk(chunk, members, () => runAlikeOf(planning))
}

async function writeSkipped(
  planning: Planning,
  left: SkippedServer[],
  { store, log }: PlanServices,
): Promise<void> {
  const { run, progress } = planning
  const id = { runId: run.id, planning: run.planning, number: progress.leftParts++ }
  await store.createSkipped(id, left, () => runAlikeOf(planning))
  log.lines(
    outcomeLines(
      { run: run.id },
      left.map(({ member, settled }) => [member, settled]),
    ),
  )
}
