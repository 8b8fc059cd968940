/** What goes on right now, and the way to end it. */
import { useState } from 'preact/hooks'
import type { Run } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Bar } from '../parts/bar.tsx'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { hrefTo } from '../router.ts'
import { countText, numbersText, runTitle } from '../words/run.ts'
import { chunksText, sinceText, targetParts } from './words.ts'

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
  const { id, action, summary, startedAt, createdAt, cancel, dryRun } = run
  const [isAsking, setAsking] = useState(false)
  const isPlanned = run.progress !== undefined
  return (
    <li class="under-way">
      <div>
        <a href={hrefTo(['runs', id])}>{runTitle(run)}</a> · {dryRun ? `dry ${action}` : action}
        <br />
        <span class="soft">{sinceText(startedAt ?? createdAt)}</span>
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
      {isAsking && <CancelQuestion run={run} onClose={() => setAsking(false)} />}
    </li>
  )
}

function CancelQuestion({ run, onClose }: { run: Run; onClose(): void }) {
  const { id, action, summary } = run
  const request = useAction()
  const verb = action === 'stop' ? 'stopped' : 'started'
  const cancel = async () => {
    const body = { reason: 'cancelled in the console' }
    const path = `/v1/runs/${encodeURIComponent(id)}/cancel`
    if (!(await request.send<Run>({ method: 'POST', path, body }))) return
    tellDone({ text: `${runTitle(run)} is cancelled: what was sent is followed to its end.` })
    onClose()
  }
  return (
    <Dialog title={`Cancel ${runTitle(run)}?`} onClose={onClose}>
      <p>
        Nothing more is sent. Servers that were asked already are followed to their end, and may still be{' '}
        {verb}: {countText(summary.waiting, 'server')} wait or are followed right now. What is {verb} stays
        so.
      </p>
      {request.error && <ProblemBox error={request.error} />}
      <div class="row">
        <Button look="danger" isBusy={request.isBusy} onClick={cancel}>
          Cancel the run
        </Button>
        <Button onClick={onClose}>Let it go on</Button>
      </div>
    </Dialog>
  )
}
