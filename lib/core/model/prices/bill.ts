/** What the cloud charged for servers in a month, by its own records. */

/** How it was charged; `other`: in a way that is not known here. */
export type BilledMode = 'payPerUse' | 'yearlyMonthly' | 'reserved' | 'savingsPlan' | 'other'

interface BilledServer {
  serverId: string
  mode: BilledMode
  /** After discounts; below zero where money was paid back. */
  amount: number
}
export interface Bill {
  currency: string
  /** A server has one for each mode and flavour. */
  records: BilledServer[]
  /** How many records there are: more than were read where there are too many. */
  total: number
}
