/** What a policy expects to be sent, and SEND_DEADLINE_MINUTES would not let out any more. */
import type { Policy } from '../model/model.ts'
import { paceMinutes } from '../stop/pace.ts'
import type { Guard } from '../stop/stop.ts'
import type { Warning } from './warnings.ts'

type Expecting = Pick<Policy, 'kind' | 'escalateAfterMinutes' | 'schedule'>

/** A hard stop counts as anything else that is sent. */
function escalationWarnings(
  { escalateAfterMinutes: after }: Expecting,
  sendDeadlineMinutes: number,
): Warning[] {
  if (after === null || after < sendDeadlineMinutes) return []
  const message = `escalateAfterMinutes is ${after}, and ${nothingLater(sendDeadlineMinutes)}: no hard stop follows`
  return [{ code: 'escalates-too-late', message }]
}

function catchUp({ schedule: { catchUpMinutes } }: Expecting, sendDeadlineMinutes: number): Warning[] {
  if (catchUpMinutes <= sendDeadlineMinutes) return []
  const message = `catchUpMinutes is ${catchUpMinutes}, and ${nothingLater(sendDeadlineMinutes)}: a run that starts later than that stops nothing, and ends failed`
  return [{ code: 'catches-up-too-late', message }]
}

function paceWarnings(
  { kind }: Expecting,
  { connection, sendDeadlineMinutes }: Guard,
  targets: number,
): Warning[] {
  const perMinute = connection?.maxServersPerMinute[kind] ?? null
  const minutes = perMinute === null ? 0 : paceMinutes(targets, perMinute)
  if (minutes <= sendDeadlineMinutes) return []
  const message = `${targets} targets take ${minutes} minutes at maxServersPerMinute.${kind}, ${perMinute}, and ${nothingLater(sendDeadlineMinutes)}: the last of them are left running, too-late`
  return [{ code: 'sends-too-late', message }]
}

const nothingLater = (minutes: number): string =>
  `nothing is sent later than ${minutes} minutes after the due time (SEND_DEADLINE_MINUTES)`

/** `targets`: how many a run started now would have. */
export const deadlineWarnings = (policy: Expecting, guard: Guard, targets: number): Warning[] => [
  ...escalationWarnings(policy, guard.sendDeadlineMinutes),
  ...catchUp(policy, guard.sendDeadlineMinutes),
  ...paceWarnings(policy, guard, targets),
]
