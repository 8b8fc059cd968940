/** Prices as the cloud quoted them, kept for the day. */
import * as z from 'zod'
import { Instant } from '../model/model.ts'
import type { Quotation, QuotedKind } from '../model/prices/prices.ts'
import { isoInstant } from '../schedule/instant.ts'
import type { PriceTable } from './price.ts'
import { BILL_OFFSET_MS } from './reconcile.ts'

/** A price may be another each day: yesterday's could claim more than today's bill leaves. */
const billDay = (ms: number): number => Math.floor((ms + BILL_OFFSET_MS) / 86_400_000)
/** So long the cloud is not asked again. */
const REFUSED_MINUTES = 60
const FAILED_MINUTES = 5

/** Of one account in one region. */
export const QuotedPrices = z.object({
  currency: z.string(),
  /** By flavour and system, such as `s6.large.2.linux`; `null`: the cloud knows no price. */
  kinds: z.record(z.string(), z.object({ at: Instant, perHour: z.number().nullable() })),
  /** Why none were quoted, and until when none are asked for. */
  failed: z.object({ until: Instant, reason: z.string() }).optional(),
})
export type QuotedPrices = z.infer<typeof QuotedPrices>

export const NOTHING_QUOTED: QuotedPrices = { currency: 'CNY', kinds: {} }

const quotedKey = ({ flavor, windows }: QuotedKind): string => `${flavor}.${windows ? 'win' : 'linux'}`

function freshKinds({ kinds }: QuotedPrices, now: number): QuotedPrices['kinds'] {
  const isFresh = ({ at }: { at: string }) => billDay(Date.parse(at)) === billDay(now)
  return Object.fromEntries(Object.entries(kinds).filter(([, kind]) => isFresh(kind)))
}

/** Each kind that the cloud has not told of on this day, once. */
function untoldKinds(quoted: QuotedPrices, kinds: readonly QuotedKind[], now: number): QuotedKind[] {
  const fresh = freshKinds(quoted, now)
  const wanted = new Map(kinds.filter(({ flavor }) => flavor !== '').map(kind => [quotedKey(kind), kind]))
  return [...wanted].flatMap(([key, kind]) => (Object.hasOwn(fresh, key) ? [] : [kind]))
}

/** Those to ask for; none while the cloud is left alone. */
export function unquotedKinds(quoted: QuotedPrices, kinds: readonly QuotedKind[], now: number): QuotedKind[] {
  if (quoted.failed !== undefined && now < Date.parse(quoted.failed.until)) return []
  return untoldKinds(quoted, kinds, now)
}

/** Whether the cloud told of each of them, also that it knows no price. */
export const isToldOfAll = (quoted: QuotedPrices, kinds: readonly QuotedKind[], now: number): boolean =>
  untoldKinds(quoted, kinds, now).length === 0

/** What is kept after a quotation of some kinds; those of another currency are kept no longer. */
export function withQuotation(
  quoted: QuotedPrices,
  { kinds, quotation }: { kinds: readonly QuotedKind[]; quotation: Quotation },
  now: number,
): QuotedPrices {
  const { currency, perHour } = quotation
  const at = isoInstant(now)
  const added = kinds.flatMap((kind, place) => {
    const price = perHour[place]
    return price === undefined ? [] : [[quotedKey(kind), { at, perHour: price }] as const]
  })
  const kept = currency === quoted.currency ? freshKinds(quoted, now) : {}
  return { currency, kinds: { ...kept, ...Object.fromEntries(added) } }
}

/** What is kept after the cloud quoted nothing. */
export function withFailure(
  quoted: QuotedPrices,
  { reason, isRefused }: { reason: string; isRefused: boolean },
  now: number,
): QuotedPrices {
  const minutes = isRefused ? REFUSED_MINUTES : FAILED_MINUTES
  const until = isoInstant(now + minutes * 60_000)
  return { ...quoted, kinds: freshKinds(quoted, now), failed: { until, reason } }
}

/** The prices of this day; one of Linux is none of Windows. */
export function quotedTable(quoted: QuotedPrices, region: string, now: number): PriceTable {
  const known = Object.entries(freshKinds(quoted, now)).flatMap(([key, { perHour }]) =>
    perHour === null ? [] : [[`${region}/${key}`, perHour] as const],
  )
  return { currency: quoted.currency, perHour: Object.fromEntries(known) }
}
