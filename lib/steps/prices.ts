/** Finds what servers of a connection cost by the hour, from the source of prices that the settings name. */
import type { StoredConnection } from '../core/model/connection.ts'
import { CloudError } from '../core/model/errors.ts'
import type { Settings } from '../core/model/model.ts'
import type { QuotedKind } from '../core/model/prices/prices.ts'
import type { PriceTable } from '../core/savings/price.ts'
import {
  isToldOfAll,
  type QuotedPrices,
  quotedTable,
  unquotedKinds,
  withFailure,
  withQuotation,
} from '../core/savings/quoted.ts'
import type { BaseServices } from '../runtime/services/base.ts'
import type { CloudServices } from '../runtime/services/cloud.ts'

type PriceServices = Pick<BaseServices, 'store' | 'now' | 'log'> & Pick<CloudServices, 'cloud'>

interface Quoting {
  connection: StoredConnection
  kinds: readonly QuotedKind[]
}

/** After so many conflicts in a row the answer is used and not kept: each of the other writers has added its own. */
const MAX_CONFLICTS = 5

/**
 * The prices of these kinds; `undefined` while one of them is not known, such as when the cloud could not be asked. What a cloud
 * quotes is kept for the day, for all runs of the project; a cloud that quotes nothing fails no run.
 */
export async function priceTable(
  services: PriceServices,
  { prices }: Pick<Settings, 'prices'>,
  quoting: Quoting,
): Promise<PriceTable | undefined> {
  if (prices.source === 'none') return undefined
  if (prices.source === 'table') return { currency: prices.currency, perHour: prices.perHour }
  const { store, now } = services
  const { connection, kinds } = quoting
  const { quoted } = await store.quotedPrices(connection)
  const missing = unquotedKinds(quoted, kinds, now())
  const whole = missing.length === 0 ? quoted : await quoteMissing(services, { connection, kinds: missing })
  return isToldOfAll(whole, kinds, now()) ? quotedTable(whole, connection.region, now()) : undefined
}

/** Asks the cloud once, then adds the answer to the prices that are kept by then. */
async function quoteMissing(services: PriceServices, quoting: Quoting): Promise<QuotedPrices> {
  const { store } = services
  const { connection } = quoting
  const addAnswer = await askPrices(services, quoting)
  for (let conflicts = 0; ; conflicts++) {
    const { quoted, version } = await store.quotedPrices(connection)
    const next = addAnswer(quoted)
    const isSaved = await store.saveQuotedPrices(connection, { quoted: next, version })
    if (isSaved || conflicts === MAX_CONFLICTS) return next
  }
}

/** Asks the cloud; returns how its answer changes the prices that are kept. */
async function askPrices(
  { cloud, log, now }: PriceServices,
  { connection, kinds }: Quoting,
): Promise<(quoted: QuotedPrices) => QuotedPrices> {
  try {
    const quotation = await (await cloud(connection)).quotePrices(kinds)
    return quoted => withQuotation(quoted, { kinds, quotation }, now())
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    const { message: reason, details } = error
    const isRefused = ['refused', 'credentials'].includes(details.class)
    log.warn('no prices are quoted', { connection: connection.id, reason })
    return quoted => withFailure(quoted, { reason, isRefused }, now())
  }
}
