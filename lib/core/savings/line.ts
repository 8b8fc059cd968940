/** A line of the savings ledger: a server's time off that a run caused and looks proved, and what it saved. */
import * as z from 'zod'
import type { Settled } from '../model/outcome.ts'
import type { Run } from '../model/run.ts'
import type { Facts } from '../plan/facts.ts'
import { priceKey } from './snapshot.ts'

/** Why a time off saved nothing, or nothing that is known. */
export const ZeroBecause = z.enum(['yearly-monthly', 'bare-metal', 'charged-when-stopped', 'no-price'])
type ZeroBecause = z.infer<typeof ZeroBecause>

/** Times are whole seconds since the epoch, money is in millionths: both add up exactly. */
export interface SavingsLine {
  serverId: string
  name: string
  flavor: string | null
  tags: Record<string, string[]>
  from: number
  to: number
  perHour: number | null
  currency: string | null
  zeroBecause: ZeroBecause | null
}

/** A stopped server of a run. */
interface StoppedServer {
  serverId: string
  name: string
  settled: Settled
  facts?: Facts | undefined
  offUntil?: string | undefined
}

export type LineRun = Pick<Run, 'kind' | 'prices' | 'lookedAt' | 'recheckedAt'>

/** What a server of a run costs an hour, or why its stop saves nothing. */
function priceOfTime(
  { kind, prices }: LineRun,
  { flavor, windows, charging }: Facts,
): Pick<SavingsLine, 'perHour' | 'zeroBecause'> {
  const zero = (zeroBecause: ZeroBecause) => ({ perHour: null, zeroBecause })
  if (kind === 'bms' || flavor?.startsWith('physical.')) return zero('bare-metal')
  if (charging === 'yearlyMonthly') return zero('yearly-monthly')
  if (prices === undefined || flavor === undefined) return zero('no-price')
  if (prices.charged.includes(flavor)) return zero('charged-when-stopped')
  const perHour = prices.perHour[priceKey({ flavor, windows })]
  // What a spot server would have cost is the market's to say.
  return perHour === undefined || charging === 'spot' ? zero('no-price') : { perHour, zeroBecause: null }
}

/** Until when a server was off, as far as that was proven; `null`: it was not. Runs of earlier versions were looked at once. */
function provenEnd(run: LineRun, { settled, offUntil }: StoppedServer): string | null {
  if (offUntil !== undefined) return offUntil
  return settled.restartedAt === undefined ? (run.lookedAt ?? run.recheckedAt ?? null) : null
}

/** The line of one server of a run; `null` where no time off was proven. */
export function savingsLine(run: LineRun, server: StoppedServer): SavingsLine | null {
  const { serverId, name, settled, facts = {} } = server
  const until = settled.status === 'stopped' ? provenEnd(run, server) : null
  if (until === null) return null
  // Whole seconds within the time off: rounding never adds to a claim.
  const from = Math.ceil(Date.parse(settled.endedAt) / 1000)
  const to = Math.floor(Date.parse(until) / 1000)
  const { flavor = null, tags = {} } = facts
  const currency = run.prices?.currency ?? null
  return to > from ? { serverId, name, flavor, tags, from, to, currency, ...priceOfTime(run, facts) } : null
}

/** What was saved until so many seconds after the line's beginning, in millionths: rounded down, so that no claim is above a bill. */
const savedBy = (seconds: number, perHour: number): number =>
  Math.floor((seconds * perHour * 1_000_000) / 3600 + 1e-3)

/** What a line saved in a stretch of it, in millionths: stretches side by side add up to the whole. */
export function savedWithin({ from, perHour }: SavingsLine, start: number, end: number): number {
  return perHour === null ? 0 : savedBy(end - from, perHour) - savedBy(start - from, perHour)
}

/** The line within a stretch of time; `null` where it is outside. */
export function clipLine(
  line: SavingsLine,
  { from, to }: Pick<SavingsLine, 'from' | 'to'>,
): SavingsLine | null {
  const clipped = { ...line, from: Math.max(line.from, from), to: Math.min(line.to, to) }
  return clipped.to > clipped.from ? clipped : null
}

/** By the id of a server, the end of the latest line that it has. */
export type Claimed = Map<string, number>

/** The part of a line that no other line of the server has, which is noted. Two runs that stopped it at once do not both count it. */
export function claimLine(line: SavingsLine, claimed: Claimed): SavingsLine | null {
  const from = Math.max(line.from, claimed.get(line.serverId) ?? 0)
  if (line.to <= from) return null
  claimed.set(line.serverId, line.to)
  return { ...line, from }
}
