/** Times on the wall of a zone, and the instants that they are. */

/** ms that a zone's clock is ahead of UTC at an instant. */
function offsetAt(ms: number, timeZone: string): number {
  const shown = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).format(ms)
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(shown) ?? []
  if (sign === undefined) return 0
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -size : size
}

/** What the clock of a zone shows at an instant: `2026-11-20T20:00`. */
export const wallTime = (ms: number, timeZone: string): string =>
  new Date(ms + offsetAt(ms, timeZone)).toISOString().slice(0, 16)

const DAY_MS = 86_400_000

/**
 * The first instant at which a zone's clock shows a time such as `2026-11-20T20:00`; where it jumps over that time, the
 * same time by the clock before the jump. `null` for what is no such time.
 */
export function instantOfWall(wall: string, timeZone: string): number | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) ? Date.parse(`${wall}Z`) : Number.NaN
  if (Number.isNaN(asUtc)) return null
  const [before, after] = [asUtc - DAY_MS, asUtc + DAY_MS].map(ms => offsetAt(ms, timeZone))
  const found = [asUtc - before!, asUtc - after!].sort((a, b) => a - b)
  return found.find(ms => wallTime(ms, timeZone) === wall) ?? asUtc - before!
}

/** The date some days after the one that a zone's calendar shows at an instant. */
export function wallDate(ms: number, timeZone: string, daysLater = 0): string {
  const date = Date.parse(`${wallTime(ms, timeZone).slice(0, 10)}T00:00Z`)
  return new Date(date + daysLater * DAY_MS).toISOString().slice(0, 10)
}
