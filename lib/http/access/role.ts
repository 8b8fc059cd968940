/** What callers may do: a role, and all that the roles before it may. */
import { throwProblem } from '../problem.ts'

/** `read` sees; `operate` may also run, undo, cancel, snooze, preview and check; `admin` may do everything. */
export const ROLES = ['read', 'operate', 'admin'] as const
export type Role = (typeof ROLES)[number]

export interface Caller {
  /** The actor that is written down: an IAM identity, `oidc:` and the name of a login's owner, the name of a token, `local`. */
  actor: string
  /** `null`: none, so that only open routes answer. */
  role: Role | null
  /** Where there is no role: why, and what to do. */
  roleless?: string
}

/** Throws 403 for a caller whose role is below the one that is needed. */
export function refuseWithoutRole({ role, roleless }: Caller, needs: Role): void {
  if (role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needs)) return
  const came = role ?? 'none'
  const why = role === null && roleless !== undefined ? `: ${roleless}` : ''
  throwProblem(403, `this needs the role ${needs}, got ${came}${why}`, [
    { path: 'role', message: `expected ${expectedRoles(needs)}, got ${came}` },
  ])
}

const expectedRoles = (needs: Role): string => ROLES.slice(ROLES.indexOf(needs)).join(' or ')
