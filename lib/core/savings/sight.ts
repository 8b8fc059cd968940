/** What a look at a fleet makes of the servers that a run stopped: who is still off, and until when the others provably were. */
import { isUnderWay } from '../model/action.ts'
import type { Member } from '../model/chunk.ts'
import type { Server } from '../model/cloud.ts'
import type { Settled } from '../model/outcome.ts'
import { changedMs, type Facts } from '../plan/facts.ts'
import { isoInstant } from '../schedule/instant.ts'

/**
 * What is remembered of a server. `up`: and not on its way down. `busy`: neither up nor off, or on its way. A number: it is off, and
 * anything about it changed last then, ms since the epoch.
 */
export type Sight = 'up' | 'busy' | 'untold' | number

export function seenAs(server: Server): Sight {
  const { power, busy } = server
  if (power === 'on' && !isUnderWay('stop', server)) return 'up'
  return power === 'off' && busy === null ? (changedMs(server) ?? 'untold') : 'busy'
}

/** The servers of a chunk of a run; of each that is not off as it was, until when it provably was. */
export interface StoppedServers {
  number: number
  servers: Member[]
  settled: Map<number, Settled>
  facts: Map<number, Facts>
  offUntil: Map<number, string>
}

/** A server that a start of ours was about. */
export interface SeenStart {
  /** It was read off after this instant. */
  readAt: string
  /** Before that. */
  changedAt: string
}

export interface ServerLook {
  /** By the id of a server; the cloud knows no others. */
  sights: ReadonlyMap<string, Sight>
  /** Before the fleet was listed, ms since the epoch. */
  at: number
  /** The look at the run before this one. */
  previous?: string | undefined
  /** Starts of ours since then, by the id of a server. */
  starts: ReadonlyMap<string, SeenStart>
}

/** Clocks differ: what changed so shortly after a proof may have changed before it. */
const CLOCKS_MS = 5000

const isUnchanged = (changed: number, proof: string): boolean => changed <= Date.parse(proof) + CLOCKS_MS

/** Stopped, and not seen running since. */
const isUnseenUp = ({ status, restartedAt }: Settled): boolean =>
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
 * What a look makes of a chunk. Only what the cloud has not changed since the latest proof was off all the time: anything else may have
 * been up in between, whoever stopped it then.
 */
export function judgeLook({ servers, settled, offUntil }: StoppedServers, look: ServerLook): LookResult {
  const { sights, at, starts } = look
  const result = { settled: new Map(settled), offUntil: new Map(offUntil), isChanged: false, stillOff: 0 }
  for (const [member, one] of settled) {
    if (!isUnseenUp(one)) continue
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
