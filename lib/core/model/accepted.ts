/** What a cloud makes of a request that it does not refuse as a whole. */
import type { CloudErrorDetails, RefusalCause } from './errors.ts'

/** Servers that a cloud refused, each by a call of its own, for the same cause. */
interface ServersRefused {
  ids: string[]
  code: string
  cause?: RefusalCause
  message: string
}
/** What the cloud took of a request: all that is not named here. */
export interface Accepted {
  /** `null` where it has no jobs (native OpenStack). */
  jobId: string | null
  /** `null` where the cloud gave none, or one for each of several calls. */
  requestId: string | null
  /** Refused, one by one. */
  refused: ServersRefused[]
  /** Asked, and the answer got lost. */
  lost: string[]
  /** Not asked at all: to be asked by another call. */
  unsent: string[]
  /** Why there are unsent ones; `null` where there are none, or time alone ran out. */
  trouble: CloudErrorDetails | null
}
/** What a single call for all leaves over: nothing. */
export const ALL_TAKEN: Pick<Accepted, 'refused' | 'lost' | 'unsent' | 'trouble'> = {
  refused: [],
  lost: [],
  unsent: [],
  trouble: null,
}

/** The same in numbers. */
export const answerCounts = ({ jobId, requestId, refused, lost, unsent, trouble }: Accepted) => ({
  jobId,
  requestId,
  refused: refused.reduce((sum, { ids }) => sum + ids.length, 0),
  lost: lost.length,
  unsent: unsent.length,
  trouble,
})
