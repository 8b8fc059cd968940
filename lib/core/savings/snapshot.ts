/** The prices of a run's servers on the day of its stop, kept with the run. */
import type { Run } from '../model/run.ts'
import { type PriceTable, priceOf } from './price.ts'
import type { StoppedServers } from './sight.ts'

/** What a price depends on, in one region. */
export interface PricedTarget {
  flavor: string
  windows?: boolean | undefined
}

export const priceKey = ({ flavor, windows }: PricedTarget): string => (windows ? `${flavor}.win` : flavor)

type PriceSnapshot = NonNullable<Run['prices']>

/** The prices that a run keeps, with those of kinds that it lacks: what it has stays as it was. */
export function withPrices(
  known: PriceSnapshot | undefined,
  kinds: PricedTarget[],
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

/** What is to be priced of a chunk: of the servers that were stopped, each flavour and system once. */
export function pricedTargets({ settled, facts }: Pick<StoppedServers, 'settled' | 'facts'>): PricedTarget[] {
  const targets = new Map<string, PricedTarget>()
  for (const [member, { status }] of settled) {
    const { flavor, windows } = facts.get(member) ?? {}
    if (status === 'stopped' && flavor !== undefined)
      targets.set(priceKey({ flavor, windows }), { flavor, windows })
  }
  return [...targets.values()]
}
