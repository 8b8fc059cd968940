/** A server whose start waits for its own stop: nothing was asked of it yet. */
import { ACTIONS, isDone, isUntouched } from '../model/action.ts'
import type { Server } from '../model/cloud.ts'
import { outcomeWithoutRequest, type Settled } from '../model/outcome.ts'
import {
  deadlineOf,
  latestRequest,
  sendsNothing,
  type TrackedServer,
  type Verdict,
} from './tracked-server.ts'

/** A stop that was taken shows within this time: a server that is up and idle after it stays up. */
const STOP_SHOWS_MS = 120_000

/** Asked once it is off and idle. */
export function stoppingVerdict(one: TrackedServer, server: Server): Verdict {
  const { run, now, times } = one.looked
  const skip = (code: Settled['code'], reason: string): Verdict => ({
    kind: 'settled',
    settled: outcomeWithoutRequest({ status: 'skipped', code, reason }, now),
  })
  if (sendsNothing(run)) return skip(run.withheld?.code ?? 'cancelled', run.withheld?.reason ?? 'cancelled')
  if (isUntouched(run.action, server)) {
    const decision = one.select(server)
    if (decision?.kind === 'target') return { kind: 'ask', escalation: false }
    if (decision !== null) return skip(decision.code, decision.reason)
  }
  const waitedMs = now - Date.parse(latestRequest(one).sentAt)
  if (isDone(run.action, server) && waitedMs >= STOP_SHOWS_MS)
    return skip(ACTIONS[run.action].already, `its stop left it ${ACTIONS[run.action].goalWord}`)
  if (now < deadlineOf(one, times)) return { kind: 'wait' }
  return skip('busy', `${server.status}: its stop was still under way ${times.deadlineMinutes} minutes later`)
}
