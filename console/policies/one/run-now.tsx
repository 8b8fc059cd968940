/** A run of a policy by hand: the list it will hit first, then the question, then the run. */
import { useMemo, useState } from 'preact/hooks'
import type { Policy, Preview, Run } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { goTo, hrefTo } from '../../router.ts'
import { countText } from '../../words/run.ts'
import { PreviewSummary, ServerNames } from '../preview.tsx'
import { usePreviewOf } from '../preview-answer.ts'

/** Without a limit of its own, more servers than this ask for their number. */
const MAX_WITHOUT_ASKING = 50

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
        <AskToRun {...{ policy, action, onClose }} preview={preview.data} />
      )}
    </Dialog>
  )
}

/** Of one dialog: a request that is sent again makes no second run. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36)).join('-')
}

function AskToRun({ policy, action, onClose, preview }: RunNowProps & { preview: Preview }) {
  const sending = useAction()
  const key = useMemo(newKey, [])
  const [overrideLimits, setOverride] = useState(false)
  const [typed, setTyped] = useState('')
  const { targets } = preview.summary
  const isBlocked = preview.blockedBy !== null && !overrideLimits
  const mustType = targets > (policy.limits.maxServers ?? MAX_WITHOUT_ASKING) || overrideLimits
  const isSure = !mustType || typed.trim().replace(/[.,\s]/g, '') === String(targets)
  const run = async (dryRun: boolean) => {
    const body = { policyId: policy.id, action, dryRun, overrideLimits: overrideLimits && !dryRun }
    const headers = { 'idempotency-key': `${key}-${dryRun}-${overrideLimits}` }
    const made = await sending.send<Run>({ method: 'POST', path: '/v1/runs', headers, body })
    if (made !== null) goTo(hrefTo(['runs', made.id]))
  }
  return (
    <>
      <PreviewSummary preview={preview} action={action} />
      {targets > 0 && (
        <ServerNames servers={preview.targets} connection={policy.connection} total={targets} />
      )}
      {preview.blockedBy !== null && <OverrideChoice isChosen={overrideLimits} onChoose={setOverride} />}
      {mustType && !isBlocked && targets > 0 && (
        <Field
          label={`Type ${targets} to ${action} that many servers`}
          hint="So many servers are not to be hit by a slip of the hand."
        >
          {ids => (
            <input
              {...ids}
              inputMode="numeric"
              autocomplete="off"
              value={typed}
              onInput={event => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      {sending.error && <ProblemBox error={sending.error} />}
      <div class="row">
        <Button
          look="danger"
          isBusy={sending.isBusy}
          disabled={targets === 0 || isBlocked || !isSure}
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

const OverrideChoice = ({ isChosen, onChoose }: { isChosen: boolean; onChoose(isChosen: boolean): void }) => (
  <p>
    <label>
      <input type="checkbox" checked={isChosen} onChange={event => onChoose(event.currentTarget.checked)} />{' '}
      Go on where a limit blocks it. A switch that is off still holds.
    </label>
  </p>
)
