/** Finds servers in every connection, by a part of a name or an id, while one types. */
import { useEffect, useState } from 'preact/hooks'
import { type ApiError, fetchData, withQuery } from '../api/client.ts'
import type { Connection, Page, Server, ServerPage } from '../api/types.ts'
import { toApiError, useAnswer } from '../api/use-answer.ts'
import { Button } from '../parts/button.tsx'
import { Card, Empty } from '../parts/card.tsx'
import { Field } from '../parts/field.tsx'
import { Loaded, ProblemBox } from '../parts/problem.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { When } from '../parts/when.tsx'
import { hrefTo, type Place, replaceQuery } from '../router.ts'
import { countText } from '../words/run.ts'
import { searchOf, sortServers, stateOf } from './words.ts'

/** Each search asks clouds: it waits until nobody types any more. */
const TYPING_MS = 400

export function SearchScreen({ place }: { place: Place }) {
  const [text, setText] = useState(place.query.get('search') ?? '')
  const [connection, setConnection] = useState(place.query.get('connection') ?? '')
  const [asked, setAsked] = useState(text)
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setAsked(text)
      replaceQuery({ search: text.trim(), connection })
    }, TYPING_MS)
    return () => window.clearTimeout(timer)
  }, [text, connection])
  const wanted = searchOf(asked)
  return (
    <>
      <h1>Servers</h1>
      <section class="card" aria-label="Search">
        <Field
          label="Name or id"
          hint="A part of a name is enough. * stands for any text, ? for one character. Upper and lower case differ."
        >
          {ids => (
            <input
              {...ids}
              type="search"
              autocomplete="off"
              spellcheck={false}
              placeholder="web-7"
              value={text}
              onInput={event => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <ConnectionChoice value={connection} onChoose={setConnection} />
      </section>
      {wanted === null ? (
        <Card title="Nothing is searched for yet">
          <p>
            Every connection is asked, as its servers are now. Type a name or an id, or{' '}
            <Button look="link" onClick={() => setText('*')}>
              list all servers
            </Button>
            .
          </p>
        </Card>
      ) : (
        <Results path={withQuery('/v1/servers', { ...wanted, connection, limit: 100 })} />
      )}
    </>
  )
}

function ConnectionChoice({ value, onChoose }: { value: string; onChoose(id: string): void }) {
  const { data } = useAnswer<Page<Connection>>('/v1/connections?limit=1000')
  if ((data?.items.length ?? 0) < 2) return null
  return (
    <Field label="Connection">
      {ids => (
        <select {...ids} value={value} onChange={event => onChoose(event.currentTarget.value)}>
          <option value="">All connections</option>
          {data!.items.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function Results({ path }: { path: string }) {
  const shown = useAnswer<ServerPage>(path)
  return (
    <Card title="Found">
      <Loaded shown={shown}>{first => <FoundPages key={path} first={first} path={path} />}</Loaded>
    </Card>
  )
}

const AT_REST = { isBusy: false, error: null }

/** The first page, and those after it that were asked for. */
function FoundPages({ first, path }: { first: ServerPage; path: string }) {
  const [more, setMore] = useState<ServerPage[]>([])
  const [next, setNext] = useState<{ isBusy: boolean; error: ApiError | null }>(AT_REST)
  const pages = [first, ...more]
  const { nextCursor } = pages.at(-1)!
  const servers = sortServers(pages.flatMap(({ items }) => items))
  const goOn = async () => {
    setNext({ isBusy: true, error: null })
    try {
      const cursor = encodeURIComponent(nextCursor!)
      const page = await fetchData<ServerPage>({ path: `${path}&cursor=${cursor}` })
      setMore(before => [...before, page])
      setNext(AT_REST)
    } catch (error) {
      setNext({ isBusy: false, error: toApiError(error) })
    }
  }
  return (
    <>
      <p class="soft" role="status">
        {countText(servers.length, 'server')}
        {nextCursor !== null && ' so far'}
      </p>
      <Missing pages={pages} />
      {servers.length > 0 && <Table caption="Servers found" columns={COLUMNS} rows={servers} keyOf={keyOf} />}
      {servers.length === 0 && nextCursor === null && <Empty>No server matches.</Empty>}
      {nextCursor !== null && (
        <Button isBusy={next.isBusy} onClick={() => void goOn()}>
          Search on
        </Button>
      )}
      {next.error && <ProblemBox error={next.error} retry={() => void goOn()} />}
    </>
  )
}

const keyOf = ({ connection, serverId }: Server): string => `${connection} ${serverId}`

/** Whose servers, or whose policies, are not among these. */
export function Missing({ pages }: { pages: Pick<ServerPage, 'unreachable' | 'unreadable'>[] }) {
  const unreachable = pages.flatMap(page => page.unreachable)
  const unreadable = [...new Set(pages.flatMap(page => page.unreadable ?? []))]
  if (unreachable.length + unreadable.length === 0) return null
  return (
    <ul class="plain tight" aria-label="What is missing here">
      {unreachable.map(({ connection, kind, reason }) => (
        <li key={`${connection} ${kind}`}>
          <ToneWord tone="bad">Not all of</ToneWord>{' '}
          <a href={hrefTo(['connections', connection])}>{connection}</a>
          {kind === null ? '' : ` (${kind})`}: {reason}
        </li>
      ))}
      {unreadable.map(id => (
        <li key={id}>
          <ToneWord tone="bad">{`Policy ${id}`}</ToneWord> cannot be read, so it is not known what it does to
          these.
        </li>
      ))}
    </ul>
  )
}

const COLUMNS: Column<Server>[] = [
  {
    title: 'Server',
    cell: ({ connection, serverId, name }) => (
      <>
        <a href={hrefTo(['servers', connection, serverId])}>{name || serverId}</a>
        <br />
        <code class="soft">{serverId}</code>
      </>
    ),
  },
  { title: 'Connection', cell: ({ connection, kind }) => `${connection} · ${kind}` },
  { title: 'Status', cell: ({ status }) => status },
  {
    title: 'Policies',
    cell: ({ policies }) =>
      policies.length === 0 ? (
        <span class="soft">none</span>
      ) : (
        policies.map((id, place) => (
          <span key={id}>
            {place > 0 && ', '}
            <a href={hrefTo(['policies', id])}>{id}</a>
          </span>
        ))
      ),
  },
  { title: 'Next stop', cell: server => <NextStop server={server} /> },
]

function NextStop({ server }: { server: Server }) {
  const state = stateOf(server)
  return (
    <>
      {server.nextStopAt === null ? <span class="soft">none</span> : <When at={server.nextStopAt} />}
      {state && (
        <>
          {' '}
          <ToneWord tone={state.tone}>{state.word}</ToneWord>
        </>
      )}
    </>
  )
}
