/** The prices of a run's servers on the day of its stop, which the run keeps. */
import type { StoredConnection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Run } from '../../core/model/run.ts'
import { type PricedTarget, withPrices } from '../../core/savings/snapshot.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { priceTable } from '../prices.ts'

/** Finds the prices of a run's servers; undefined while none are known: the next look asks again. */
export type PriceQuery = (targets: PricedTarget[]) => Promise<Run['prices']>

/** For all runs of a connection that are looked at together: which flavours are charged while off is asked once. */
export function createFindPrices(connection: StoredConnection, services: NotifyServices): PriceQuery {
  let charged: Promise<ReadonlySet<string> | null> | undefined
  return async targets => {
    const settings = await services.store.settings()
    if (settings.prices.source === 'none' || targets.length === 0) return undefined
    charged ??= readCharged(connection, services)
    const [own, table] = [
      await charged,
      await priceTable(services, settings, {
        connection,
        kinds: targets.map(({ flavor, windows = false }) => ({ flavor, windows })),
      }),
    ]
    if (own === null || table === undefined) return undefined
    return withPrices(undefined, targets, { table, region: connection.region, charged: own })
  }
}

/** `null` where they cannot be listed: then nobody knows which stops save. */
async function readCharged(
  connection: StoredConnection,
  { cloud, log }: NotifyServices,
): Promise<ReadonlySet<string> | null> {
  try {
    return await (await cloud(connection)).chargedFlavors()
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    log.warn('flavors could not be listed: runs have no prices', {
      ...error.details,
      reason: error.message,
    })
    return null
  }
}
