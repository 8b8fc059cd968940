/** What ended in the last 24 hours. */
import type { Run } from '../api/types.ts'
import { Bar } from '../parts/bar.tsx'
import { Card, Empty } from '../parts/card.tsx'
import { RunStatus } from '../parts/status-word.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { serverNow, When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { actionText, numbersText, runTitle, tookMs } from '../words/run.ts'
import { durationText } from '../words/time.ts'
import { targetParts } from './words.ts'

const COLUMNS: Column<Run>[] = [
  {
    title: 'Run',
    cell: run => (
      <>
        <a href={hrefTo(['runs', run.id])}>{runTitle(run)}</a> · {actionText(run)}
        <br />
        <span class="soft">
          <When at={run.dueAt} />
        </span>
      </>
    ),
  },
  {
    title: 'Servers',
    cell: run => (
      <>
        {run.summary.targets > 0 && <Bar parts={targetParts(run)} total={run.summary.targets} />}
        <RunStatus run={run} />{' '}
        <span>{run.summary.matched > 0 ? numbersText(run) : (run.reason ?? 'no server matched')}</span>
      </>
    ),
  },
  { title: 'Took', isNumber: true, cell: run => tookText(run) },
]

function tookText(run: Run): string {
  const ms = tookMs(run, serverNow())
  return ms === null ? '–' : durationText(ms)
}

export const Latest = ({ runs }: { runs: Run[] }) => (
  <Card title="Last 24 hours" aside={<a href={hrefTo(['runs'])}>All runs</a>}>
    {runs.length === 0 ? (
      <Empty>Nothing ran.</Empty>
    ) : (
      <Table
        caption="Runs that ended in the last 24 hours"
        columns={COLUMNS}
        rows={runs}
        keyOf={({ id }) => id}
      />
    )}
  </Card>
)
