/** What became of each server of a run: thousands of them, filtered by the API and read page by page. */
import { useEffect, useState } from 'preact/hooks'
import { withQuery } from '../../api/client.ts'
import type { Outcome, Run } from '../../api/types.ts'
import { type Pages, usePages } from '../../api/use-pages.ts'
import { Button } from '../../parts/button.tsx'
import { Empty } from '../../parts/card.tsx'
import { ProblemBox, StaleNote } from '../../parts/problem.tsx'
import { ShowMore } from '../../parts/show-more.tsx'
import { replaceQuery } from '../../router.ts'
import { countText, hasEnded } from '../../words/run.ts'
import { countOutcomes, nameGlob, type OutcomeFilters } from '../outcome-words.ts'
import { OutcomeFilterFields } from './outcome-filters.tsx'
import { OutcomeTable } from './outcome-table.tsx'

const PAGE_SIZE = 200

const readOutcomeFilters = (query: URLSearchParams): OutcomeFilters => ({
  status: query.get('status') ?? '',
  code: query.get('code') ?? '',
  name: query.get('name') ?? '',
})

export function OutcomeList({ run, query }: { run: Run; query: URLSearchParams }) {
  const filters = readOutcomeFilters(query)
  const settled = countOutcomes(run)
  // Read anew once it has ended; before that when somebody asks, so that no row jumps under a reader's eyes.
  const [read, setRead] = useState(settled)
  const end = run.endedAt
  useEffect(() => setRead(settled), [end])
  const newer = settled - read
  return (
    <>
      <OutcomeFilterFields run={run} filters={filters} />
      {newer > 0 && end === undefined && (
        <p>
          <Button onClick={() => setRead(settled)}>{`Show ${countText(newer, 'newer outcome')}`}</Button>
        </p>
      )}
      <OutcomePages key={end ?? read} run={run} filters={filters} />
    </>
  )
}

function OutcomePages({ run, filters }: { run: Run; filters: OutcomeFilters }) {
  const { status, code, name } = filters
  const path = `/v1/runs/${encodeURIComponent(run.id)}/servers`
  const query = { status, code, name: nameGlob(name), limit: PAGE_SIZE }
  const pages = usePages<Outcome>(withQuery(path, query), { keyOf: ({ serverId }) => serverId })
  const { first, items } = pages
  if (first.data === null && first.error !== null)
    return <ProblemBox error={first.error} retry={first.reload} />
  // How many there are is known, but for a filter by name.
  const total = name === '' ? Math.max(countOutcomes(run, filters), items.length) : null
  return (
    <div aria-busy={pages.isBusy}>
      <StaleNote shown={first} />
      <p class="soft" role="status">
        {first.data === null && items.length === 0 ? 'Loading …' : shownText(pages, total)}
      </p>
      {items.length > 0 && (
        <OutcomeTable run={run} outcomes={items} total={pages.hasMore ? total : items.length} />
      )}
      {items.length === 0 && first.data !== null && <NoOutcomes run={run} filters={filters} />}
      <ShowMore pages={pages} when="seen" />
    </div>
  )
}

function shownText({ items, hasMore }: Pages<Outcome>, total: number | null): string {
  if (!hasMore) return items.length === 0 ? '' : `${countText(items.length, 'server')}.`
  const of = total === null ? 'more follow below' : `of ${total.toLocaleString()}, more follow below`
  return `${countText(items.length, 'server')} ${total === null ? 'shown, ' : ''}${of}.`
}

function NoOutcomes({ run, filters }: { run: Run; filters: OutcomeFilters }) {
  if (Object.values(filters).some(one => one !== ''))
    return (
      <Empty>
        No server is like that.{' '}
        <Button look="link" onClick={() => replaceQuery({})}>
          Show all servers
        </Button>
      </Empty>
    )
  if (!hasEnded(run)) return <Empty>No server is settled yet; each stands here as soon as it is.</Empty>
  return <Empty>This run has no servers{run.reason === undefined ? ': its policy matched none.' : '.'}</Empty>
}
