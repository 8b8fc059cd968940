/** Requests for whose servers the cloud has no room now, as they are to be published. */
import type { Chunk } from '../model/chunk.ts'
import { isRequestFinished, latestRequest, type TrackedServer, type Verdict } from './tracked-server.ts'

export interface LackingRequest {
  /** Its place among the requests of its chunk. */
  place: number
  /** The members of it that are asked for again. */
  members: number[]
  /** Which request for them it was. */
  attempt: number
  /** In the cloud's words, of the first of them. */
  reason: string
  /** Until when requests for them go out again. */
  until: number
}

/** Once the cloud is through with all servers of a request: it is published once, with all that lack room. */
export function lackingRequests(
  { requests }: Pick<Chunk, 'requests'>,
  open: Map<number, TrackedServer>,
  verdicts: Map<number, Verdict>,
): LackingRequest[] {
  const byRequest = Map.groupBy([...open], ([, one]) => latestRequest(one))
  return requests.flatMap((request, place) => {
    const members = byRequest.get(request) ?? []
    if (!members.every(([, one]) => isRequestFinished(one))) return []
    const lacking = members.flatMap(([member]) => {
      const verdict = verdicts.get(member)!
      const waits = verdict.kind === 'settled' ? undefined : verdict.lacking
      return waits ? [{ member, ...waits }] : []
    })
    if (lacking.length === 0) return []
    return {
      place,
      members: lacking.map(({ member }) => member),
      attempt: Math.max(...lacking.map(({ attempt }) => attempt)),
      reason: lacking[0]!.reason,
      until: Math.max(...lacking.map(({ until }) => until)),
    }
  })
}
