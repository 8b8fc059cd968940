/** What is snoozed, and the way to end it. */
import type { NowAnswer } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'

export function Snoozed({ snoozed }: { snoozed: NowAnswer['snoozed'] }) {
  if (snoozed.length === 0) return null
  return (
    <>
      <h3>Snoozed</h3>
      <ul class="plain">
        {snoozed.map(one => (
          <SnoozedPolicyRow key={one.policyId} snoozed={one} />
        ))}
      </ul>
    </>
  )
}

function SnoozedPolicyRow({ snoozed }: { snoozed: NowAnswer['snoozed'][number] }) {
  const { policyId, snoozedUntil, snoozeReason } = snoozed
  const action = useAction()
  const end = async () => {
    if (await action.send({ method: 'DELETE', path: `/v1/policies/${policyId}/snooze` }))
      tellDone({ text: `${policyId} is not snoozed any more.` })
  }
  return (
    <li>
      <a href={hrefTo(['policies', policyId])}>{policyId}</a> stops nothing until <When at={snoozedUntil} />
      {snoozeReason && <span class="soft">: {snoozeReason}</span>}{' '}
      <Button look="link" isBusy={action.isBusy} label={`End the snooze of ${policyId}`} onClick={end}>
        End it
      </Button>
      {action.error && <ProblemBox error={action.error} />}
    </li>
  )
}
