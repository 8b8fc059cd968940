/** Sums of the savings ledger, by whatever is asked for: each equals its lines exactly. */
import { isoInstant } from '../schedule/instant.ts'
import { instantOf, zoneNamed } from '../schedule/zone.ts'
import { type SavingsLine, savedWithin } from './line.ts'

/** `tag:KEY`: by the values of a tag, as they were when the server was stopped. */
export type SavingsKey = 'policy' | 'connection' | 'server' | 'day' | 'month' | `tag:${string}`

interface RunLine {
  line: SavingsLine
  run: { policyId?: string | undefined; connection: string }
}

/** Counts numbers once each: bits in blocks, for the servers of a key have numbers that lie together. */
interface NumberSet {
  add(number: number): void
  size(): number
}
const BLOCK_BITS = 1024
const WORD_BITS = 32

export function createNumberSet(): NumberSet {
  const blocks = new Map<number, Uint32Array>()
  let size = 0
  return {
    add(number) {
      const at = Math.floor(number / BLOCK_BITS)
      const block = blocks.get(at) ?? new Uint32Array(BLOCK_BITS / WORD_BITS)
      blocks.set(at, block)
      const word = Math.floor((number % BLOCK_BITS) / WORD_BITS)
      const bit = 1 << (number % WORD_BITS)
      if ((block[word]! & bit) !== 0) return
      block[word]! |= bit
      size++
    },
    size: () => size,
  }
}

/** A server is one server: 100,000 sets of one each would fill a function's memory. */
const JUST_ONE: NumberSet = { add: () => undefined, size: () => 1 }

/** One key, in one currency; times are seconds, money is in millionths. */
interface SavingsSum {
  key: string
  currency: string | null
  servers: NumberSet
  seconds: number
  savingSeconds: number
  noPriceSeconds: number
  amount: number
}

interface SavingsItem {
  key: string
  servers: number
  hours: number
  savingHours: number
  noPriceHours: number
  amount: number
  currency: string | null
}
interface SavingsReport {
  items: SavingsItem[]
  /** Keys that are not among the items; the totals are of all. */
  moreKeys: number
  totals: { currency: string; amount: number }[]
}

/** The items of an answer, those that saved most first. */
const MAX_ITEMS = 1000
const DAY_MS = 86_400_000

/** Stretches of a line with the key of each, the end not in it; seconds since the epoch. */
type KeyedStretch = Pick<SavingsLine, 'from' | 'to'> & { key: string }

/** A line cut at the midnights of a zone. */
function daysOf({ from, to }: SavingsLine, timeZone: string): KeyedStretch[] {
  const zone = zoneNamed(timeZone)
  const stretches: KeyedStretch[] = []
  for (let start = from; start < to; ) {
    const wallDay = Math.floor((start * 1000 + zone(start * 1000).offsetMs) / DAY_MS)
    // Of a date that a clock skips the next begins at the same instant.
    const midnight = Math.ceil(instantOf(zone, (wallDay + 1) * DAY_MS) / 1000)
    const end = Math.min(to, Math.max(midnight, start + 1))
    stretches.push({ from: start, to: end, key: isoInstant(wallDay * DAY_MS).slice(0, 10) })
    start = end
  }
  return stretches
}

function keysOf({ line, run }: RunLine, by: SavingsKey, timeZone: string): KeyedStretch[] {
  const { from, to } = line
  const whole = (key: string): KeyedStretch[] => [{ from, to, key }]
  switch (by) {
    case 'policy':
      return whole(run.policyId ?? '')
    case 'connection':
      return whole(run.connection)
    case 'server':
      return whole(line.serverId)
    case 'day':
      return daysOf(line, timeZone)
    case 'month':
      return daysOf(line, timeZone).map(day => ({ ...day, key: day.key.slice(0, 7) }))
    default:
      return whole(line.tags[by.slice('tag:'.length)]?.join(' ') ?? '')
  }
}

interface SavingsSums {
  add(line: RunLine): void
  report(): SavingsReport
}

export const secondsToHours = (seconds: number): number => Math.round((seconds / 3600) * 1e6) / 1e6
export const millionths = (amount: number): number => amount / 1e6

export function createSums(by: SavingsKey, timeZone: string): SavingsSums {
  const sums = new Map<string, SavingsSum>()
  const numbers = new Map<string, number>()

  function numberOf(serverId: string): number {
    const known = numbers.get(serverId)
    if (known !== undefined) return known
    numbers.set(serverId, numbers.size)
    return numbers.size - 1
  }

  function sumOf(key: string, currency: string | null): SavingsSum {
    const place = `${currency ?? ''} ${key}`
    const known = sums.get(place)
    if (known) return known
    const nothing = { seconds: 0, savingSeconds: 0, noPriceSeconds: 0, amount: 0 }
    const sum = { key, currency, servers: by === 'server' ? JUST_ONE : createNumberSet(), ...nothing }
    sums.set(place, sum)
    return sum
  }

  return {
    add(runLine) {
      const { line } = runLine
      for (const { key, from, to } of keysOf(runLine, by, timeZone)) {
        const sum = sumOf(key, line.currency)
        if (sum.servers !== JUST_ONE) sum.servers.add(numberOf(line.serverId))
        sum.seconds += to - from
        if (line.zeroBecause === null) sum.savingSeconds += to - from
        if (line.zeroBecause === 'no-price') sum.noPriceSeconds += to - from
        sum.amount += savedWithin(line, from, to)
      }
    },
    report: () => reportSums([...sums.values()]),
  }
}

function reportSums(sums: SavingsSum[]): SavingsReport {
  const order = sums.toSorted(
    (a, b) => b.amount - a.amount || b.seconds - a.seconds || a.key.localeCompare(b.key),
  )
  const amounts = new Map<string, number>()
  for (const { currency, amount } of sums)
    if (currency !== null) amounts.set(currency, (amounts.get(currency) ?? 0) + amount)
  return {
    items: order.slice(0, MAX_ITEMS).map(savingsItem),
    moreKeys: Math.max(0, order.length - MAX_ITEMS),
    totals: [...amounts].map(([currency, amount]) => ({ currency, amount: millionths(amount) })),
  }
}

const savingsItem = ({ key, currency, servers, ...sum }: SavingsSum): SavingsItem => ({
  key,
  servers: servers.size(),
  hours: secondsToHours(sum.seconds),
  savingHours: secondsToHours(sum.savingSeconds),
  noPriceHours: secondsToHours(sum.noPriceSeconds),
  amount: millionths(sum.amount),
  currency,
})
