/** The guarded scaling groups of a connection, listed at most every few minutes by each process. */
import { type Cloud, NO_SCALING_GROUPS, type ScalingGroups } from '../core/model/cloud.ts'
import type { StoredConnection } from '../core/model/connection.ts'
import type { Kind } from '../core/model/model.ts'
import { scalingGuard } from '../core/plan/scaling-groups.ts'

/** A server that joined a group is not known as its member for up to this long. */
const MAX_AGE_MS = 120_000

interface ListedGroups {
  /** The connection as it was: an edit lists anew, and so does another one of the same id. */
  edition: string
  at: number
  groups: Promise<ScalingGroups>
}
interface Sources {
  cloud: (connection: StoredConnection) => Promise<Pick<Cloud, 'scalingGroups'>>
  now: () => number
}

/** Groups whose members must be left alone; none where the connection does not guard them. Throws `CloudError`. */
export type GuardedGroups = (connection: StoredConnection, kind: Kind) => Promise<ScalingGroups>

const editionOf = ({ version, updatedAt }: StoredConnection): string => `${version} ${updatedAt}`

export function createGuardedGroups({ cloud, now }: Sources): GuardedGroups {
  const known = new Map<string, ListedGroups>()

  function list(connection: StoredConnection): Promise<ScalingGroups> {
    const groups = cloud(connection).then(one => one.scalingGroups())
    const listed = { edition: editionOf(connection), at: now(), groups }
    known.set(connection.id, listed)
    // The next read tries again.
    groups.catch(() => known.get(connection.id) === listed && known.delete(connection.id))
    return groups
  }

  return async (connection, kind) => {
    if (scalingGuard(connection, kind) !== 'guarded') return NO_SCALING_GROUPS
    const kept = known.get(connection.id)
    const isFresh = kept?.edition === editionOf(connection) && now() - kept.at <= MAX_AGE_MS
    return isFresh ? kept.groups : list(connection)
  }
}
