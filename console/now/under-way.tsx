/** What goes on right now, and the way to end it. */
import { useState } from 'preact/hooks'
import type { Run } from '../api/types.ts'
import { Bar } from '../parts/bar.tsx'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { CancelDialog } from '../runs/actions/cancel-dialog.tsx'
import { actionText, numbersText, runTitle } from '../words/run.ts'
import { chunksText, targetParts } from './words.ts'

export const UnderWay = ({ runs }: { runs: Run[] }) => (
  <Card title="Goes on">
    <ul class="plain">
      {runs.map(run => (
        <RunUnderWay key={run.id} run={run} />
      ))}
    </ul>
  </Card>
)

function RunUnderWay({ run }: { run: Run }) {
  const { id, summary, startedAt, createdAt, cancel } = run
  const [isAsking, setAsking] = useState(false)
  const isPlanned = run.progress !== undefined
  return (
    <li class="under-way">
      <div>
        <a href={hrefTo(['runs', id])}>{runTitle(run)}</a> · {actionText(run)}
        <br />
        <span class="soft">
          since <When at={startedAt ?? createdAt} />
        </span>
      </div>
      <div>
        <Bar parts={targetParts(run)} total={summary.targets} />
        <p>
          {isPlanned ? numbersText(run) : 'Finds out which servers it is about.'}
          {isPlanned && summary.waiting > 0 && (
            <span class="soft">, {summary.waiting.toLocaleString()} wait or are followed</span>
          )}
          <br />
          <span class="soft">{chunksText(run)}</span>
        </p>
      </div>
      {cancel ? (
        <span class="word quiet">is cancelled</span>
      ) : (
        <Button look="danger" label={`Cancel ${runTitle(run)}`} onClick={() => setAsking(true)}>
          Cancel
        </Button>
      )}
      {isAsking && <CancelDialog run={run} onClose={() => setAsking(false)} />}
    </li>
  )
}
