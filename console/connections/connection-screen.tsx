/** One connection: whether it works, who uses it, and what it says. */
import type { Connection } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { Copy } from '../parts/copy.tsx'
import { Loaded } from '../parts/problem.tsx'
import { When } from '../parts/when.tsx'
import { ChangeHistory } from '../policies/one/history.tsx'
import { hrefTo } from '../router.ts'
import { CheckCard } from './check.tsx'
import { StateWord } from './connection-list.tsx'
import { EnableButton } from './enable.tsx'
import { UsersCard, useUsers } from './users.tsx'
import { apiText, documentText, groupsText, keySourceText, rateText } from './words.ts'

export function ConnectionScreen({ id }: { id: string }) {
  const path = `/v1/connections/${encodeURIComponent(id)}`
  const shown = useAnswer<Connection>(path)
  const users = useUsers(id)
  return (
    <>
      <p>
        <a href={hrefTo(['connections'])}>All connections</a>
      </p>
      <Loaded shown={shown}>
        {connection => (
          <>
            <div class="screen-head">
              <h1>
                {id} <StateWord enabled={connection.enabled} />
              </h1>
              <EnableButton connection={connection} users={users} reload={shown.reload} />
            </div>
            <CheckCard id={id} />
            <div class="two">
              <Facts connection={connection} />
              <UsersCard users={users} />
            </div>
            <DocumentCard connection={connection} />
            <ChangeHistory of={path} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Facts({ connection }: { connection: Connection }) {
  const { region, projectId, endpoints, updatedAt, updatedBy } = connection
  const overrides = Object.entries(endpoints)
  return (
    <Card title="What it says">
      <dl class="facts">
        <dt>Cloud</dt>
        <dd>{apiText(connection)}</dd>
        <dt>Region</dt>
        <dd>{region}</dd>
        <dt>Project</dt>
        <dd>{projectId}</dd>
        <dt>Key</dt>
        <dd>
          {keySourceText(connection)}
          <p class="hint">The key itself is never kept here, shown or logged.</p>
        </dd>
        <dt>Endpoints</dt>
        <dd>
          {overrides.length === 0
            ? 'those of the cloud and region'
            : overrides.map(([name, url]) => (
                <div key={name}>
                  {name}: {url}
                </div>
              ))}
        </dd>
        <dt>In a minute</dt>
        <dd>{rateText(connection)}</dd>
        <dt>Scaling groups</dt>
        <dd>{groupsText(connection)}</dd>
        <dt>Changed</dt>
        <dd>
          <When at={updatedAt} />
          {updatedBy !== undefined && `, by ${updatedBy}`}
        </dd>
      </dl>
    </Card>
  )
}

function DocumentCard({ connection }: { connection: Connection }) {
  const { id, version } = connection
  const text = documentText(connection)
  return (
    <section class="card" aria-label="The document">
      <details>
        <summary>The document, and how to change it</summary>
        <textarea readOnly rows={text.split('\n').length + 1} value={text} aria-label={`${id} as JSON`} />
        <p>
          Change it where it is kept, and send the whole of it:{' '}
          <Copy text={`PUT /v1/connections/${id}`} what="the request" />. The header{' '}
          <code>{`If-Match: "${version}"`}</code> refuses it if somebody else changed it meanwhile.{' '}
          <a href="/docs">The API’s page</a> says what each field means.
        </p>
      </details>
    </section>
  )
}
