/** One server: whether it is left alone, which policies are about it, what they did and will do. */
import { withQuery } from '../api/client.ts'
import type { Page, Policy, Server, ServerPage } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card, Empty } from '../parts/card.tsx'
import { Copy } from '../parts/copy.tsx'
import { Loaded } from '../parts/problem.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { Countdown, When } from '../parts/when.tsx'
import { Fold } from '../policies/fold.tsx'
import { ChangeHistory } from '../policies/one/history.tsx'
import { hrefTo } from '../router.ts'
import { isAboutConnection } from '../words/connections.ts'
import { PolicyWhy } from './policy-why.tsx'
import { EndSnooze, SnoozeServer } from './snooze.tsx'

/** A server's state is the cloud's: it is asked again each minute while somebody looks. */
const POLL_MS = 60_000

interface ServerOf {
  connection: string
  serverId: string
}

export function ServerScreen({ connection, serverId }: ServerOf) {
  const path = withQuery('/v1/servers', { id: serverId, connection })
  const shown = useAnswer<ServerPage>(path, () => POLL_MS)
  const server = shown.data?.items[0]
  return (
    <>
      <div class="screen-head">
        <h1>{server?.name || serverId}</h1>
        <a href={hrefTo(['servers'])}>Find another</a>
      </div>
      <Loaded shown={shown}>
        {({ items, unreachable }) =>
          items[0] ? (
            <OneServer server={items[0]} problem={unreachable[0]?.reason ?? null} />
          ) : (
            <NoServer connection={connection} reason={unreachable[0]?.reason ?? null} />
          )
        }
      </Loaded>
    </>
  )
}

const NoServer = ({ connection, reason }: { connection: string; reason: string | null }) => (
  <Card title={reason === null ? 'Not there' : 'Not known'}>
    {reason === null ? (
      <p>The cloud of {connection} knows no server with this id. It may have been deleted.</p>
    ) : (
      <p>
        <ToneWord tone="bad">The cloud could not be asked:</ToneWord> {reason}{' '}
        <a href={hrefTo(['connections', connection])}>Check the connection</a>
      </p>
    )}
  </Card>
)

function OneServer({ server, problem }: { server: Server; problem: string | null }) {
  const { serverId, connection } = server
  return (
    <>
      <div class="two">
        <LeftAlone server={server} problem={problem} />
        <CloudFacts server={server} />
      </div>
      <PoliciesAbout server={server} />
      <OtherPolicies server={server} />
      <ChangeHistory of={`/v1/servers/${encodeURIComponent(serverId)}`} query={{ connection }} />
    </>
  )
}

function LeftAlone({ server, problem }: { server: Server; problem: string | null }) {
  const { nextStopAt, nextStartAt, snoozedUntil, snoozeReason, protected: isProtected } = server
  return (
    <Card title="Next">
      {problem !== null && (
        <p>
          <ToneWord tone="bad">Not all is known:</ToneWord> {problem}
        </p>
      )}
      {isProtected && (
        <p>
          <ToneWord tone="good">Protected:</ToneWord> {server.protectedBecause}. No run stops it.
        </p>
      )}
      {snoozedUntil !== null && (
        <p>
          <ToneWord tone="part">Snoozed</ToneWord> until <When at={snoozedUntil} /> (ends{' '}
          <Countdown to={snoozedUntil} />
          ): {snoozeReason}
        </p>
      )}
      <p class="headline">
        {nextStopAt === null ? (
          'No policy will stop it, as things stand.'
        ) : (
          <>
            Next stop <Countdown to={nextStopAt} />
          </>
        )}
      </p>
      {nextStopAt !== null && (
        <p class="soft">
          <When at={nextStopAt} />
        </p>
      )}
      {nextStartAt !== null && (
        <p class="soft">
          Its policies start next <When at={nextStartAt} />, if they stopped it or select it.
        </p>
      )}
      <div class="row">
        <SnoozeServer server={server} label={snoozedUntil === null ? 'Snooze it' : 'Change snooze'} />
        {snoozedUntil !== null && <EndSnooze server={server} />}
      </div>
      <Protect server={server} />
    </Card>
  )
}

const Protect = ({ server }: { server: Server }) => (
  <Fold title={server.protected ? 'How protection ends' : 'Protect it for good'}>
    {() => (
      <p>
        {server.protected
          ? 'A server is protected by its tag or its scaling group. To end that, remove in the cloud the tag '
          : 'Set this tag on it in the cloud, with any value: no run stops it until the tag is removed. '}
        <Copy text="curfew-protect" what="the name of the tag" /> Curfew never writes tags.
      </p>
    )}
  </Fold>
)

function CloudFacts({ server }: { server: Server }) {
  const { serverId, connection, kind, status, tags } = server
  const pairs = Object.entries(tags).flatMap(([key, values]) => values.map(value => [key, value] as const))
  return (
    <Card title="As the cloud has it">
      <dl class="facts">
        <dt>Status</dt>
        <dd>{status}</dd>
        <dt>Kind</dt>
        <dd>{kind}</dd>
        <dt>Connection</dt>
        <dd>
          <a href={hrefTo(['connections', connection])}>{connection}</a>
        </dd>
        <dt>Id</dt>
        <dd>
          <Copy text={serverId} what="the id" />
        </dd>
        <dt>Tags</dt>
        <dd>
          {pairs.length === 0
            ? 'none'
            : pairs.map(([key, value]) => (
                <div key={`${key} ${value}`}>
                  <code>{value === '' ? key : `${key}=${value}`}</code>
                </div>
              ))}
        </dd>
      </dl>
    </Card>
  )
}

const PoliciesAbout = ({ server: { connection, policies, serverId } }: { server: Server }) => (
  <Card title="Policies that match it">
    {policies.length === 0 ? (
      <Empty>
        None: nothing stops or starts it. <a href={hrefTo(['new'])}>Write a policy</a>
      </Empty>
    ) : (
      policies.map(id => <PolicyWhy key={id} policyId={id} connection={connection} serverId={serverId} />)
    )}
  </Card>
)

/** Policies of its connection and kind that leave it out: why is asked once somebody wants to know. */
function OtherPolicies({ server: { connection, kind, policies, serverId } }: { server: Server }) {
  const { data } = useAnswer<Page<Policy>>('/v1/policies?limit=1000')
  const others =
    data?.items.filter(
      one => isAboutConnection(one, connection) && one.kind === kind && !policies.includes(one.id),
    ) ?? []
  if (others.length === 0) return null
  return (
    <Card title="Other policies of its connection">
      {others.map(({ id }) => (
        <Fold key={id} title={`Why not ${id}?`}>
          {() => <PolicyWhy policyId={id} connection={connection} serverId={serverId} />}
        </Fold>
      ))}
    </Card>
  )
}
