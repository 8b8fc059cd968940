/** The prices of a run's servers on the day of its stop, kept with the run. */
import type { Run } from '../model/run.ts'
import { type PriceTable, priceOf } from './price.ts'

/** What a price depends on, in one region. */
interface PricedKind {
  flavor: string
  windows?: boolean | undefined
}

export const priceKey = ({ flavor, windows }: PricedKind): string => (windows ? `${flavor}.win` : flavor)

type PriceSnapshot = NonNullable<Run['prices']>

/** The prices that a run keeps, with those of kinds that it lacks: what it has stays as it was. */
export function withPrices(
  known: PriceSnapshot | undefined,
  kinds: PricedKind[],
  { table, region, charged }: { table: PriceTable; region: string; charged: ReadonlySet<string> },
): PriceSnapshot {
  if (known !== undefined && known.currency !== table.currency) return known
  const added = kinds.flatMap(({ flavor, windows = false }) => {
    const price = priceOf(table, { region, flavor, windows: windows })
    return price === undefined ? [] : [[priceKey({ flavor, windows }), price] as const]
  })
  const own = kinds.flatMap(({ flavor }) => (charged.has(flavor) ? [flavor] : []))
  return {
    currency: table.currency,
    perHour: { ...Object.fromEntries(added), ...known?.perHour },
    charged: [...new Set([...(known?.charged ?? []), ...own])].toSorted(),
  }
}
