/** Has one due stop come an hour later, and takes that back. */
import type { NextAction, Policy } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { takeBack, tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { serverNow } from '../parts/when.tsx'
import { dueText } from './words.ts'

const MINUTE_MS = 60_000
const MINUTES = 60

/** To when it was due before; a stop that was not delayed then comes a minute late, the least that the API takes. */
function undoDelay({ policyId, at, timeZone }: NextAction, dueAt: string): void {
  const minutes = Math.max(1, (Date.parse(at) - Date.parse(dueAt)) / MINUTE_MS)
  const until = new Date(Date.parse(dueAt) + minutes * MINUTE_MS).toISOString()
  const body = { dueAt, minutes, reason: 'as before' }
  void takeBack(
    { method: 'POST', path: `/v1/policies/${policyId}/delay`, body },
    `${policyId} stops ${dueText(until, timeZone, serverNow())}.`,
    `${policyId} stays as it is`,
  )
}

export function DelayOnce({ next }: { next: NextAction }) {
  const { policyId, at, timeZone } = next
  const action = useAction()
  const delay = async () => {
    const path = `/v1/policies/${policyId}/delay`
    const body = { dueAt: at, minutes: MINUTES, reason: 'one hour later' }
    const policy = await action.send<Policy>({ method: 'POST', path, body })
    if (policy === null) return
    const until = new Date(Date.parse(at) + MINUTES * MINUTE_MS).toISOString()
    const made = policy.delays?.find(one => one.until === until)
    tellDone({
      text: `${policyId} stops ${dueText(until, timeZone, serverNow())}, this once.`,
      undo: { label: 'Undo', run: () => undoDelay(next, made?.dueAt ?? at) },
    })
  }
  return (
    <>
      <Button isBusy={action.isBusy} onClick={delay}>
        One hour later
      </Button>
      {action.error && <ProblemBox error={action.error} />}
    </>
  )
}
