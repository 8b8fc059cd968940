/** The bill's records of servers, as BSS lists them for a month. */
import * as z from 'zod'
import type { Bill, BilledMode } from '../../../core/model/prices/bill.ts'
import { askSideBySide } from '../../reading-servers.ts'
import { type Billing, billingPlace, ECS_PRODUCT } from './place.ts'

const PAGE_RECORDS = 1000
/** More are not read: as many pages as can be waited for. */
const MAX_RECORDS = 100_000
/** One record for a month, not for each day or use. */
const BY_MONTH = 1

const MODES: Record<number, BilledMode> = {
  1: 'yearlyMonthly',
  3: 'payPerUse',
  10: 'reserved',
  11: 'savingsPlan',
}

/** Of a refund it is below zero. */
const Charged = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
])
const BilledRecord = z
  .object({
    res_instance_id: z.string().nullish(),
    charge_mode: z.union([z.string(), z.number()]),
    consume_amount: Charged,
  })
  .transform(({ res_instance_id: id, charge_mode: mode, consume_amount: amount }) => ({
    serverId: id ?? '',
    mode: MODES[Number(mode)] ?? ('other' as const),
    amount,
  }))
const Records = z.object({
  total_count: z.int().min(0),
  currency: z
    .string()
    .nullish()
    .transform(currency => currency || 'CNY'),
  monthly_records: z.array(BilledRecord).nullish(),
})

/** BSS API reference, "Viewing Resource Usage Details"; months are those of UTC+8. Throws `CloudError`. */
export async function readBill(billing: Billing, month: string): Promise<Bill> {
  const first = await readBillPage(billing, month, 0)
  const { total_count: total, currency, monthly_records: records } = first
  const pages = Math.ceil(Math.min(total, MAX_RECORDS) / PAGE_RECORDS)
  const offsets = Array.from({ length: Math.max(0, pages - 1) }, (_, n) => (n + 1) * PAGE_RECORDS)
  const rest = await askSideBySide(offsets, async offset => {
    const { monthly_records: more } = await readBillPage(billing, month, offset)
    return more ?? []
  })
  return { currency, total, records: [...(records ?? []), ...rest.flat()] }
}

async function readBillPage({ connection, ask }: Billing, month: string, offset: number) {
  const { value } = await ask({
    what: `bill of ${month} from record ${offset + 1} on`,
    method: 'POST',
    ...billingPlace(connection, ['customer-bills', 'res-records', 'query']),
    body: JSON.stringify({
      cycle: month,
      ...ECS_PRODUCT,
      region: connection.region,
      // A plan that pays for all of a server leaves records of nothing.
      statistic_type: BY_MONTH,
      include_zero_record: true,
      offset,
      limit: PAGE_RECORDS,
    }),
    answer: Records,
    permission: 'billing:billDetail:view (bss:billDetail:view in policies of the older form)',
  })
  return value
}
