/** Prices that the cloud quoted, one item for each project and region. */
import { NOTHING_QUOTED, QuotedPrices } from '../../core/savings/quoted.ts'
import { expiryAttribute } from '../expiry.ts'
import { pricesKey } from '../keys.ts'
import type { Table } from '../table.ts'

/** Longer than a price is used. */
const KEPT_DAYS = 2

interface PricesPlace {
  projectId: string
  region: string
}
interface VersionedPrices {
  quoted: QuotedPrices
  /** 0: there is no item. */
  version: number
}

export function pricesStore(table: Table, now: () => number) {
  return {
    /** What cannot be read is quoted anew. */
    async quotedPrices({ projectId, region }: PricesPlace): Promise<VersionedPrices> {
      const item = await table.item(pricesKey(projectId, region))
      const version = typeof item?.version === 'number' ? item.version : 0
      return { quoted: QuotedPrices.safeParse(item?.doc).data ?? NOTHING_QUOTED, version }
    },

    /** `version`: the one that was read. False where another was quicker. */
    saveQuotedPrices(
      { projectId, region }: PricesPlace,
      { quoted, version }: VersionedPrices,
    ): Promise<boolean> {
      const key = pricesKey(projectId, region)
      const when = version === 0 ? { path: 'pk', absent: true as const } : { path: 'version', is: version }
      const day = expiryAttribute({ retentionDays: KEPT_DAYS, now })
      return table.put({ ...key, version: version + 1, ...day, doc: quoted }, [when])
    },
  }
}
