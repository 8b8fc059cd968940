/** One run: what it was, why it ended so, how far it is, and what became of each server. */
import type { Run } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { Copy } from '../parts/copy.tsx'
import { ProblemBox, StaleNote } from '../parts/problem.tsx'
import { RunStatus } from '../parts/status-word.tsx'
import { hrefTo } from '../router.ts'
import { actionText, runTitle } from '../words/run.ts'
import { RunActions } from './actions/run-actions.tsx'
import { runPollMs } from './outcome-words.ts'
import { ExportCsv } from './outcomes/export-csv.tsx'
import { OutcomeList } from './outcomes/outcome-list.tsx'
import { RunFacts } from './run-facts.tsx'
import { RunNumbers } from './run-numbers.tsx'

export function RunScreen({ id, query }: { id: string; query: URLSearchParams }) {
  const shown = useAnswer<Run>(`/v1/runs/${encodeURIComponent(id)}`, runPollMs)
  const { data: run, error } = shown
  if (run === null)
    return (
      <section class="card">
        <h1>Run {id}</h1>
        {error?.status === 404 ? (
          <NoSuchRun />
        ) : error !== null ? (
          <ProblemBox error={error} retry={shown.reload} />
        ) : (
          <p class="loading" role="status">
            Loading …
          </p>
        )}
      </section>
    )
  return (
    <>
      <div class="screen-head">
        <h1>
          {runTitle(run)} · {actionText(run)}{' '}
          <span role="status">
            <RunStatus run={run} />
          </span>
        </h1>
        <RunActions run={run} />
      </div>
      <StaleNote shown={shown} />
      <Card title="What happened" aside={<Copy text={run.id} what="the id of the run" />}>
        {run.reason !== undefined && <p class="reason">{run.reason}</p>}
        <RunNumbers run={run} />
        <RunFacts run={run} />
      </Card>
      <Card title="Servers" aside={<ExportCsv run={run} />}>
        <OutcomeList run={run} query={query} />
      </Card>
      {run.policy !== undefined && (
        <details class="card">
          <summary>{run.policyId === undefined ? 'What was asked for' : 'The policy as it was'}</summary>
          <pre class="scrolls">{JSON.stringify(run.policy, null, 2)}</pre>
        </details>
      )}
    </>
  )
}

const NoSuchRun = () => (
  <p>
    There is no such run. It may be older than runs are kept, or the address was cut off.{' '}
    <a href={hrefTo(['runs'])}>Go to all runs</a>
  </p>
)
