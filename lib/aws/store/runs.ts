/** Runs: a small head that changes, beside it the policy as it was when the run was made. */
import * as z from 'zod'
import { withoutState } from '../../core/documents/documents.ts'
import { checkInput } from '../../core/documents/problem.ts'
import type { Ending } from '../../core/follow/ending.ts'
import { Unreadable } from '../../core/model/errors.ts'
import { AdHoc, Policy, PolicyState, type RunPolicy } from '../../core/model/model.ts'
import type { OutcomeCounts } from '../../core/model/outcome.ts'
import { type Failing, isEnded, Run, type Summary, type Withheld } from '../../core/model/run.ts'
import type { Progress } from '../../core/plan/plan.ts'
import { expiryAttribute, type Keeping } from '../expiry.ts'
import {
  type ChunkId,
  dueAt,
  keyId,
  listedAt,
  pairPk,
  progressKey,
  RUNS,
  runKey,
  runListedAt,
  runPolicyKey,
  runsOf,
} from '../keys.ts'
import type { Item, Table } from '../table.ts'
import { withoutDefaults } from './documents/defaults.ts'
import { packJson, unpackJson } from './pack.ts'

interface RunChunkDone extends Pick<ChunkId, 'number'> {
  delta: OutcomeCounts
}
interface PlannedTotals {
  chunks: number
  summary: Summary
  codes: Record<string, number>
  scope: number
  fleet: number
  withheld?: Withheld
}

/** In which connections a request under a key makes runs. */
const NotedRequest = z.object({ bodyHash: z.string(), connections: z.array(z.string()) })
type NotedRequest = z.infer<typeof NotedRequest>

/** Throws `Unreadable`. */
export function storedRun(item: Item): Run {
  const id = keyId(item)
  const result = checkInput(Run, { ...(item.doc as object), doneChunks: item.doneChunks ?? new Set() })
  if (result.ok && result.value.id === id) return result.value
  const [problem] = result.ok ? [{ path: 'id', message: `expected "${id}"` }] : result.errors
  throw new Unreadable(
    `run ${id}, as it is stored, cannot be read by this version: ${problem?.path}: ${problem?.message}`,
  )
}

/**
 * The policy beside a run, as it is kept. Beside a start stands a field that earlier versions do not know: they would take it for a stop, and
 * so cannot read it.
 */
function policyAsDue(policy: RunPolicy, { action }: Pick<Run, 'action'>): object {
  const asDue = withoutDefaults(withoutState(policy, PolicyState.shape), Policy)
  return action === 'stop' ? asDue : { ...asDue, action }
}

/** The policy beside a run, as it was when the run was made. Throws where there is none. */
export function storedRunPolicy(run: Pick<Run, 'id' | 'policyId'>, item: Item | undefined): RunPolicy {
  if (!item) throw new Error(`run ${run.id} has no policy beside it: its item is damaged`)
  const { action: _, ...doc } = item.doc as { action?: unknown }
  return run.policyId === undefined ? AdHoc.parse(doc) : Policy.parse(doc)
}

export const runFrom = (item: Item | undefined): Run | null => (item ? storedRun(item) : null)

