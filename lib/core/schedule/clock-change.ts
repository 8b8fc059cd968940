/** Due times that the clock on the wall jumps over, or shows twice. */
import { parseCron } from './cron.ts'
import { dueTimes } from './due-times.ts'
import type { Times } from './schedule.ts'
import { localTime, zoneNamed } from './zone.ts'

/** A change of the clock. Wall times are written as if they were UTC. */
interface ClockChange {
  atMs: number
  /** Wall times that do not exist on that day, or come twice. */
  kind: 'jump' | 'repeat'
  fromWallMs: number
  untilWallMs: number
}
interface WallRange {
  fromMs: number
  untilMs: number
}

function clockChanges(timeZone: string, { fromMs, untilMs }: WallRange): ClockChange[] {
  const zone = zoneNamed(timeZone)
  const changes: ClockChange[] = []
  let span = zone(fromMs)
  while (span.untilMs < untilMs) {
    const atMs = span.untilMs
    const next = zone(atMs)
    const before = atMs + span.offsetMs
    const after = atMs + next.offsetMs
    if (after > before) changes.push({ atMs, kind: 'jump', fromWallMs: before, untilWallMs: after })
    if (after < before) changes.push({ atMs, kind: 'repeat', fromWallMs: after, untilWallMs: before })
    span = next
  }
  return changes
}

interface ClockTrouble {
  code: 'due-moved' | 'due-left-out' | 'due-once' | 'due-twice'
  message: string
}

function clockTrouble(schedule: Times, change: ClockChange): ClockTrouble | null {
  const range = { afterMs: change.fromWallMs - 1, untilMs: change.untilWallMs - 1, most: 1 }
  const [wallMs] = dueTimes({ ...schedule, timeZone: 'UTC' }, range)
  if (wallMs === undefined) return null
  const { followsClock } = parseCron(schedule.cron)
  const named = `${new Date(wallMs).toISOString().slice(0, 16).replace('T', ' ')} ${schedule.timeZone}`
  if (change.kind === 'repeat')
    return followsClock
      ? { code: 'due-twice', message: `${named} comes twice when clocks go back: it is due both times` }
      : {
          code: 'due-once',
          message: `${named} comes twice when clocks go back: it is due the first time only`,
        }
  if (followsClock)
    return {
      code: 'due-left-out',
      message: `${named} does not exist when clocks go forward: it is not due then`,
    }
  const at = localTime(change.atMs, schedule.timeZone)
  return {
    code: 'due-moved',
    message: `${named} does not exist when clocks go forward: it is due at ${at} instead`,
  }
}

/** What changes of the clock do to a schedule within a range of time, the first of each sort. */
export function clockTroubles(schedule: Times, range: WallRange): ClockTrouble[] {
  // With every hour due, one more or less of them is what the clock itself does.
  if (/^\s*\S+\s+\*(\/1)?\s/.test(schedule.cron)) return []
  const all = clockChanges(schedule.timeZone, range).flatMap(change => clockTrouble(schedule, change) ?? [])
  return [...new Map(all.toReversed().map(one => [one.code, one])).values()].toReversed()
}
