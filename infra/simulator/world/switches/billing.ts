/** What servers cost at the simulated cloud, and what its bill shows. */

/** From an instant on a product has another price. */
interface PriceChange {
  /** Flavour and system, such as `s6.large.2.linux`. */
  spec: string
  /** ms since the epoch */
  fromMs: number
  perHour: number
}

/** What the simulated cloud charges. */
export interface BillingSwitches {
  /** Other prices than those of the list, each from an instant on. */
  priceChanges: readonly PriceChange[]
  /** Flavours and systems of which no price is known, such as `s6.large.2.win`, or `cn-north-4/s6.large.2.linux`. */
  unpriced: readonly string[]
  /** The account's discount, from 0 to 1. */
  discount: number
  /** How the account's currency is told: '' is the yuan. */
  currency: string
  /** Servers of which a savings plan, or a reserved instance, pays the use. */
  onPlan: Record<string, 'savingsPlan' | 'reserved'>
  /** What was used later than so many hours ago is on no bill yet. */
  billDelayHours: number
}

export const defaultBilling = (): BillingSwitches => ({
  priceChanges: [],
  unpriced: [],
  discount: 0,
  currency: 'CNY',
  onPlan: {},
  billDelayHours: 0,
})
