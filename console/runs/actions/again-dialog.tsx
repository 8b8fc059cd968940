/** Makes a run once more: shows who will be hit, asks, and leads to the new run. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { withQuery } from '../../api/client.ts'
import type { Preview, Run } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { countText } from '../../words/run.ts'
import { type AgainChoices, againBody, maxServersOf } from './again-request.ts'
import { ConfirmCount, useConfirmation } from './confirm-count.tsx'
import { HitsOfPreview, HitsOfRun, LeftText, MadeRun } from './hit-list.tsx'
import { newRequestKey, useDryRun, usePosted } from './use-posted.ts'

interface AgainProps {
  run: Run
  onClose(): void
}

export function AgainDialog({ run, onClose }: AgainProps) {
  const [made, setMade] = useState<Run | null>(null)
  const content = { run, onClose, onMade: setMade }
  return (
    <Dialog title={made === null ? `Run this ${run.action} again?` : 'Asked for'} onClose={onClose}>
      {made !== null ? (
        <MadeRun run={made} />
      ) : run.policyId === undefined ? (
        <AgainAdHoc {...content} />
      ) : (
        <AgainByPolicy {...content} policyId={run.policyId} />
      )}
    </Dialog>
  )
}

type AgainContent = AgainProps & { onMade(run: Run): void }

const Looking = () => (
  <p class="loading" role="status">
    Looking up who will be hit …
  </p>
)

const goalText = ({ action }: Run, count: number): string =>
  count === 0
    ? `Nobody would be ${action === 'stop' ? 'stopped' : 'started'} now.`
    : `${countText(count, 'server')} will be ${action === 'stop' ? 'stopped' : 'started'}:`

function AgainByPolicy({ policyId, ...content }: AgainContent & { policyId: string }) {
  const { run } = content
  const { connection } = againBody(run, { dryRun: true, overrideLimits: false })
  const of = `/v1/policies/${encodeURIComponent(policyId)}/preview`
  const path = withQuery(of, { action: run.action, connection: connection as string | undefined })
  const preview = usePosted<Preview>({ path })
  if (preview.error !== null) return <ProblemBox error={preview.error} retry={preview.retry} />
  if (preview.data === null) return <Looking />
  const { summary, blockedBy } = preview.data
  return (
    <AgainForm {...content} count={summary.targets} blockedBy={blockedBy}>
      <p class="soft">{`As the policy ${policyId} stands now, which may have changed since.`}</p>
      <p>{goalText(run, summary.targets)}</p>
      {summary.targets > 0 && <HitsOfPreview preview={preview.data} />}
      {summary.skipped > 0 && (
        <p class="soft">{`${countText(summary.skipped, 'more server')} matched and will be left.`}</p>
      )}
    </AgainForm>
  )
}

/** No policy names these: a dry run tells who they are. */
function AgainAdHoc(content: AgainContent) {
  const { run } = content
  const body = againBody(run, { dryRun: true, overrideLimits: true })
  const dryRun = useDryRun({ path: '/v1/runs', body })
  if (dryRun.error !== null) return <ProblemBox error={dryRun.error} retry={dryRun.retry} />
  if (dryRun.data === null) return <Looking />
  const { id, status, reason, codes } = dryRun.data
  const count = codes['skipped/dry-run'] ?? 0
  return (
    <AgainForm {...content} count={count} blockedBy={status === 'succeeded' ? null : (reason ?? status)}>
      <p>{goalText(run, count)}</p>
      {count > 0 && <HitsOfRun runId={id} filter={{ status: 'skipped', code: 'dry-run' }} />}
      <LeftText codes={codes} />
    </AgainForm>
  )
}

interface AgainFormProps extends AgainContent {
  count: number
  blockedBy: string | null
  children: ComponentChildren
}

function AgainForm({ run, count, blockedBy, onClose, onMade, children }: AgainFormProps) {
  const action = useAction()
  const [key] = useState(newRequestKey)
  const [choices, setChoices] = useState<AgainChoices>({ dryRun: run.dryRun, overrideLimits: false })
  const { dryRun, overrideLimits } = choices
  const maxServers = overrideLimits ? 0 : maxServersOf(run)
  const confirmation = useConfirmation(count, maxServers)
  const again = async () => {
    const headers = { 'idempotency-key': `${key}-${dryRun}-${overrideLimits}` }
    const body = againBody(run, choices)
    const made = await action.send<Run>({ method: 'POST', path: '/v1/runs', body, headers })
    if (made !== null) onMade(made)
  }
  const mayGoOn = dryRun || (confirmation.isConfirmed && (blockedBy === null || overrideLimits))
  return (
    <>
      {children}
      {blockedBy !== null && <p class="bad">{`It would do nothing: ${blockedBy}`}</p>}
      <OptionBox
        isOn={dryRun}
        onChange={isOn => setChoices({ ...choices, dryRun: isOn })}
        text="Dry run: decide everything, ask for nothing"
      />
      {blockedBy !== null && !dryRun && (
        <OptionBox
          isOn={overrideLimits}
          onChange={isOn => setChoices({ ...choices, overrideLimits: isOn })}
          text="Go on where a limit would block it"
        />
      )}
      {!dryRun && <ConfirmCount count={count} maxServers={maxServers} confirmation={confirmation} />}
      {action.error && <ProblemBox error={action.error} />}
      <div class="row">
        <Button look={dryRun ? 'main' : 'danger'} isBusy={action.isBusy} disabled={!mayGoOn} onClick={again}>
          {dryRun ? 'Make a dry run' : `${run.action === 'stop' ? 'Stop' : 'Start'} them`}
        </Button>
        <Button onClick={onClose}>Leave it</Button>
      </div>
    </>
  )
}

interface OptionBoxProps {
  isOn: boolean
  onChange(isOn: boolean): void
  text: string
}

const OptionBox = ({ isOn, onChange, text }: OptionBoxProps) => (
  <p>
    <label>
      <input type="checkbox" checked={isOn} onChange={event => onChange(event.currentTarget.checked)} />{' '}
      {text}
    </label>
  </p>
)
