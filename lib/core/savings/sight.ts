/** Judges what a look at a fleet shows of the servers that a run stopped: which are still off, and until when the others provably were. */
import { isUnderWay } from '../model/action.ts'
import type { Member } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import type { Settled } from '../model/outcome.ts'
import { changedMs, type Facts } from '../plan/facts.ts'
import { isoInstant } from '../schedule/instant.ts'

/**
 * What a look remembers of a server. `up`: on, and not on its way down. `busy`: neither on nor off, or on its way. A number: off, and
 * when anything about it changed last, ms since the epoch. `untold`: off, and the cloud does not tell since when.
 */
export type Sight = 'up' | 'busy' | 'untold' | number

export function sightOfServer(server: Server): Sight {
  const { power, busy } = server
  if (power === 'on' && !isUnderWay('stop', server)) return 'up'
  return power === 'off' && busy === null ? (changedMs(server) ?? 'untold') : 'busy'
}

/** The servers of a chunk of a run. */
export interface StoppedServers {
  number: number
  servers: Member[]
  settled: Map<number, Settled>
  facts: Map<number, Facts>
  /** By member, of those that are not off as the run left them: until when they provably were. */
  offUntil: Map<number, string>
}

/** How a start of ours found a server off. */
export interface SeenStart {
  /** It was read after this instant. */
  readAt: string
  /** It had last changed before this instant. */
  changedAt: string
}

export interface ServerLook {
  /** By the id of a server; the cloud has no others. */
  sights: ReadonlyMap<string, Sight>
  /** When the listing of the fleet began, ms since the epoch. */
  at: number
  /** When the run was looked at before. */
  previous?: string | undefined
  /** What our starts have seen since then, by the id of a server. */
  starts: ReadonlyMap<string, SeenStart>
}

/** Clocks differ: what changed so shortly after a proof may have changed before it. */
const CLOCKS_MS = 5000

const isUnchanged = (changed: number, proof: string): boolean => changed <= Date.parse(proof) + CLOCKS_MS

/** Stopped, and not seen running since. */
const isNotSeenUp = ({ status, restartedAt }: Settled): boolean =>
  status === 'stopped' && restartedAt === undefined

/** The latest proof that a server was off as its run left it: a look, or the reading of a start that came after. */
function proofOf(settled: Settled, { previous = '' }: ServerLook, start: SeenStart | undefined): string {
  const proof = previous > settled.endedAt ? previous : settled.endedAt
  const isLater = start !== undefined && start.readAt > proof
  return isLater && isUnchanged(Date.parse(start.changedAt), proof) ? start.readAt : proof
}

export interface LookResult {
  settled: Map<number, Settled>
  offUntil: Map<number, string>
  isChanged: boolean
  /** How many are still off. */
  stillOff: number
}

/**
 * Applies a look to a chunk. Only a server that has not changed since the latest proof was off all the time: any other may have been up
 * in between, and have been stopped again by others.
 */
export function judgeLook({ servers, settled, offUntil }: StoppedServers, look: ServerLook): LookResult {
  const { sights, at, starts } = look
  const result = { settled: new Map(settled), offUntil: new Map(offUntil), isChanged: false, stillOff: 0 }
  for (const [member, one] of settled) {
    if (!isNotSeenUp(one)) continue
    const { id } = servers[member]!
    const sight = sights.get(id)
    if (!offUntil.has(member)) {
      const proof = proofOf(one, look, undefined)
      if (typeof sight === 'number' && isUnchanged(sight, proof)) result.stillOff++
      else result.offUntil.set(member, proofOf(one, look, starts.get(id)))
    }
    if (sight === 'up') result.settled.set(member, { ...one, restartedAt: isoInstant(at) })
    if (sight === 'up' || result.offUntil.size > offUntil.size) result.isChanged = true
  }
  return result
}
