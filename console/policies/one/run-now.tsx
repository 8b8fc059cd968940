/** A run of a policy by hand: the list it will hit first, then the question, then the run. */
import { useState } from 'preact/hooks'
import type { Policy, Preview, Run } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { goTo, hrefTo } from '../../router.ts'
import { ConfirmCount, useConfirmation } from '../../runs/actions/confirm-count.tsx'
import { newRequestKey } from '../../runs/actions/use-posted.ts'
import { countText } from '../../words/run.ts'
import { PreviewSummary, ServerNames } from '../preview.tsx'
import { usePreviewOf } from '../preview-answer.ts'
import { howSentences } from '../sentence.ts'

interface RunNowProps {
  policy: Policy
  action: 'stop' | 'start'
  onClose(): void
}

export function RunNow({ policy, action, onClose }: RunNowProps) {
  const preview = usePreviewOf({
    path: `/v1/policies/${encodeURIComponent(policy.id)}/preview?action=${action}`,
  })
  return (
    <Dialog
      title={action === 'stop' ? `Stop now: ${policy.id}` : `Start now: ${policy.id}`}
      onClose={onClose}
    >
      {preview.error && <ProblemBox error={preview.error} retry={preview.reload} />}
      {preview.data === null ? (
        preview.isBusy && (
          <p class="loading" role="status">
            Asking the cloud who it would be …
          </p>
        )
      ) : (
        <AskToRun policy={policy} action={action} onClose={onClose} preview={preview.data} />
      )}
    </Dialog>
  )
}

function AskToRun({ policy, action, onClose, preview }: RunNowProps & { preview: Preview }) {
  const sending = useAction()
  const [key] = useState(newRequestKey)
  const [overrideLimits, setOverride] = useState(false)
  const { targets } = preview.summary
  const isBlocked = preview.blockedBy !== null && !overrideLimits
  const maxServers = overrideLimits ? 0 : policy.limits.maxServers
  const confirmation = useConfirmation(targets, maxServers)
  const run = async (dryRun: boolean) => {
    const body = { policyId: policy.id, action, dryRun, overrideLimits: overrideLimits && !dryRun }
    const headers = { 'idempotency-key': `${key}-${dryRun}-${overrideLimits}` }
    const made = await sending.send<Run | { items: Run[] }>({
      method: 'POST',
      path: '/v1/runs',
      headers,
      body,
    })
    if (made !== null) goTo(hrefOfRuns(made, policy.id))
  }
  return (
    <>
      <PreviewSummary preview={preview} action={action} />
      {targets > 0 && (
        <ServerNames servers={preview.targets} connection={policy.connection} total={targets} />
      )}
      {action === 'stop' && <p>{howSentences(policy).join(' ')}</p>}
      {preview.blockedBy !== null && <OverrideChoice isChosen={overrideLimits} onChoose={setOverride} />}
      {!isBlocked && <ConfirmCount count={targets} maxServers={maxServers} confirmation={confirmation} />}
      {sending.error && <ProblemBox error={sending.error} />}
      <div class="row">
        <Button
          look="danger"
          isBusy={sending.isBusy}
          disabled={targets === 0 || isBlocked || !confirmation.isConfirmed}
          onClick={() => void run(false)}
        >
          {`${action === 'stop' ? 'Stop' : 'Start'} ${countText(targets, 'server')}`}
        </Button>
        <Button isBusy={sending.isBusy} onClick={() => void run(true)}>
          Dry run
        </Button>
        <Button onClick={onClose}>Leave them</Button>
      </div>
      <p class="hint">
        A dry run decides everything and asks for nothing. The run looks again at each server right before it
        acts.
      </p>
    </>
  )
}

/** Of a policy with several connections a run was made in each. */
const hrefOfRuns = (made: Run | { items: Run[] }, policy: string): string =>
  'items' in made ? hrefTo(['runs'], { policy }) : hrefTo(['runs', made.id])

const OverrideChoice = ({ isChosen, onChoose }: { isChosen: boolean; onChoose(isChosen: boolean): void }) => (
  <p>
    <label>
      <input type="checkbox" checked={isChosen} onChange={event => onChoose(event.currentTarget.checked)} />{' '}
      Go on where a limit blocks it. A switch that is off still holds.
    </label>
  </p>
)
