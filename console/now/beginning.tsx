/** What to do first, where there is nothing to show yet. */
import type { Connection, Page, Policy } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { hrefTo } from '../router.ts'

/** Nothing is due, goes on or ended lately: says whether that is peace, or that nobody began. */
export function Quiet() {
  const policies = useAnswer<Page<Policy>>('/v1/policies?limit=1')
  const connections = useAnswer<Page<Connection>>('/v1/connections?limit=1')
  return (
    <Loaded shown={policies}>
      {policy => (
        <Loaded shown={connections}>
          {connection =>
            policy.items.length > 0 ? <Peace /> : <Beginning hasConnection={connection.items.length > 0} />
          }
        </Loaded>
      )}
    </Loaded>
  )
}

const Peace = () => (
  <Card title="All is quiet">
    <p>
      Nothing is due, nothing ran in the last 24 hours, and nothing needs you. Policies that are disabled, or
      whose connection is, act no more: <a href={hrefTo(['policies'])}>see the policies</a>.
    </p>
  </Card>
)

const Beginning = ({ hasConnection }: { hasConnection: boolean }) => (
  <Card title="Welcome to Curfew">
    <p>Curfew stops servers on a schedule and proves that they are off. It begins in two steps:</p>
    <ol>
      <li>
        {hasConnection ? (
          <>
            <span class="word good">Done:</span> a <a href={hrefTo(['connections'])}>connection</a> is there.
          </>
        ) : (
          <>
            <strong>Connect a project.</strong> A connection says where servers live and where the key is
            kept. <a href={hrefTo(['connections'])}>How to make one</a>
          </>
        )}
      </li>
      <li>
        <strong>Write a policy.</strong> It says which servers stop, and when.{' '}
        {hasConnection ? (
          <a href={hrefTo(['new'])}>Write the first policy</a>
        ) : (
          <span class="soft">It needs the connection first.</span>
        )}
      </li>
    </ol>
  </Card>
)
