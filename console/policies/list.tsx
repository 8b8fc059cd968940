/** All policies: each a sentence, when it is next, how it stands. */
import { useState } from 'preact/hooks'
import { withQuery } from '../api/client.ts'
import type { Page, Policy } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Empty } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { Countdown, When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { hasScreen, namedConnections } from '../words/connections.ts'
import { policySentence } from './sentence.ts'
import { SnoozeButton } from './snooze.tsx'

const PAGE_SIZE = 100
/** As many as one answer may hold: what is looked for may stand on any page. */
const SEARCH_SIZE = 1000
const POLL_MS = 60_000

export function PolicyList() {
  const [filter, setFilter] = useState('')
  const limit = filter.trim() === '' ? PAGE_SIZE : SEARCH_SIZE
  return (
    <>
      <div class="screen-head">
        <h1>Policies</h1>
        <div class="row">
          <input
            type="search"
            aria-label="Find a policy by its name or description"
            placeholder="Find"
            value={filter}
            onInput={event => setFilter(event.currentTarget.value)}
          />
          <a class="button main" href={hrefTo(['new'])}>
            New policy
          </a>
        </div>
      </div>
      <PolicyPages key={limit} limit={limit} filter={filter} />
    </>
  )
}

function PolicyPages(listed: { limit: number; filter: string }) {
  // The cursors of the pages that are shown; the first page has none.
  const [cursors, setCursors] = useState([''])
  return (
    <>
      {cursors.map((cursor, place) => (
        <PolicyPage
          key={cursor}
          {...listed}
          cursor={cursor}
          onMore={place === cursors.length - 1 ? next => setCursors([...cursors, next]) : null}
        />
      ))}
    </>
  )
}

interface PolicyPageProps {
  limit: number
  cursor: string
  filter: string
  /** Shows the page after it; `null`: it is shown. */
  onMore: ((cursor: string) => void) | null
}

const isFound = ({ id, description }: Policy, filter: string): boolean =>
  `${id} ${description}`.toLowerCase().includes(filter.trim().toLowerCase())

function PolicyPage({ limit, cursor, filter, onMore }: PolicyPageProps) {
  const path = withQuery('/v1/policies', { limit, cursor })
  const shown = useAnswer<Page<Policy>>(path, () => (cursor === '' ? POLL_MS : null))
  const found = (items: Policy[]) => items.filter(policy => isFound(policy, filter))
  return (
    <section class="card">
      <Loaded shown={shown}>
        {({ items, unreadable, nextCursor }) => (
          <>
            <UnreadableNote ids={unreadable ?? []} />
            {items.length === 0 ? <NoPolicies /> : <PolicyTable policies={found(items)} />}
            {nextCursor !== null && onMore !== null && (
              <button type="button" onClick={() => onMore(nextCursor)}>
                Show more
              </button>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

const PolicyTable = ({ policies }: { policies: Policy[] }) =>
  policies.length === 0 ? (
    <Empty>None of these is named or described so.</Empty>
  ) : (
    <Table caption="Policies" columns={COLUMNS} rows={policies} keyOf={({ id }) => id} />
  )

const NoPolicies = () => (
  <Empty>
    No policy says yet what is stopped, and when. <a href={hrefTo(['new'])}>Write the first one</a>: you see
    whom it would stop before you save it.
  </Empty>
)

const UnreadableNote = ({ ids }: { ids: string[] }) =>
  ids.length === 0 ? null : (
    <p class="problem">
      <strong class="bad">Cannot be read by this version:</strong> {ids.join(', ')}. They stop nothing until
      they are saved anew, or deleted.
    </p>
  )

/** What comes next of a policy, and when. */
export function NextOf({ policy }: { policy: Policy }) {
  const { timeZone } = policy.schedule
  const next = (['stop', 'start'] as const).flatMap(action => {
    const at = action === 'stop' ? policy.nextStopAt : policy.nextStartAt
    return at === null ? [] : [{ action, at }]
  })
  if (next.length === 0) return <span class="soft">nothing will act</span>
  return (
    <>
      {next
        .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
        .map(({ action, at }) => (
          <div key={action}>
            <span class="word">{action === 'stop' ? 'stops' : 'starts'}</span> <Countdown to={at} />{' '}
            <span class="soft">
              <When at={at} timeZone={timeZone} />
            </span>
          </div>
        ))}
    </>
  )
}

export function PolicyStatus({ policy: { enabled, snoozedUntil, schedule } }: { policy: Policy }) {
  if (!enabled) return <ToneWord tone="quiet">disabled</ToneWord>
  if (snoozedUntil === null) return <ToneWord tone="good">enabled</ToneWord>
  return (
    <>
      <ToneWord tone="part">snoozed</ToneWord> until <When at={snoozedUntil} timeZone={schedule.timeZone} />
    </>
  )
}

const COLUMNS: Column<Policy>[] = [
  {
    title: 'Policy',
    cell: policy => (
      <>
        <a class="name" href={hrefTo(['policies', policy.id])}>
          {policy.id}
        </a>
        <div>{policySentence(policy)}</div>
        {policy.description !== '' && <div class="soft">{policy.description}</div>}
      </>
    ),
  },
  { title: 'Next', cell: policy => <NextOf policy={policy} /> },
  { title: 'State', cell: policy => <PolicyStatus policy={policy} /> },
  {
    title: 'Connection',
    cell: policy => (
      <>
        {namedConnections(policy).map(one => (
          <div key={one}>{hasScreen(one) ? <a href={hrefTo(['connections', one])}>{one}</a> : one}</div>
        ))}
      </>
    ),
  },
  { title: '', cell: policy => <SnoozeButton policy={policy} /> },
]
