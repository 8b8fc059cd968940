/** A server that the cloud has no room for: it is asked again later, by itself, with growing waits. */
import { ACTIONS } from '../model/action.ts'
import { awaitsStop, type Request } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import { latestRequest, type TrackedServer } from './tracked-server.ts'

const FIRST_WAIT_MS = 5 * 60_000
const MAX_WAIT_MS = 30 * 60_000

/** Why there was no room for it at the latest start, in the cloud's words; `null` where that is not why it is off. */
export function lackOfRoom({ subJob, ...one }: TrackedServer, server: Server): string | null {
  if (ACTIONS[one.looked.run.action].goal !== 'on') return null
  const { answer, jobId, refusal } = latestRequest(one)
  if (answer === 'deferred' && refusal) return `${refusal.code}: ${refusal.message}`
  if (subJob?.status === 'failed' && subJob.cause === 'no-capacity')
    return [subJob.code, subJob.reason].filter(word => word !== null).join(': ')
  return jobId === null && server.lacksCapacity ? (server.fault ?? server.status) : null
}

type Sent = [Pick<Request, 'sentAt'>, ...Pick<Request, 'sentAt'>[]]

/** Until when requests go out again for a server that there is no room for. */
export const retryUntil = (requests: Sent, retryMinutes: number): number =>
  Date.parse(requests[0].sentAt) + retryMinutes * 60_000

/** When a request goes out again for a server that there was no room for; `null` when its time is over. */
export function retryAt(requests: Sent, retryMinutes: number): number | null {
  const last = Date.parse(requests.at(-1)!.sentAt)
  const until = retryUntil(requests, retryMinutes)
  if (last >= until) return null
  return Math.min(until, last + Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (requests.length - 1)))
}

/**
 * How many requests for a server went out before the latest wait for room, while such waits go on: those after it are
 * counted anew, for one whose answer is lost follows none in vain.
 */
export function requestsBeforeWait({ requests: all, looked: { run, rules, now } }: TrackedServer): number {
  const requests = all.filter(request => !awaitsStop(request)) as typeof all
  if (ACTIONS[run.action].goal !== 'on' || now >= retryUntil(requests, rules.retryMinutes)) return 0
  const times = requests.map(({ sentAt }) => Date.parse(sentAt))
  return Math.max(
    0,
    times.findLastIndex((at, index) => index > 0 && at - times[index - 1]! >= FIRST_WAIT_MS),
  )
}
