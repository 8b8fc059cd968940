/** The prices of a run's servers on the day of its stop, which the run keeps. */
import type { StoredConnection } from '../../core/model/connection.ts'
import { CloudError } from '../../core/model/errors.ts'
import type { Run } from '../../core/model/run.ts'
import { type PricedTarget, withPrices } from '../../core/savings/snapshot.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { priceTable } from '../prices.ts'

/** Finds the prices of a run's servers; undefined while none are known: the next look asks again. */
export type PriceQuery = (targets: PricedTarget[]) => Promise<Run['prices']>

/** Serves all runs of a connection that are looked at together: the flavours that are charged while off are listed once. */
export function createPriceQuery(connection: StoredConnection, services: NotifyServices): PriceQuery {
  let charged: Promise<ReadonlySet<string> | null> | undefined
  return async targets => {
    const settings = await services.store.settings()
    if (settings.prices.source === 'none' || targets.length === 0) return undefined
    charged ??= readCharged(connection, services)
    const chargedFlavors = await charged
    const kinds = targets.map(({ flavor, windows = false }) => ({ flavor, windows }))
    const table = await priceTable(services, settings, { connection, kinds })
    if (chargedFlavors === null || table === undefined) return undefined
    return withPrices(undefined, targets, { table, region: connection.region, charged: chargedFlavors })
  }
}

/** `null` where they cannot be listed: then it is unknown which stops save. */
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
