/** What a policy expects of hard stops, and its cloud may not do. */
import type { Policy } from './model.ts'
import type { Guard } from './stop.ts'
import type { Warning } from './warnings.ts'

const UNHEARD = 'a plain OpenStack takes a hard stop and does a soft one (clouds by Huawei heed it)'

type Hard = Pick<Policy, 'kind' | 'mode' | 'escalateAfterMinutes'>

/** On an `openstack` connection, where it stops hard or escalates; a BMS is stopped hard whatever is asked. */
function unheard({ kind, mode, escalateAfterMinutes }: Hard, { connection }: Guard): Warning[] {
  if (connection?.api !== 'openstack' || kind === 'bms') return []
  if (mode === 'hard') return [{ code: 'hard-may-be-soft', message: `mode is hard: ${UNHEARD}` }]
  if (escalateAfterMinutes === null) return []
  const message = `escalateAfterMinutes is ${escalateAfterMinutes}: ${UNHEARD}, and refuses any while the soft one is under way`
  return [{ code: 'hard-may-be-soft', message }]
}

/** A hard stop counts as anything else that is sent: it is not, once it is too late for the run. */
function tooLate({ escalateAfterMinutes: after }: Hard, { sendDeadlineMinutes }: Guard): Warning[] {
  if (after === null || after < sendDeadlineMinutes) return []
  const message = `escalateAfterMinutes is ${after}, and nothing is sent later than ${sendDeadlineMinutes} minutes after the due time (SEND_DEADLINE_MINUTES): no hard stop follows`
  return [{ code: 'escalates-too-late', message }]
}

export const hardWarnings = (policy: Hard, guard: Guard): Warning[] => [
  ...unheard(policy, guard),
  ...tooLate(policy, guard),
]
