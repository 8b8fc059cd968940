/** Savings in words. */
import type { SavingsSum } from '../api/types.ts'

export const hoursOffText = (hours: number): string =>
  `${hours.toLocaleString(undefined, { maximumFractionDigits: 1 })} h`

type Priced = Pick<SavingsSum['items'][number], 'amount' | 'currency'>

/** In its own currency, which is never added to another; `–` where no price was known. */
export const amountText = ({ amount, currency }: Priced): string =>
  currency === null
    ? '–'
    : `${amount.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`

/** `1,234.50 CNY and 3.00 USD`; says so where nothing is known of prices. */
export const totalText = ({ totals }: SavingsSum): string =>
  totals.map(amountText).join(' and ') ||
  'No price is known: prices of the settings say where they come from.'
