/** Guarded edits: concurrent edits lose no change. */
import { throwProblem, throwUnprocessable } from '../problem.ts'

/** An edit that loses this often to others at the same moment gives up. */
const MAX_TRIES = 10

const versionText = (version: number): string => `"${version}"`
export const etagHeader = ({ version }: { version: number }): Record<string, string> => ({
  etag: versionText(version),
})

const throwChanged = (header: string, expected: string, got: string): never =>
  throwProblem(412, `${header}: expected ${expected}, got ${got}; read it again and repeat the edit`, [
    { path: header.toLowerCase(), message: `expected ${expected}, got ${got}` },
  ])

/**
 * Throws 412 where `If-Match` names another version than the one there is (`*` is any), and where `If-None-Match: *`
 * wants none to be there and one is.
 */
export function checkPreconditions(
  headers: Record<string, string | undefined>,
  existing: { version: number } | null,
): void {
  const found = existing === null ? 'none' : versionText(existing.version)
  const wanted = headers['if-match']?.trim()
  if (existing !== null && headers['if-none-match']?.trim() === '*')
    throwChanged('If-None-Match', 'that there is none of this id', `version ${found}, made meanwhile`)
  if (wanted === undefined) return
  const versions = wanted.split(',').map(one => one.trim().replace(/^W\//, '').replaceAll('"', ''))
  const matches = existing !== null && (wanted === '*' || versions.includes(String(existing.version)))
  if (!matches) throwChanged('If-Match', found, wanted.slice(0, 60) || 'nothing')
}

/** The id in the body may be absent; if there, it equals the path's. Throws 422. */
export function refuseOtherId(body: { id?: string }, id: string): void {
  if (body.id !== undefined && body.id !== id)
    throwUnprocessable([
      { path: 'id', message: `expected "${id}", as in the path, or none, got "${body.id}"` },
    ])
}

/** Repeats an edit, from reading to writing, until no other comes between. `null` from `attempt`: one did. Throws 409. */
export async function retryOnConflict<T>(attempt: (tries: number) => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const done = await attempt(tries)
    if (done !== null) return done
  }
  return throwProblem(409, `others changed it ${MAX_TRIES} times at this very moment: try again`)
}
