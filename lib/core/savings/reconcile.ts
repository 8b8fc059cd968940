/** What is claimed of a month, beside what the cloud charged in it. */
import type { Bill, BilledMode } from '../model/prices/bill.ts'

/** The clock of the bill, whatever the region. */
export const BILL_OFFSET_MS = 8 * 3_600_000

/** Seconds since the epoch, the end not in it. */
interface BilledMonth {
  from: number
  to: number
}

/** A month such as `2026-11` on the clock of UTC+8. */
export function billedMonth(month: string): BilledMonth {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const start = (months: number): number => (Date.UTC(year, months) - BILL_OFFSET_MS) / 1000
  return { from: start(number - 1), to: start(number) }
}

/** What lines claim of a server in the month; money is in millionths. */
export interface ClaimedServer {
  serverId: string
  name: string
  savingSeconds: number
  amount: number
  /** Of the dearest of its lines. */
  perHour: number
}

/**
 * fits        claimed and billed together are no more than the whole month would have cost
 * too-much    they are more: a claim that the bill has no room for
 * plan        a plan, a reserved instance or a month paid in advance pays for it: the stop may have saved nothing
 * not-billed  the bill has no record of it, or none yet
 */
type BillCheck = 'fits' | 'too-much' | 'plan' | 'not-billed'

interface ReconciledServer {
  serverId: string
  name: string
  savingHours: number
  claimed: number
  billed: number | null
  check: BillCheck
}
interface Reconciliation {
  /** Those that claim most first. */
  servers: ReconciledServer[]
  totals: { claimed: number; billed: number; inDoubt: number; billedElsewhere: number }
}

const PAID_OTHERWISE: ReadonlySet<BilledMode> = new Set(['yearlyMonthly', 'reserved', 'savingsPlan'])
/** Bills are rounded by the record. */
const ROUNDING = 0.01

const toMillionths = (amount: number): number => Math.round(amount * 1_000_000)
const fromMillionths = (amount: number): number => amount / 1_000_000

interface ServerBill {
  amount: number
  isPaidOtherwise: boolean
}

function billsByServer({ records }: Bill): Map<string, ServerBill> {
  const bills = new Map<string, ServerBill>()
  for (const { serverId, mode, amount } of records) {
    const known = bills.get(serverId) ?? { amount: 0, isPaidOtherwise: false }
    const isPaidOtherwise = known.isPaidOtherwise || PAID_OTHERWISE.has(mode)
    bills.set(serverId, { amount: known.amount + toMillionths(amount), isPaidOtherwise })
  }
  return bills
}

function checkOf(claim: ClaimedServer, bill: ServerBill | undefined, monthSeconds: number): BillCheck {
  if (bill === undefined) return 'not-billed'
  if (bill.isPaidOtherwise) return 'plan'
  const whole = toMillionths((claim.perHour * monthSeconds) / 3600 + ROUNDING)
  return claim.amount + bill.amount <= whole ? 'fits' : 'too-much'
}

/** Of one currency: that of the bill. */
export function reconcile(
  claims: readonly ClaimedServer[],
  bill: Bill,
  { from, to }: BilledMonth,
): Reconciliation {
  const bills = billsByServer(bill)
  const servers = claims.map(claim => {
    const own = bills.get(claim.serverId)
    return {
      serverId: claim.serverId,
      name: claim.name,
      savingHours: claim.savingSeconds / 3600,
      claimed: fromMillionths(claim.amount),
      billed: own === undefined ? null : fromMillionths(own.amount),
      check: checkOf(claim, own, to - from),
    }
  })
  const sum = (amounts: number[]): number =>
    fromMillionths(amounts.reduce((total, amount) => total + toMillionths(amount), 0))
  const all = sum([...bills.values()].map(({ amount }) => fromMillionths(amount)))
  const billed = sum(servers.map(one => one.billed ?? 0))
  return {
    servers: servers.toSorted((a, b) => b.claimed - a.claimed || (a.serverId < b.serverId ? -1 : 1)),
    totals: {
      claimed: sum(servers.map(one => one.claimed)),
      billed,
      inDoubt: sum(servers.filter(({ check }) => check !== 'fits').map(one => one.claimed)),
      billedElsewhere: sum([all, -billed]),
    },
  }
}
