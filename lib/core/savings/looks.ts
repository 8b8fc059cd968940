/** When the servers that a run stopped are looked at again: an hour after its end, then every four hours while any of them is off. */
import { secondsToList } from '../follow/follow.ts'
import { isEnded, type Run } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'

const MINUTE_MS = 60_000
const FIRST_LOOK_MINUTES = 60
const LOOK_MINUTES = 4 * 60
/** How long a look that is due may be tried. */
const GIVE_UP_MINUTES = 24 * 60
export const MAX_LOOK_DAYS = 30
/** How long a run is held for a long look. A look that fails is tried again after this. */
export const LOOK_LEASE_SECONDS = 900
/** A look this short ends well before the next tick, and needs no lease. */
const SHORT_LOOK_SECONDS = 30

const minutesAfter = (instant: string, minutes: number): string =>
  isoInstant(Date.parse(instant) + minutes * MINUTE_MS)

/** When an ended run is looked at first; `null`: never. */
export const firstLookAt = ({ endedAt, summary }: Run): string | null =>
  endedAt === undefined || summary.stopped === 0 ? null : minutesAfter(endedAt, FIRST_LOOK_MINUTES)

/** A minute within four hours, by the connection: its runs are looked at together, those of others at other times. */
const minuteInPeriod = (connection: string): number =>
  [...connection].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % LOOK_MINUTES, 0)

/** When a run is looked at again after a look, while any of its servers is off. */
function laterLookAt(lookedAt: string, connection: string): string {
  const place = minuteInPeriod(connection)
  const minute = Math.floor(Date.parse(lookedAt) / MINUTE_MS) - place
  return isoInstant(((Math.floor(minute / LOOK_MINUTES) + 1) * LOOK_MINUTES + place) * MINUTE_MS)
}

/** When the servers of a run are looked at next; `null`: never. Runs of earlier versions were looked at once. */
function nextLookAt(run: Run): string | null {
  const { lookedAt, recheckedAt, looksEndedAt, connection } = run
  if (!isEnded(run) || looksEndedAt !== undefined) return null
  if (lookedAt !== undefined) return laterLookAt(lookedAt, connection)
  return recheckedAt === undefined ? firstLookAt(run) : null
}

/** `over`: no look is made any more, for none was possible in time, or they went on for long enough. */
export function lookState(run: Run, now: number): 'due' | 'over' | 'none' {
  const at = nextLookAt(run)
  if (at === null || now < Date.parse(at)) return 'none'
  const isLate = now >= Date.parse(minutesAfter(run.lookedAt ?? run.endedAt!, GIVE_UP_MINUTES))
  return isLate || now >= lastLookMs(run) ? 'over' : 'due'
}

/** Whether a look at runs is to be held: a tick would begin it once more while it goes on. */
export function takesLong(runs: Pick<Run, 'connection' | 'kind' | 'fleet'>[]): boolean {
  const fleets = new Map<string, number>()
  for (const { connection, kind, fleet } of runs) {
    const place = `${connection} ${kind}`
    fleets.set(place, Math.max(fleets.get(place) ?? 0, fleet))
  }
  const seconds = [...fleets.values()].reduce((sum, fleet) => sum + secondsToList({ fleet }), 0)
  // 0: the fleet was not counted, for filters showed its servers.
  return runs.some(({ fleet }) => fleet === 0) || seconds > SHORT_LOOK_SECONDS
}

const lastLookMs = ({ endedAt }: Run): number => Date.parse(minutesAfter(endedAt!, MAX_LOOK_DAYS * 24 * 60))

/** Whether a later run takes over: servers that are off after it are off by that run. */
export function isFollowedBy(run: Run, other: Run): boolean {
  const { policyId, connection, kind, dryRun, withheld, chunks, dueAt } = other
  const isSame = policyId === run.policyId && connection === run.connection && kind === run.kind
  const hasActed = !dryRun && withheld === undefined && chunks !== undefined
  return isSame && policyId !== undefined && hasActed && dueAt > run.dueAt
}

/** When it is looked at after a look that left so many of its servers off; `null`: not any more. */
export function nextLook(
  run: Pick<Run, 'connection'>,
  { lookedAt, off, isFollowed }: { lookedAt: string; off: number; isFollowed: boolean },
): string | null {
  return off === 0 || isFollowed ? null : laterLookAt(lookedAt, run.connection)
}
