/** What the servers of a connection cost by the hour, by whatever the settings say of prices. */
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

/** Writers that are quicker, in a row: each of them has added what it asked for. */
const MAX_CONFLICTS = 5

/**
 * The prices of these kinds; `undefined`: they are not known yet, as where the cloud could not be asked for one of them. What a
 * cloud quotes is kept for the day, for all runs of the project; a cloud that quotes nothing fails no run.
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

/** Asks once, then adds the answer to whatever is kept by then. */
async function quoteMissing(services: PriceServices, quoting: Quoting): Promise<QuotedPrices> {
  const { store } = services
  const { connection } = quoting
  const noted = await askPrices(services, quoting)
  for (let conflicts = 0; ; conflicts++) {
    const { quoted, version } = await store.quotedPrices(connection)
    const next = noted(quoted)
    const isSaved = await store.saveQuotedPrices(connection, { quoted: next, version })
    if (isSaved || conflicts === MAX_CONFLICTS) return next
  }
}

/** What the answer of the cloud makes of what is kept. */
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
