import { useState } from 'preact/hooks'
import type { Cancel, Run } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { reloadAll } from '../../api/use-answer.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ReasonField } from '../../parts/field.tsx'
import { tellDone } from '../../parts/notice.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { countText, runTitle } from '../../words/run.ts'

/** Asks before nothing more of a run is sent. */
export function CancelDialog({ run, onClose }: { run: Run; onClose(): void }) {
  const action = useAction()
  const [reason, setReason] = useState('')
  const verb = run.action === 'stop' ? 'stop' : 'start'
  const cancel = async () => {
    const body: Cancel = reason.trim() === '' ? {} : { reason: reason.trim() }
    const path = `/v1/runs/${encodeURIComponent(run.id)}/cancel`
    const after = await action.send<Run>({ method: 'POST', path, body })
    // Refused, it has most likely ended meanwhile: what stands behind the dialog says so.
    if (after === null) return reloadAll()
    tellDone({ text: `Nothing more of ${runTitle(run)} is sent.` })
    onClose()
  }
  return (
    <Dialog title={`Cancel this ${verb}?`} onClose={onClose}>
      <p>
        {`Nothing more is sent. What was sent cannot be called back: it is followed to its end, and its servers ${verb} all the same.`}
      </p>
      <p>
        {`${countText(run.summary.waiting, 'server')} of ${run.summary.targets.toLocaleString()} are not settled yet: those that were not sent stay as they are.`}
      </p>
      <ReasonField reason={reason} onReason={setReason} />
      {action.error && <ProblemBox error={action.error} />}
      <div class="row">
        <Button look="danger" isBusy={action.isBusy} onClick={cancel}>
          Send nothing more
        </Button>
        <Button onClick={onClose}>Let it go on</Button>
      </div>
    </Dialog>
  )
}
