import { withQuery } from '../../api/client.ts'
import type { Page, Run } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Card, Empty } from '../../parts/card.tsx'
import { Loaded } from '../../parts/problem.tsx'
import { RunStatus } from '../../parts/status-word.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { hrefTo } from '../../router.ts'
import { hasEnded, numbersText } from '../../words/run.ts'

const LIMIT = 8
const BUSY_POLL_MS = 3000
const QUIET_POLL_MS = 60_000

const pollRuns = (page: Page<Run> | null): number =>
  page?.items.some(run => !hasEnded(run)) ? BUSY_POLL_MS : QUIET_POLL_MS

const runColumns = (timeZone: string): Column<Run>[] => [
  {
    title: 'Due',
    cell: ({ id, dueAt }) => (
      <a href={hrefTo(['runs', id])}>
        <When at={dueAt} timeZone={timeZone} />
      </a>
    ),
  },
  {
    title: 'Run',
    cell: ({ action, trigger, dryRun }) =>
      `${action}${trigger === 'manual' ? ', by hand' : ''}${dryRun ? ', dry run' : ''}`,
  },
  {
    title: 'Ended',
    cell: run => (
      <>
        <RunStatus run={run} /> {numbersText(run)}
        {run.reason !== undefined && run.status !== 'partial' && <div class="soft">{run.reason}</div>}
      </>
    ),
  },
]

export function LatestRuns({ policyId, timeZone }: { policyId: string; timeZone: string }) {
  const shown = useAnswer<Page<Run>>(withQuery('/v1/runs', { policyId, limit: LIMIT }), pollRuns)
  return (
    <Card title="Latest runs" aside={<a href={hrefTo(['runs'], { policy: policyId })}>All its runs</a>}>
      <Loaded shown={shown}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>It has had no run yet.</Empty>
          ) : (
            <Table caption="Latest runs" columns={runColumns(timeZone)} rows={items} keyOf={({ id }) => id} />
          )
        }
      </Loaded>
    </Card>
  )
}
