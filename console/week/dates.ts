/** Dates on a calendar, as `YYYY-MM-DD`, without a zone. */

const DAY_MS = 86_400_000

const toDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const addDays = (date: string, days: number): string => toDate(Date.parse(date) + days * DAY_MS)

/** The Monday of the week of a date. */
export function mondayOf(date: string): string {
  const weekday = new Date(date).getUTCDay()
  return addDays(date, -((weekday + 6) % 7))
}

/** A date that stands in an address; `null` where it is none. */
export function readDate(text: string | null): string | null {
  if (text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const ms = Date.parse(text)
  return !Number.isNaN(ms) && toDate(ms) === text ? text : null
}
