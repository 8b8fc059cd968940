/** All connections, with how each stands. */
import { withQuery } from '../api/client.ts'
import type { Connection, NowAnswer } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { usePages } from '../api/use-pages.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { ShowMore } from '../parts/show-more.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { hrefTo } from '../router.ts'
import { apiText, keySourceText } from './words.ts'

const PAGE_SIZE = 100

export const ConnectionList = () => (
  <>
    <h1>Connections</h1>
    <Card title="Where servers live">
      <ConnectionRows />
    </Card>
  </>
)

const connectionColumns = (refused: ReadonlySet<string>): Column<Connection>[] => [
  {
    title: 'Connection',
    cell: connection => (
      <>
        <a href={hrefTo(['connections', connection.id])}>{connection.id}</a>
        <br />
        <span class="soft">{apiText(connection)}</span>
      </>
    ),
  },
  {
    title: 'Region and project',
    cell: ({ region, projectId }) => (
      <>
        {region}
        <br />
        <span class="soft">{projectId}</span>
      </>
    ),
  },
  { title: 'Key', cell: connection => keySourceText(connection) },
  {
    title: 'State',
    cell: ({ id, enabled }) => (
      <>
        <StateWord enabled={enabled} />
        {refused.has(id) && (
          <>
            , <ToneWord tone="bad">key refused</ToneWord>
          </>
        )}
      </>
    ),
  },
]

export const StateWord = ({ enabled }: Pick<Connection, 'enabled'>) =>
  enabled ? <ToneWord tone="good">enabled</ToneWord> : <ToneWord tone="quiet">disabled</ToneWord>

function ConnectionRows() {
  const pages = usePages<Connection>(withQuery('/v1/connections', { limit: PAGE_SIZE }), {
    keyOf: ({ id }) => id,
  })
  const now = useAnswer<NowAnswer>('/v1/now')
  const refused = (now.data?.attention ?? []).flatMap(({ code, connection }) =>
    code === 'key-refused' && connection !== undefined ? [connection] : [],
  )
  return (
    <Loaded shown={pages.first}>
      {({ unreadable = [] }) => (
        <>
          {pages.items.length === 0 ? (
            <NoConnection />
          ) : (
            <Table
              caption="Connections"
              columns={connectionColumns(new Set(refused))}
              rows={pages.items}
              keyOf={({ id }) => id}
            />
          )}
          {unreadable.length > 0 && (
            <p>
              <ToneWord tone="bad">Not readable</ToneWord> by this version: {unreadable.join(', ')}. PUT them
              again, or DELETE them.
            </p>
          )}
          <ShowMore pages={pages} when="pressed" />
        </>
      )}
    </Loaded>
  )
}

const NoConnection = () => (
  <>
    <p>There is no connection yet. It says where servers live, and where the key is kept:</p>
    <ol>
      <li>
        Keep the key of the project where Curfew may read it: in the environment, in Secrets Manager or in
        Parameter Store.
      </li>
      <li>
        In a terminal, <code>npx curfew connections discover --apply</code> finds the projects of the key, and
        asks before it saves a connection to each. Or write one by <code>PUT /v1/connections/ID</code>:{' '}
        <a href="/docs">the API’s page</a> shows an example.
      </li>
      <li>Come back here, and check it.</li>
    </ol>
  </>
)
