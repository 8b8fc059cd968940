/** Takes the stops of a run back: shows who will be started, asks, and leads to the run that does it. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Run, Undo } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { reloadAll } from '../../api/use-answer.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ReasonField } from '../../parts/field.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { countText, hasEnded } from '../../words/run.ts'
import { maxServersOf } from './again-request.ts'
import { ConfirmCount, useConfirmation } from './confirm-count.tsx'
import { HitsOfRun, LeftText, MadeRun } from './hit-list.tsx'
import { useDryRun } from './use-posted.ts'

interface UndoProps {
  run: Run
  onClose(): void
}

export function UndoDialog({ run, onClose }: UndoProps) {
  const [made, setMade] = useState<Run | null>(null)
  // What is shown was decided when the dialog opened: a run that ends meanwhile changes no question.
  const [isOver] = useState(hasEnded(run))
  const content = { run, onClose, onMade: setMade }
  return (
    <Dialog title={made === null ? 'Start again what this run stopped?' : 'Asked for'} onClose={onClose}>
      {made !== null ? (
        <MadeRun run={made} />
      ) : isOver ? (
        <UndoEnded {...content} />
      ) : (
        <UndoGoingOn {...content} />
      )}
    </Dialog>
  )
}

interface UndoContent extends UndoProps {
  onMade(run: Run): void
}

const undoPath = ({ id }: Run): string => `/v1/runs/${encodeURIComponent(id)}/undo`

/** A dry run says exactly who is still off. */
function UndoEnded(content: UndoContent) {
  const dryRun = useDryRun({ path: undoPath(content.run), body: { dryRun: true } satisfies Undo })
  if (dryRun.error !== null) return <ProblemBox error={dryRun.error} retry={dryRun.retry} />
  if (dryRun.data === null)
    return (
      <p class="loading" role="status">
        Looking up who is still off …
      </p>
    )
  const { id, codes, status, reason } = dryRun.data
  const count = codes['skipped/dry-run'] ?? 0
  const left = <LeftText codes={codes} />
  if (status !== 'succeeded') return <p class="bad">{`It cannot be done: ${reason ?? status}`}</p>
  if (count === 0)
    return (
      <>
        <p>Nobody would be started: nothing that this run stopped is still off.</p>
        {left}
      </>
    )
  return (
    <UndoForm {...content} count={count}>
      <p>{`${countText(count, 'server')} that this run stopped ${count === 1 ? 'is' : 'are'} still off, and will be started:`}</p>
      <HitsOfRun runId={id} filter={{ status: 'skipped', code: 'dry-run' }} />
      {left}
    </UndoForm>
  )
}

function UndoGoingOn(content: UndoContent) {
  const { run } = content
  return (
    <UndoForm {...content} count={run.summary.targets} isCancelling>
      <p>
        {`The run goes on: it is cancelled first, and what it stopped is started once that is known, at most ${countText(run.summary.targets, 'server')}. So far it has stopped ${run.summary.stopped.toLocaleString()}:`}
      </p>
      <HitsOfRun runId={run.id} filter={{ status: 'stopped' }} />
    </UndoForm>
  )
}

interface UndoFormProps extends UndoContent {
  count: number
  /** The run is cancelled first, which keeps the reason. */
  isCancelling?: boolean
  children: ComponentChildren
}

function UndoForm({ run, count, isCancelling = false, onClose, onMade, children }: UndoFormProps) {
  const action = useAction()
  const [reason, setReason] = useState('')
  const maxServers = maxServersOf(run)
  const confirmation = useConfirmation(count, maxServers)
  const undo = async () => {
    const body: Undo = reason.trim() === '' ? {} : { reason: reason.trim() }
    const made = await action.send<Run>({ method: 'POST', path: undoPath(run), body })
    if (made === null) reloadAll()
    else onMade(made)
  }
  return (
    <>
      {children}
      {isCancelling && <ReasonField reason={reason} onReason={setReason} />}
      <ConfirmCount count={count} maxServers={maxServers} confirmation={confirmation} />
      {action.error && <ProblemBox error={action.error} />}
      <div class="row">
        <Button look="danger" isBusy={action.isBusy} disabled={!confirmation.isConfirmed} onClick={undo}>
          Start them again
        </Button>
        <Button onClick={onClose}>Leave them off</Button>
      </div>
    </>
  )
}
