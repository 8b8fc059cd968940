/** What is snoozed, and the way to end it. */
import type { NowAnswer } from '../api/types.ts'
import { Button } from '../parts/button.tsx'
import { When } from '../parts/when.tsx'
import { endSnooze } from '../policies/snooze.tsx'
import { hrefTo } from '../router.ts'

export function Snoozed({ snoozed }: Pick<NowAnswer, 'snoozed'>) {
  if (snoozed.length === 0) return null
  return (
    <>
      <h3>Snoozed</h3>
      <ul class="plain">
        {snoozed.map(({ policyId, snoozedUntil, snoozeReason }) => (
          <li key={policyId}>
            <a href={hrefTo(['policies', policyId])}>{policyId}</a> stops nothing until{' '}
            <When at={snoozedUntil} />
            {snoozeReason && <span class="soft">: {snoozeReason}</span>}{' '}
            <Button
              look="link"
              label={`End the snooze of ${policyId}`}
              onClick={() => void endSnooze(policyId)}
            >
              End it
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
