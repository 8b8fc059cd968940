/** Selecting: what a page of servers makes of every run that is planned together. */
import type { Member } from '../model/chunk.ts'
import { NO_SCALING_GROUPS, type ScalingGroups, type Server } from '../model/cloud.ts'
import { outcomeWithoutRequest, type Settled } from '../model/outcome.ts'
import { factsFor, type SeenTarget } from './facts.ts'
import { createSelection, type Decision, type Selecting, type Skip } from './select.ts'

export interface SkippedServer {
  member: Member
  settled: Settled
}
/** What one run takes of some servers. */
export interface Share {
  targets: SeenTarget[]
  left: SkippedServer[]
  /** Matched servers less excluded ones. */
  scope: number
}
export interface Planner {
  /** Every server is shown to every run, in their order: the first that selects it has it. */
  see(servers: Server[], groups?: ScalingGroups): Share[]
  /** By run: the ids that its selector names and no server had yet. */
  unseen(): string[][]
}

/** A run, and what selects for it. */
interface Choosing extends Selecting {
  runId: string
}

const takenBy = (runId: string): Decision => ({
  kind: 'skip',
  code: 'in-another-run',
  reason: `run ${runId}, of the same minute, takes it`,
})

/** How servers are left: equal outcomes are one object, for of a million servers most are left for the same cause. */
export function skipOutcomes(now: number): (left: Skip) => Settled {
  const known = new Map<string, Settled>()
  return ({ code, reason }) => {
    const key = `${code} ${reason}`
    const settled = known.get(key) ?? outcomeWithoutRequest({ status: 'skipped', code, reason }, now)
    known.set(key, settled)
    return settled
  }
}

/**
 * Shows servers to runs that are planned together; each run by what selects for it, in the order in which they take. `unseen`: the ids
 * that each still looks for, where a planning goes on.
 */
export function createPlanner(
  selectings: Choosing[],
  now: number,
  unseen = selectings.map(({ selector }) => selector.ids ?? []),
): Planner {
  const selects = selectings.map(selecting => createSelection(selecting, now))
  const named = unseen.map(ids => new Set(ids))
  const skippedAs = skipOutcomes(now)
  const show = (server: Server, { groups, shares }: { groups: ScalingGroups; shares: Share[] }): void => {
    let taker: string | null = null
    const member = { id: server.id, name: server.name }
    selects.forEach((select, index) => {
      named[index]!.delete(server.id)
      const own = select(server, groups)
      const decision = own?.kind === 'target' && taker !== null ? takenBy(taker) : own
      if (decision === null) return
      const share = shares[index]!
      if (decision.kind === 'target')
        share.targets.push({ ...member, facts: factsFor(selectings[index]!.action ?? 'stop', server) })
      else share.left.push({ member, settled: skippedAs(decision) })
      if (decision.kind === 'target' || decision.code !== 'excluded') share.scope++
      if (decision.kind === 'target') taker = selectings[index]!.runId
    })
  }
  return {
    see(servers, groups = NO_SCALING_GROUPS) {
      const shares = selectings.map((): Share => ({ targets: [], left: [], scope: 0 }))
      for (const server of servers) show(server, { groups, shares })
      return shares
    },
    unseen: () => named.map(ids => [...ids]),
  }
}
