/** Takes one due stop back: a snooze that ends just after it. */
import { useState } from 'preact/hooks'
import type { NextAction, NowAnswer, SnoozedPolicy } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ReasonField } from '../parts/field.tsx'
import { takeBack, tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { serverNow } from '../parts/when.tsx'
import { countText } from '../words/run.ts'
import { dueText, skipLabel } from './words.ts'

type Earlier = NowAnswer['snoozed'][number] | null

interface SkipOnceProps {
  next: NextAction
  /** Just after its due time. */
  until: string
  /** How many it would have stopped; `null`: not known. */
  targets: number | null
  /** The snooze that this one takes the place of. */
  earlier: Earlier
  onClose(): void
}

/** Puts things back as they were before: without a snooze, or with the one there was. */
function undoSkip(policyId: string, earlier: Earlier): void {
  const path = `/v1/policies/${policyId}/snooze`
  const isOver = earlier === null || Date.parse(earlier.snoozedUntil) <= serverNow()
  const body = earlier && { until: earlier.snoozedUntil, reason: earlier.snoozeReason ?? 'as before' }
  const request = isOver ? { method: 'DELETE' as const, path } : { method: 'POST' as const, path, body }
  void takeBack(request, `${policyId} stops as before.`, `${policyId} is still snoozed`)
}

export function SkipOnce({ next, until, targets, earlier, onClose }: SkipOnceProps) {
  const { policyId, at, timeZone } = next
  const [reason, setReason] = useState('')
  const action = useAction()
  const due = dueText(at, timeZone, serverNow())
  const label = skipLabel(next, serverNow())
  const submit = async (event: Event) => {
    event.preventDefault()
    if (action.isBusy) return
    const body = { until, reason: reason.trim() === '' ? label.toLowerCase() : reason.trim() }
    const path = `/v1/policies/${policyId}/snooze`
    const snoozed = await action.send<SnoozedPolicy>({ method: 'POST', path, body })
    if (snoozed === null) return
    const { runUnderWay } = snoozed
    tellDone({
      text: runUnderWay
        ? `${policyId} is snoozed, but run ${runUnderWay.id} goes on: cancel it.`
        : `${policyId} skips its stop of ${due}.`,
      undo: { label: 'Undo', run: () => undoSkip(policyId, earlier) },
    })
    onClose()
  }
  return (
    <Dialog title={`${label}: ${policyId}`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          {policyId} skips its stop of {due}.{' '}
          {targets ? `The ${countText(targets, 'server')} it would stop` : 'Its servers'} stay as they are.
          Later stops, and starts, are as before.
        </p>
        <ReasonField
          reason={reason}
          hint="Others see it here, in the policy and in its history."
          placeholder="release night"
          onReason={setReason}
        />
        {action.error && <ProblemBox error={action.error} />}
        <div class="row">
          <button type="submit" class="main" aria-disabled={action.isBusy} aria-busy={action.isBusy}>
            Skip this stop
          </button>
          <Button onClick={onClose}>Leave it as it is</Button>
        </div>
      </form>
    </Dialog>
  )
}
