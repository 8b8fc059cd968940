/** Servers that a selector names by id, and that no listing of their kind showed. */
import type { Server } from '../model/cloud.ts'
import { CloudError } from '../model/errors.ts'
import type { Kind } from '../model/model.ts'
import type { Selector } from '../model/policy/selector.ts'
import { type SkippedServer, skipOutcomes } from './planner.ts'
import { createSelection, type Selecting } from './select.ts'

/** Servers of the other kind there may be: where ids are many, the adapter looks for them in a list of those. */
export const LIKELY_FLEET = 1000

/** Where the other kind cannot be asked (a key may be for one alone), nothing is known of it. Throws what is no `CloudError`. */
export function nothingElsewhere(error: unknown): Map<string, Server> {
  if (error instanceof CloudError) return new Map()
  throw error
}

export const otherKind = (kind: Kind): Kind => (kind === 'ecs' ? 'bms' : 'ecs')

/** The ids that a selector names and none of these servers has. */
export function unseenIds({ ids = [] }: Selector, servers: Server[]): string[] {
  const seen = new Set(servers.map(({ id }) => id))
  return [...new Set(ids)].filter(id => !seen.has(id))
}

/** What becomes of ids that no server of the kind has; `elsewhere`: those of them that servers of the other kind have. */
export function skipUnknownIds(
  selecting: Selecting,
  { ids, elsewhere, now }: { ids: string[]; elsewhere: Map<string, Server>; now: number },
): SkippedServer[] {
  const select = createSelection(selecting, now)
  const skippedAs = skipOutcomes(now)
  const reason = `no ${selecting.kind} server has this id`
  return ids.flatMap((id): SkippedServer[] => {
    const server = elsewhere.get(id)
    const decision = server ? select(server) : undefined
    if (decision === null) return []
    const left = decision?.kind === 'skip' ? decision : ({ code: 'not-found', reason } as const)
    return [{ member: { id, name: server?.name ?? '' }, settled: skippedAs(left) }]
  })
}

/** How many of left servers count as in scope: matched ones, less excluded ones. */
export const scopeOfSkipped = (left: SkippedServer[]): number =>
  left.filter(({ settled }) => settled.code !== 'excluded').length
