/** All runs, newest first. */
import { withQuery } from '../api/client.ts'
import type { Page, Run } from '../api/types.ts'
import { type Pages, usePages } from '../api/use-pages.ts'
import { Bar } from '../parts/bar.tsx'
import { Empty } from '../parts/card.tsx'
import { ProblemBox, StaleNote } from '../parts/problem.tsx'
import { ShowMore } from '../parts/show-more.tsx'
import { RunStatus } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { useNow, When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { actionText, hasEnded, numbersText, runTitle, tookMs } from '../words/run.ts'
import { durationText } from '../words/time.ts'
import { isFiltered, type RunFilters, readFilters, runsQuery } from './list-query.ts'
import { sharesOf } from './outcome-words.ts'
import { RunFilterFields } from './run-filters.tsx'

const PAGE_SIZE = 50
const BUSY_MS = 3000
const QUIET_MS = 60_000

const LISTING = {
  keyOf: ({ id }: Run) => id,
  isAfter: ({ dueAt }: Run, last: Run) => dueAt <= last.dueAt,
  every: (page: Page<Run> | null) =>
    page === null || page.items.some(run => !hasEnded(run)) ? BUSY_MS : QUIET_MS,
}

export function RunList({ query }: { query: URLSearchParams }) {
  const filters = readFilters(query)
  const pages = usePages<Run>(withQuery('/v1/runs', runsQuery(filters, PAGE_SIZE)), LISTING)
  return (
    <>
      <h1>Runs</h1>
      <section class="card" aria-label="Which runs">
        <RunFilterFields filters={filters} error={pages.first.error} />
      </section>
      <section class="card" aria-label="Runs, newest first" aria-busy={pages.isBusy}>
        <StaleNote shown={pages.first} />
        <RunPages pages={pages} filters={filters} />
      </section>
    </>
  )
}

function RunPages({ pages, filters }: { pages: Pages<Run>; filters: RunFilters }) {
  const { first, items } = pages
  if (first.data === null && first.error !== null)
    return <ProblemBox error={first.error} retry={first.reload} />
  return (
    <>
      {items.length > 0 && <RunTable runs={items} />}
      {items.length === 0 && first.data === null && (
        <p class="loading" role="status">
          Loading …
        </p>
      )}
      {items.length === 0 && first.data !== null && <NoRuns hasMore={pages.hasMore} filters={filters} />}
      {(first.data?.unreadable ?? []).map(id => (
        <p key={id} class="bad">
          Run <code>{id}</code> cannot be read.
        </p>
      ))}
      {first.data !== null && (
        <ShowMore pages={pages} when="pressed">
          {items.length === 0 ? 'Look further back' : 'Show more'}
        </ShowMore>
      )}
    </>
  )
}

function NoRuns({ hasMore, filters }: { hasMore: boolean; filters: RunFilters }) {
  if (hasMore) return <Empty>None of the latest runs is like that.</Empty>
  if (isFiltered(filters)) return <Empty>No run is like that. Change the filter, or show all.</Empty>
  return (
    <Empty>
      There were no runs yet. Each due time of a policy makes one, and so does <em>Run now</em> at a policy:{' '}
      <a href={hrefTo(['policies'])}>go to the policies</a>.
    </Empty>
  )
}

const columns = (now: number): Column<Run>[] => [
  {
    title: 'Run',
    cell: run => (
      <>
        <a href={hrefTo(['runs', run.id])}>{runTitle(run)}</a> <span class="soft">· {actionText(run)}</span>
      </>
    ),
  },
  { title: 'Due', cell: run => <When at={run.dueAt} /> },
  { title: 'Status', cell: run => <RunStatus run={run} /> },
  {
    title: 'Servers',
    cell: run => (
      <>
        <Bar parts={sharesOf(run)} total={run.summary.matched} />
        <span>{numbersText(run)}</span>
      </>
    ),
  },
  {
    title: 'Took',
    isNumber: true,
    cell: run => {
      const ms = tookMs(run, now)
      return ms === null ? '–' : durationText(ms)
    },
  },
]

function RunTable({ runs }: { runs: Run[] }) {
  const now = useNow(runs.some(run => !hasEnded(run)) ? 1000 : QUIET_MS)
  return <Table caption="Runs, newest first" columns={columns(now)} rows={runs} keyOf={LISTING.keyOf} />
}
