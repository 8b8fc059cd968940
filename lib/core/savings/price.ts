/** What an hour of a server costs, where that is known. */

/** Prices in one currency. A key is a flavour or `region/flavor`; one that ends in `.win` or `.linux` is of that system alone. */
export interface PriceTable {
  currency: string
  perHour: Readonly<Record<string, number>>
}
/** What the price of a server depends on. */
interface PricedServer {
  region: string
  flavor: string
  windows: boolean
}

/** Keys that fit a server, the most exact one first: Windows costs more than a region does, so the system counts first. */
function priceKeys({ region, flavor, windows }: PricedServer): string[] {
  const keys = [`${region}/${flavor}`, flavor]
  const system = windows ? 'win' : 'linux'
  return [...keys.map(key => `${key}.${system}`), ...keys]
}

/** The price of an hour by the most exact key; `undefined` where no key fits, for there is no default price. */
export function priceOf({ perHour }: PriceTable, server: PricedServer): number | undefined {
  const key = priceKeys(server).find(one => Object.hasOwn(perHour, one))
  return key === undefined ? undefined : perHour[key]
}
