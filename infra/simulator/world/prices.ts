/** What servers cost by the hour. */
import type { BillingSwitches } from './switches/billing.ts'

const CORES: Record<string, number> = { small: 1, medium: 1, large: 2, xlarge: 4 }

/** By cores and memory, in the order of what such servers cost; Windows costs more. */
function listPrice(spec: string): number {
  const [, size = 'large', ratio = '2'] = spec.split('.')
  const cores = CORES[size] ?? (Number.parseInt(size, 10) * 4 || 2)
  const memory = cores * (Number(ratio) || 4)
  const perHour = cores * 0.12 + memory * 0.04 + (spec.endsWith('.win') ? cores * 0.13 : 0)
  return Math.round(perHour * 10_000) / 10_000
}

type Pricing = Pick<BillingSwitches, 'priceChanges'>

/** What an hour costs at an instant, before any discount. */
export function priceAt(spec: string, now: number, { priceChanges }: Pricing): number {
  const latest = priceChanges
    .filter(change => change.spec === spec && change.fromMs <= now)
    .toSorted((one, other) => other.fromMs - one.fromMs)
  return latest[0]?.perHour ?? listPrice(spec)
}

/** When a product has another price, in order, within a time. */
export const changesWithin = (
  spec: string,
  { from, to }: { from: number; to: number },
  { priceChanges }: Pricing,
): number[] =>
  priceChanges
    .filter(change => change.spec === spec && change.fromMs > from && change.fromMs < to)
    .map(({ fromMs }) => fromMs)
    .toSorted((one, other) => one - other)
