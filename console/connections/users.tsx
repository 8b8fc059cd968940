/** Which policies use a connection. */
import { useEffect, useState } from 'preact/hooks'
import { type ApiError, fetchData, withQuery } from '../api/client.ts'
import type { Page, Policy } from '../api/types.ts'
import { Card, Empty } from '../parts/card.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { isAboutConnection } from '../words/connections.ts'

const PAGE_SIZE = 1000
/** The API lists policies of all connections together: beyond so many pages the rest is not asked for. */
const MAX_PAGES = 10

export interface Users {
  /** `null` until they are known. */
  policies: Policy[] | null
  /** Whether there are more policies than were looked through. */
  isCut: boolean
  error: ApiError | null
  reload(): void
}

async function readUsers(
  connection: string,
  signal: AbortSignal,
): Promise<Pick<Users, 'policies' | 'isCut'>> {
  const policies: Policy[] = []
  let cursor: string | null = null
  for (let page = 0; page < MAX_PAGES; page++) {
    const path: string = withQuery('/v1/policies', { limit: PAGE_SIZE, cursor })
    const { items, nextCursor }: Page<Policy> = await fetchData({ path, signal })
    policies.push(...items.filter(policy => isAboutConnection(policy, connection)))
    cursor = nextCursor
    if (cursor === null) break
  }
  return { policies, isCut: cursor !== null }
}

export function useUsers(connection: string): Users {
  const [known, setKnown] = useState<Omit<Users, 'reload'>>({ policies: null, isCut: false, error: null })
  const [round, setRound] = useState(0)
  useEffect(() => {
    const ended = new AbortController()
    readUsers(connection, ended.signal).then(
      read => setKnown({ ...read, error: null }),
      error => {
        if (!ended.signal.aborted) setKnown(before => ({ ...before, error }))
      },
    )
    return () => ended.abort()
  }, [connection, round])
  return { ...known, reload: () => setRound(one => one + 1) }
}

export const UsersCard = ({ users }: { users: Users }) => (
  <Card title="Policies that use it">
    <UserList users={users} />
  </Card>
)

export function UserList({ users: { policies, isCut, error, reload } }: { users: Users }) {
  if (error) return <ProblemBox error={error} retry={reload} />
  if (policies === null)
    return (
      <p class="loading" role="status">
        Loading …
      </p>
    )
  return (
    <>
      {policies.length === 0 ? (
        <Empty>
          None. <a href={hrefTo(['new'])}>Write a policy</a>
        </Empty>
      ) : (
        <ul class="plain tight">
          {policies.map(({ id, enabled, nextStopAt }) => (
            <li key={id}>
              <a href={hrefTo(['policies', id])}>{id}</a>{' '}
              <span class="soft">{stopStateText(enabled, nextStopAt)}</span>
              {nextStopAt !== null && <When at={nextStopAt} />}
            </li>
          ))}
        </ul>
      )}
      {isCut && <p class="hint">There are more policies than were looked through: others may use it, too.</p>}
    </>
  )
}

function stopStateText(enabled: boolean, nextStopAt: string | null): string {
  if (!enabled) return 'disabled'
  return nextStopAt === null ? 'no stop will act' : 'stops next '
}
