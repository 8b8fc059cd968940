/** The pace of a project: never more ids a minute than the cloud allows, first come first served. */
import * as z from 'zod'

const WINDOW_MS = 60_000
/** How long a grant is good for: a function that is later than this asks again. */
const GRANT_MS = 2_000
/** A reservation lapses if it is not used within this time of its turn. */
const MAX_RESERVED_MS = 15_000
/** No reservation lies further ahead than this: one that does was written by a clock that ran ahead. */
const MAX_AHEAD_MS = 2 * 3_600_000
/** Only so many wait in line; the others are told to come back when these are through. */
const MAX_WAITING = 50

/** What was sent lately for a project and kind, and which requests wait, first come first served. */
export const Pace = z.object({
  /** Ids that may be sent until `until`, ms since the epoch. */
  sent: z.array(z.object({ until: z.number(), count: z.number() })),
  waiting: z.array(z.object({ key: z.string(), count: z.number(), comesAt: z.number() })),
})
export type Pace = z.infer<typeof Pace>
export const NO_PACE: Pace = { sent: [], waiting: [] }

export interface PaceAsk {
  /** Names the request: the same key asking again keeps its place. */
  key: string
  count: number
  perMinute: number
  /** Asks for no more than a place in the line: a grant is told and not booked. */
  lineUp?: true
}
export type PaceAnswer =
  | { kind: 'granted'; until: number; pace: Pace }
  | { kind: 'deferred'; at: number; pace: Pace }

interface Spot {
  count: number
  perMinute: number
  /** Not before this, ms since the epoch. */
  from: number
}

/** The first instant at which so many more fit into every 60 seconds. */
function fitsAt(sent: Pace['sent'], { count, perMinute, from }: Spot): number {
  const freed = sent.map(entry => entry.until + WINDOW_MS).filter(at => at > from)
  const fits = (at: number): boolean => {
    const lately = sent.reduce((sum, entry) => sum + (entry.until + WINDOW_MS > at ? entry.count : 0), 0)
    return lately + count <= Math.max(perMinute, count)
  }
  return [from, ...freed.toSorted((a, b) => a - b)].find(fits) ?? from
}

/** When a request's turn comes behind those that wait already. */
function turnAt(pace: Pace, { count, perMinute }: PaceAsk, now: number): number {
  const sent = [...pace.sent]
  let from = now
  for (const one of pace.waiting) {
    from = fitsAt(sent, { count: one.count, perMinute, from })
    sent.push({ until: from + GRANT_MS, count: one.count })
  }
  return fitsAt(sent, { count, perMinute, from })
}

/**
 * Whether `count` ids may be sent now, so that no 60 seconds see more than `perMinute` of them. A grant is booked as sent at the
 * last moment it is good for. Earlier reservations that are still valid go first.
 */
export function grantPace(pace: Pace, ask: PaceAsk, now: number): PaceAnswer {
  const isOurTime = (ms: number): boolean => ms <= now + MAX_AHEAD_MS
  const sent = pace.sent.filter(({ until }) => until + WINDOW_MS > now && isOurTime(until))
  const line = pace.waiting.filter(
    ({ key, comesAt }) => key === ask.key || (comesAt + MAX_RESERVED_MS > now && isOurTime(comesAt)),
  )
  const place = line.findIndex(one => one.key === ask.key)
  const at = turnAt({ sent, waiting: place < 0 ? line : line.slice(0, place) }, ask, now)
  if (at <= now) {
    const until = now + GRANT_MS
    if (ask.lineUp) return { kind: 'granted', until, pace }
    const waiting = line.filter(one => one.key !== ask.key)
    return { kind: 'granted', until, pace: { sent: [...sent, { until, count: ask.count }], waiting } }
  }
  const waiter = { key: ask.key, count: ask.count, comesAt: at }
  const waiting = place < 0 ? [...line, waiter] : line.with(place, waiter)
  return { kind: 'deferred', at, pace: { sent, waiting: waiting.slice(0, MAX_WAITING) } }
}

/** How long the last of so many wait for their turn, in minutes, if nothing else is sent. */
export const paceMinutes = (count: number, perMinute: number): number =>
  Math.ceil(((Math.ceil(count / perMinute) - 1) * (WINDOW_MS + GRANT_MS)) / 60_000)
