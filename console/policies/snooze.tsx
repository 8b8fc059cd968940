/** A snooze of a policy in two clicks, its countdown and its end. */
import { useState } from 'preact/hooks'
import type { Policy, SnoozedPolicy } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ReasonField } from '../parts/field.tsx'
import { takeBack, tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { Countdown, serverNow, When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { dayAndTime, zoneName } from '../words/time.ts'
import { instantOfWall, wallDate } from '../words/wall-time.ts'
import { type SnoozedThing, snoozeChoices, snoozeUntilProblem } from './snooze-times.ts'

const pathOf = (id: string): string => `/v1/policies/${encodeURIComponent(id)}/snooze`

const DEFAULT_REASON = 'The servers are needed longer'

const untilText = (until: number, timeZone: string): string =>
  `${dayAndTime(until, timeZone)} ${zoneName(timeZone)}`

/** Opens the choices: the first click of two. */
export function SnoozeButton({ policy }: { policy: Policy }) {
  const [isOpen, setOpen] = useState(false)
  const label = policy.snoozedUntil === null ? 'Snooze' : 'Change snooze'
  return (
    <>
      <Button label={`${label}: ${policy.id}`} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && <SnoozeDialog policy={policy} onClose={() => setOpen(false)} />}
    </>
  )
}

function SnoozeDialog({ policy, onClose }: { policy: Policy; onClose(): void }) {
  const action = useAction()
  const [reason, setReason] = useState(DEFAULT_REASON)
  const [underWay, setUnderWay] = useState<SnoozedPolicy['runUnderWay']>()
  const { timeZone } = policy.schedule
  const snooze = async (until: number) => {
    const body = { until: new Date(until).toISOString(), reason: reason.trim() || DEFAULT_REASON }
    const answer = await action.send<SnoozedPolicy>({ method: 'POST', path: pathOf(policy.id), body })
    if (answer === null) return
    tellDone({
      text: `${policy.id} is snoozed until ${untilText(until, timeZone)}.`,
      undo: { label: 'End snooze', run: () => void endSnooze(policy.id) },
    })
    if (answer.runUnderWay === undefined) onClose()
    else setUnderWay(answer.runUnderWay)
  }
  return (
    <Dialog title={`Snooze ${policy.id}`} onClose={onClose}>
      {underWay === undefined ? (
        <>
          <p>Its stops until then are skipped and recorded. Starts are not: they come as they are due.</p>
          <SnoozeChoices of={policy} isBusy={action.isBusy} onChoose={until => void snooze(until)} />
          <ReasonField
            reason={reason}
            hint="Others see it beside the snooze, and in the history."
            onReason={setReason}
          />
          {action.error && <ProblemBox error={action.error} />}
        </>
      ) : (
        <UnderWayNote run={underWay} />
      )}
    </Dialog>
  )
}

/** A stop that was due a moment ago has begun before the snooze was heard. */
function UnderWayNote({ run }: { run: NonNullable<SnoozedPolicy['runUnderWay']> }) {
  return (
    <p class="problem" role="alert">
      <strong>A run that was due a moment ago goes on all the same.</strong> It is {run.status}.{' '}
      <a href={hrefTo(['runs', run.id])}>See it, or cancel it there</a>
    </p>
  )
}

/** Until when: each choice is one click. */
export function SnoozeChoices({
  of,
  isBusy,
  onChoose,
}: {
  of: SnoozedThing
  isBusy: boolean
  onChoose(until: number): void
}) {
  const { timeZone } = of.schedule
  const now = serverNow()
  const [picked, setPicked] = useState(`${wallDate(now, timeZone, 1)}T12:00`)
  const until = instantOfWall(picked, timeZone)
  const problem = snoozeUntilProblem(until, now)
  return (
    <ul class="plain snooze-choices">
      {snoozeChoices(of, now).map(choice => (
        <li key={choice.label} class="row">
          <Button
            look="main"
            isBusy={isBusy}
            disabled={choice.until === null}
            onClick={() => choice.until !== null && onChoose(choice.until)}
          >
            {choice.label}
          </Button>
          <span class="soft">
            {choice.until !== null && `until ${untilText(choice.until, timeZone)}: `}
            {choice.hint}
          </span>
        </li>
      ))}
      <li class="row">
        <Button isBusy={isBusy} disabled={problem !== null} onClick={() => until !== null && onChoose(until)}>
          Until then
        </Button>
        <input
          type="datetime-local"
          aria-label={`Until, by the clock of ${zoneName(timeZone)}`}
          value={picked}
          onInput={event => setPicked(event.currentTarget.value)}
        />
        <span class={problem === null ? 'soft' : 'bad'}>{problem ?? zoneName(timeZone)}</span>
      </li>
    </ul>
  )
}

export const endSnooze = (id: string): Promise<void> =>
  takeBack(
    { method: 'DELETE', path: pathOf(id) },
    `The snooze of ${id} has ended.`,
    `The snooze of ${id} could not be ended`,
  )

/** Until when it is snoozed, why, and the way out. */
export function SnoozeNote({ policy }: { policy: Policy }) {
  const { id, snoozedUntil, snoozeReason, schedule } = policy
  if (snoozedUntil === null) return null
  return (
    <div class="snooze-note">
      <p>
        <span class="word part">Snoozed</span> until <When at={snoozedUntil} timeZone={schedule.timeZone} />{' '}
        (ends <Countdown to={snoozedUntil} />
        ): {snoozeReason}
      </p>
      <Button onClick={() => void endSnooze(id)}>End snooze</Button>
    </div>
  )
}
