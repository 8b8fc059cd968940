/** What servers are charged for, by the second, on the clock of UTC+8. */
import type { Usage } from '../../world/meter.ts'
import { changesWithin, priceAt } from '../../world/prices.ts'
import type { Switches } from '../../world/switches/switches.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** All of Huawei Cloud's bills are on this clock, whatever the region. */
const OFFSET_MS = 8 * HOUR_MS

/** From an instant on up to another, ms since the epoch. */
interface Span {
  from: number
  to: number
}

/** A month such as `2026-11`; null: it is none. */
export function monthSpan(cycle: string): Span | null {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(cycle) ?? []
  if (year === undefined) return null
  const start = (months: number): number => Date.UTC(Number(year), months) - OFFSET_MS
  return { from: start(Number(month) - 1), to: start(Number(month)) }
}

/** Days such as `2026-11-20`, the last one included; null where they are none. */
export function daySpan(begin: unknown, end: unknown): Span | null {
  const [from, last] = [begin, end].map(day => Date.parse(`${day}T00:00:00Z`) - OFFSET_MS)
  return Number.isFinite(from) && Number.isFinite(last) && from! <= last!
    ? { from: from!, to: last! + DAY_MS }
    : null
}

/** Of how much use, and what it costs. */
export interface Charge {
  usage: Usage
  /** The date, on that clock. */
  day: string
  seconds: number
  listed: number
}

const dayOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 10)
const midnightAfter = (ms: number): number => (Math.floor((ms + OFFSET_MS) / DAY_MS) + 1) * DAY_MS - OFFSET_MS

/** A server's use within a span, cut at midnights and where its price changes. */
export function chargesOf(usage: Usage, within: Span, switches: Switches): Charge[] {
  const from = Math.max(usage.from, within.from)
  const to = Math.min(usage.to ?? Number.POSITIVE_INFINITY, within.to)
  const cuts = changesWithin(usage.spec, { from, to }, switches)
  const charges: Charge[] = []
  for (let start = from; start < to; ) {
    const end = Math.min(to, midnightAfter(start), ...cuts.filter(cut => cut > start))
    // Whole seconds, as many as began.
    const seconds = Math.ceil(end / 1000) - Math.ceil(start / 1000)
    const listed = (seconds / 3600) * priceAt(usage.spec, start, switches)
    charges.push({ usage, day: dayOf(start), seconds, listed })
    start = end
  }
  return charges
}
