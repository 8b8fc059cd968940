/** Has one due stop come an hour later. */
import type { NextAction, Policy } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { serverNow } from '../parts/when.tsx'
import { dueText } from './words.ts'

const MINUTES = 60

export function DelayOnce({ next: { policyId, at, timeZone } }: { next: NextAction }) {
  const action = useAction()
  const delay = async () => {
    const path = `/v1/policies/${policyId}/delay`
    const body = { dueAt: at, minutes: MINUTES, reason: 'one hour later' }
    if (!(await action.send<Policy>({ method: 'POST', path, body }))) return
    const until = new Date(Date.parse(at) + MINUTES * 60_000).toISOString()
    tellDone({ text: `${policyId} stops ${dueText(until, timeZone, serverNow())}, this once.` })
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
