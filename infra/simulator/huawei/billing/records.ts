/** The bill (BSS API reference, "Viewing Resource Usage Details", 2025-11). */
import type { Answer, Request, Route } from '../../route.ts'
import type { Usage } from '../../world/meter.ts'
import type { State } from '../../world/state.ts'
import type { Switches } from '../../world/switches/switches.ts'
import { callerOf, type Key } from '../auth.ts'
import { accessDenied, badParameter, bodyOf, type Json } from './answers.ts'
import { type Charge, chargesOf, daySpan, monthSpan } from './charges.ts'

const RIGHT = 'billing:billDetail:view'
const MODES = { yearlyMonthly: 1, payPerUse: 3, spot: 3, reserved: 10, savingsPlan: 11 }
const USE = 5
const HOUR_MS = 3_600_000

interface Billed {
  projects: readonly { name: string; state: State }[]
  signers: () => readonly Key[]
  switches: Switches
}

interface Row extends Charge {
  region: string
}

/** By month, or by day: that is all that is imitated. */
const isByDay = (body: Json): boolean => body.statistic_type === 2

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''
const matches = (wanted: unknown, value: unknown): boolean => isMissing(wanted) || wanted === value

const modeOf = ({ serverId, chargingMode }: Usage, { onPlan }: Switches): number =>
  MODES[onPlan[serverId] ?? chargingMode]

function rows(body: Json, { projects, switches }: Billed, now: number): Row[] {
  const span = body.query_type === 'DAILY' ? daySpan(body.bill_cycle_begin, body.bill_cycle_end) : null
  const { from, to } = span ?? monthSpan(String(body.cycle))!
  const within = { from, to: Math.min(to, now - switches.billDelayHours * HOUR_MS) }
  return projects.flatMap(({ name, state }) => {
    const [region = ''] = name.split('_')
    // Bare metal is on the bill of another service.
    const own = state.usage(now).filter(({ kind }) => kind === 'ecs')
    return own.flatMap(usage => chargesOf(usage, within, switches).map(charge => ({ ...charge, region })))
  })
}

const rounded = (amount: number): number => Number(amount.toFixed(8))

/** One record for each server, mode and flavour, in the month or on each day. */
function records(body: Json, billed: Billed, now: number): Json[] {
  const { switches } = billed
  const groups = Map.groupBy(rows(body, billed, now), ({ usage, day, region }) =>
    [usage.serverId, modeOf(usage, switches), usage.spec, region, isByDay(body) ? day : ''].join(' '),
  )
  return [...groups.values()].map(group => {
    const [{ usage, region, day }] = group as [Row]
    const mode = modeOf(usage, switches)
    const listed = mode === 3 ? group.reduce((sum, one) => sum + one.listed, 0) : 0
    const amount = rounded(listed * (1 - switches.discount))
    return {
      cycle: body.cycle,
      bill_date: isByDay(body) ? day : null,
      bill_type: USE,
      cloud_service_type: 'hws.service.type.ec2',
      resource_Type_code: 'hws.resource.type.vm',
      res_instance_id: usage.serverId,
      resource_name: usage.name,
      region,
      charge_mode: mode,
      consume_amount: amount,
      official_amount: rounded(listed),
      cash_amount: amount,
      discount_amount: rounded(listed - amount),
      measure_id: 1,
      enterprise_project_id: '0',
      product_spec_desc: usage.spec,
    }
  })
}

function problemOf({ cycle, limit = 10, offset = 0, query_type: type, ...body }: Json): string | null {
  if (monthSpan(String(cycle)) === null) return 'cycle'
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > 1000) return 'limit'
  if (!Number.isInteger(offset) || Number(offset) < 0) return 'offset'
  if (![undefined, null, 1, 2].includes(body.statistic_type as number)) return 'statistic_type'
  if (type !== 'DAILY') return null
  const isWhole = daySpan(body.bill_cycle_begin, body.bill_cycle_end) !== null
  return body.statistic_type === 2 && isWhole ? null : 'query_type'
}

function recordsAnswer(request: Request, billed: Billed): Answer {
  const { allows } = callerOf(request.headers, billed.signers())
  if (allows?.includes(RIGHT) === false) return accessDenied(RIGHT)
  const body = bodyOf(request)
  const problem = problemOf(body)
  if (problem !== null) return badParameter(problem)
  const found = records(body, billed, request.now).filter(
    one =>
      matches(body.cloud_service_type, one.cloud_service_type) &&
      matches(body.resource_type, one.resource_Type_code) &&
      matches(body.region, one.region) &&
      matches(body.res_instance_id, one.res_instance_id) &&
      matches(body.charge_mode, one.charge_mode) &&
      matches(body.bill_type, one.bill_type) &&
      (body.include_zero_record !== false || one.consume_amount !== 0),
  )
  const { offset = 0, limit = 10 } = body as { offset?: number; limit?: number }
  const page = found.slice(offset, offset + limit)
  return {
    status: 200,
    body: { monthly_records: page, total_count: found.length, currency: billed.switches.currency },
  }
}

export const recordsRoute = (billed: Billed, guard: Route['guard']): Route => ({
  name: 'records',
  method: 'POST',
  path: '/v2/bills/customer-bills/res-records/query',
  guard,
  answer: request => recordsAnswer(request, billed),
})
