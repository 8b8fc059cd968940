/** What can be done about a run. */
import { useState } from 'preact/hooks'
import type { Run } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Loaded } from '../../parts/problem.tsx'
import { hasEnded } from '../../words/run.ts'
import { AgainDialog } from './again-dialog.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { UndoDialog } from './undo-dialog.tsx'

type OpenedDialog = 'cancel' | 'undo' | 'again' | null

/** A stop that has stopped somebody, or still may. */
const canBeUndone = (run: Run): boolean =>
  run.action === 'stop' && !run.dryRun && (hasEnded(run) ? run.summary.stopped > 0 : run.summary.targets > 0)

export function RunActions({ run }: { run: Run }) {
  const [opened, setOpened] = useState<OpenedDialog>(null)
  const close = () => setOpened(null)
  return (
    <div class="row">
      {!hasEnded(run) && run.cancel === undefined && (
        <Button look="danger" onClick={() => setOpened('cancel')}>
          Cancel
        </Button>
      )}
      {canBeUndone(run) && <Button onClick={() => setOpened('undo')}>Undo</Button>}
      {hasEnded(run) && <Button onClick={() => setOpened('again')}>Run again</Button>}
      {opened === 'cancel' && <CancelDialog run={run} onClose={close} />}
      {opened === 'undo' && <UndoDialog run={run} onClose={close} />}
      {opened === 'again' && run.undoes === null && <AgainDialog run={run} onClose={close} />}
      {opened === 'again' && run.undoes !== null && <UndoAgain runId={run.undoes} onClose={close} />}
    </div>
  )
}

/** An undo is run again as an undo of the same run: whoever is still off. */
function UndoAgain({ runId, onClose }: { runId: string; onClose(): void }) {
  const shown = useAnswer<Run>(`/v1/runs/${encodeURIComponent(runId)}`)
  if (shown.data !== null) return <UndoDialog run={shown.data} onClose={onClose} />
  return (
    <Dialog title="Start again what that run stopped?" onClose={onClose}>
      <Loaded shown={shown}>{() => null}</Loaded>
    </Dialog>
  )
}
