/** Guarded edits: nobody's change is lost, whoever edits at the same time. */
import { fail, refuse } from './problem.ts'

/** An edit that loses this often to others at the same moment gives up. */
const MOST_TRIES = 10

const versionText = (version: number): string => `"${version}"`
export const etag = ({ version }: { version: number }): Record<string, string> => ({
  etag: versionText(version),
})

/** Throws 412 where `If-Match` names another version than the one there is; `*` is any. */
export function guard(
  headers: Record<string, string | undefined>,
  existing: { version: number } | null,
): void {
  const wanted = headers['if-match']?.trim()
  if (wanted === undefined) return
  const found = existing === null ? 'none' : versionText(existing.version)
  const versions = wanted.split(',').map(one => one.trim().replace(/^W\//, '').replaceAll('"', ''))
  const matches = existing !== null && (wanted === '*' || versions.includes(String(existing.version)))
  if (!matches)
    fail(
      412,
      `If-Match: expected the version there is, ${found}, got ${wanted.slice(0, 60)}; read it again and repeat the edit`,
      [{ path: 'if-match', message: `expected ${found}, got ${wanted.slice(0, 60)}` }],
    )
}

/** The id in the body may be absent; if there, it equals the path's. Throws 422. */
export function refuseOtherId(body: { id?: string }, id: string): void {
  if (body.id !== undefined && body.id !== id)
    refuse([{ path: 'id', message: `expected "${id}", as in the path, or none, got "${body.id}"` }])
}

/** Tries an edit, from reading to writing, until nobody else's comes between. `null` from `attempt`: one did. Throws 409. */
export async function edited<T>(attempt: (tries: number) => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const done = await attempt(tries)
    if (done !== null) return done
  }
  return fail(409, `others changed it ${MOST_TRIES} times at this very moment: try again`)
}