export function runsStore(table: Table, keeping: Keeping) {
  const { now } = keeping
  const whenPlannedBy = ({ planning, owner }: Pick<Run, 'planning' | 'owner'>) => [
    { path: 'doc.planning', is: planning },
    { path: 'doc.owner', is: owner },
  ]

  async function run(id: string): Promise<Run | null> {
    return runFrom(await table.item(runKey(id)))
  }

  return {
    run,

    /**
     * Makes a run, unless it is there: the head comes last, so that none is ever without its policy, or its place among the runs of its
     * policy in its connection.
     * `attentionAt`: when to check that it was taken up; null for one that is ended. False when it was there.
     */
    async createRun(
      { doneChunks: _, ...doc }: Run,
      policy: RunPolicy,
      attentionAt: string | null,
    ): Promise<boolean> {
      const shared = { listAt: runListedAt(doc), ...expiryAttribute(keeping) }
      const absent = [{ path: 'pk', absent: true as const }]
      const asDue = policyAsDue(policy, doc)
      const { bodyHash } = doc
      const policyItem = { ...runPolicyKey(doc.id), listKey: RUNS, ...shared, bodyHash, doc: asDue }
      // Unless it was put there by this very request, or by none.
      if (
        !(await table.put(policyItem, absent)) &&
        (await table.item(runPolicyKey(doc.id)))?.bodyHash !== bodyHash
      )
        return false
      await table.put({ pk: pairPk(doc), sk: listedAt(doc.dueAt, doc.id), ...expiryAttribute(keeping) })
      const key = runKey(doc.id)
      const due = attentionAt === null ? {} : dueAt(attentionAt, key)
      return table.put({ ...key, listKey: runsOf(doc.policyId), ...shared, ...due, doc }, absent)
    },

    /** Notes the connections in which a request under a key makes runs; false where some are noted. */
    noteRequest: (
      { id, bodyHash }: Partial<Pick<Run, 'bodyHash'>> & { id: string },
      connections: string[],
    ): Promise<boolean> =>
      table.put({ ...runPolicyKey(id), ...expiryAttribute(keeping), bodyHash, connections }, [
        { path: 'pk', absent: true },
      ]),

    /** What was noted so; `null` where nothing was. */
    async notedRequest(id: string): Promise<NotedRequest | null> {
      return NotedRequest.safeParse(await table.item(runPolicyKey(id))).data ?? null
    },

    async runPolicy(run: Pick<Run, 'id' | 'policyId'>): Promise<RunPolicy> {
      return storedRunPolicy(run, await table.item(runPolicyKey(run.id)))
    },

    /**
     * Takes up the planning of a run that has none complete: a paused one where it was left, any other anew. `null` when another took it
     * up since it was read.
     */
    async claimPlanning(
      seen: Run,
      { owner, leaseUntil }: { owner: string; leaseUntil: string },
    ): Promise<Run | null> {
      const planning = seen.paused ? seen.planning : seen.planning + 1
      const key = runKey(seen.id)
      const taken = { 'doc.planning': planning, 'doc.owner': owner, 'doc.status': 'running' }
      const item = await table.change(key, {
        set: { ...taken, ...dueAt(leaseUntil, key) },
        setOnce: { 'doc.startedAt': new Date(now()).toISOString() },
        remove: ['doc.paused'],
        when: [
          ...whenPlannedBy(seen),
          { path: 'doc.status', is: seen.status },
          { path: 'doc.chunks', absent: true },
        ],
      })
      if (item) return storedRun(item)
      const other = await run(seen.id)
      return other?.planning === planning && other.owner === owner ? other : null
    },

    /** Pauses a planning for the next function; false when it was taken over. */
    async pausePlanning(seen: Run, progress: Progress, attentionAt: string): Promise<boolean> {
      const key = runKey(seen.id)
      const place = progressKey({ runId: seen.id, planning: seen.planning })
      await table.put({ ...place, ...expiryAttribute(keeping), progress: packJson(progress) })
      const change = { set: { 'doc.paused': true, ...dueAt(attentionAt, key) }, when: whenPlannedBy(seen) }
      return (await table.change(key, change)) !== null
    },

    /** Where a paused planning was left. */
    async progress({ id, planning }: Run): Promise<Progress> {
      const item = await table.item(progressKey({ runId: id, planning }))
      if (!item) throw new Error(`run ${id} was paused without its progress: its item is damaged`)
      return unpackJson(item.progress as Uint8Array) as Progress
    },

    /** Holds on to a planning for longer; false when it was taken over. */
    async holdPlanning(run: Run, leaseUntil: string): Promise<boolean> {
      const key = runKey(run.id)
      const change = { set: dueAt(leaseUntil, key), when: whenPlannedBy(run) }
      return (await table.change(key, change)) !== null
    },

    /** Names the planning whose chunks are the run's, and their count: from now on they may be sent. */
    async planned(seen: Run, planned: PlannedTotals, leaseUntil: string): Promise<Run | null> {
      const entries = Object.entries(planned).map(([name, value]) => [`doc.${name}`, value])
      const key = runKey(seen.id)
      const item = await table.change(key, {
        set: { ...Object.fromEntries(entries), ...dueAt(leaseUntil, key) },
        when: [...whenPlannedBy(seen), { path: 'doc.chunks', absent: true }],
      })
      if (item) return storedRun(item)
      const other = await run(seen.id)
      return other?.planning === seen.planning && other.owner === seen.owner ? other : null
    },

    /** Adds a finished chunk to its run, once however often it is said; the run as it is then. */
    async chunkDone(runId: string, { number, delta }: RunChunkDone): Promise<Run | null> {
      const { skipped, stopped, started, failed, unconfirmed, codes } = delta
      const item = await table.change(runKey(runId), {
        plus: {
          'doc.summary.targets': -skipped,
          'doc.summary.skipped': skipped,
          'doc.summary.stopped': stopped,
          'doc.summary.started': started,
          'doc.summary.failed': failed,
          'doc.summary.unconfirmed': unconfirmed,
          ...Object.fromEntries(Object.entries(codes).map(([code, count]) => [`doc.codes.${code}`, count])),
        },
        add: { doneChunks: new Set([number]) },
        when: [{ path: 'doneChunks', lacks: number }],
      })
      return item ? storedRun(item) : run(runId)
    },

    /** Notes that something of a chunk went badly, before the chunk is done. */
    async saveFailing({ runId, number }: Pick<ChunkId, 'runId' | 'number'>, failing: Failing): Promise<void> {
      await table.change(runKey(runId), { setOnce: { 'doc.failing': {} } })
      await table.change(runKey(runId), { set: { [`doc.failing.${number}`]: failing } })
    },

    /** Says why what was not asked of a run is left; the first that says so counts. */
    async withhold(runId: string, withheld: Withheld): Promise<void> {
      await table.change(runKey(runId), { setOnce: { 'doc.withheld': withheld } })
    },

    /** Ends a run, once; the run as it is then. It stays on the to-do list, for `attentionAt`, until it was announced. */
    async endRun(seen: Run, ending: Ending, attentionAt: string): Promise<Run | null> {
      const endedAt = new Date(now()).toISOString()
      const key = runKey(seen.id)
      const end = { 'doc.status': ending.status, 'doc.reason': ending.reason, 'doc.endedAt': endedAt }
      const item = await table.change(key, {
        set: { ...end, ...dueAt(attentionAt, key) },
        when: [{ path: 'doc.status', is: seen.status }],
      })
      return item ? storedRun(item) : run(seen.id)
    },

    /** Asks a run to send nothing more; the run as it is then, null when there is none. Does nothing to an ended one. */
    async cancelRun(seen: Run, cancel: NonNullable<Run['cancel']>): Promise<Run | null> {
      if (isEnded(seen)) return seen
      const when = [{ path: 'doc.status', is: seen.status }]
      const item = await table.change(runKey(seen.id), { setOnce: { 'doc.cancel': cancel }, when })
      return item ? storedRun(item) : run(seen.id)
    },
  }
}
