/** What acts next, over all policies. */
import { ACTIONS, Action } from '../model/action.ts'
import type { ConnectionFields, StoredPolicy } from '../model/model.ts'
import { localTime } from '../schedule/zone.ts'
import { nextStartAfter, nextStartAt, nextStopAt, type Switches } from '../tick/next-stop.ts'

/** So many are shown. */
const MAX_NEXT = 10

/** The next stop, or the next start, of one policy. */
export interface NextAction extends Pick<StoredPolicy, keyof ConnectionFields | 'kind'> {
  policyId: string
  action: Action
  at: string
  /** On the clock of the policy. */
  local: string
  timeZone: string
  /** Of a start both are `null`. */
  mode: StoredPolicy['mode'] | null
  escalateAfterMinutes: number | null
  /** Of a stop: when the policy starts next after it; `null`: it does not. */
  returnsAt: string | null
  returnsLocal: string | null
}

function nextAction(
  policy: StoredPolicy,
  { action, at }: { action: Action; at: string },
  switches: Switches,
): NextAction {
  const { id, connection, connections, kind, mode, escalateAfterMinutes, schedule } = policy
  const { timeZone } = schedule
  const returnsAt = action === 'stop' ? nextStartAfter(policy, Date.parse(at), switches) : null
  return {
    policyId: id,
    action,
    at,
    local: localTime(Date.parse(at), timeZone),
    timeZone,
    connection,
    connections,
    kind,
    ...(ACTIONS[action].hasModes
      ? { mode, escalateAfterMinutes }
      : { mode: null, escalateAfterMinutes: null }),
    returnsAt,
    returnsLocal: returnsAt === null ? null : localTime(Date.parse(returnsAt), timeZone),
  }
}

/** The next stop and the next start of a policy, as far as they will act. */
export function nextActions(policy: StoredPolicy, switches: Switches): NextAction[] {
  const at = { stop: nextStopAt(policy, switches), start: nextStartAt(policy, switches) }
  return Action.options.flatMap(action => {
    const due = at[action]
    return due === null ? [] : [nextAction(policy, { action, at: due }, switches)]
  })
}

/** The first of them, soonest first. */
export const firstActions = (actions: NextAction[]): NextAction[] =>
  actions.toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)).slice(0, MAX_NEXT)

/** Whether no policy that is due at an instant or later can change which are first. */
export function areFirstKnown(actions: NextAction[], untilAt: string): boolean {
  const last = firstActions(actions)[MAX_NEXT - 1]
  return last !== undefined && last.at <= untilAt
}
