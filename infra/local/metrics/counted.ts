/** What this process counts and times, from its start on: at the next start all of it is 0 again. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Counter, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client'
import * as z from 'zod'
import { THROTTLED } from '../../../lib/cloud/http/request.ts'
import { ACTIONS } from '../../../lib/core/model/action.ts'
import { isEnded, RunStatus } from '../../../lib/core/model/run.ts'
import type { Metrics } from '../../../lib/core/notify/metrics.ts'
import { EMITTED, type Emitted } from '../../../lib/runtime/metrics.ts'

/** Without the `_total` that counters end in. */
const COUNTERS: [name: keyof Metrics, shown: string, help: string][] = [
  ['CredentialsRefused', 'credentials_refused', 'Keys that a cloud refused, and secrets that were not whole'],
  ['WebhooksGivenUp', 'messages_given_up', 'Webhooks and messages to channels that were given up'],
  ['DueItemsFailed', 'due_items_failed', 'Due items that could not be dealt with'],
  [
    'PoliciesMatchingNothing',
    'policies_matching_nothing',
    'Ends of runs of policies that match no server any more',
  ],
]
const LATENESS_SECONDS = [1, 5, 15, 60, 300, 900, 3600]
const VERIFIED_SECONDS = [5, 15, 30, 60, 120, 300, 900, 3600]
const TIMES: [name: keyof Metrics, shown: string, help: string, buckets: number[]][] = [
  ['TickLatenessMs', 'tick_lateness_seconds', 'How late ticks came', LATENESS_SECONDS],
  [
    'RunLatenessMs',
    'run_lateness_seconds',
    'How long after its due time the first request of a run went out',
    LATENESS_SECONDS,
  ],
  [
    'VerifiedOffMs',
    'verified_off_seconds',
    'From request to the read that saw servers off',
    VERIFIED_SECONDS,
  ],
  ['VerifiedOnMs', 'verified_on_seconds', 'From request to the read that saw servers run', VERIFIED_SECONDS],
]

const End = z.object({
  action: z.string(),
  status: z.string(),
  codes: z.record(z.string(), z.number()),
})
type Emit = (emitted: Emitted) => void

const valuesOf = (value: number | number[] = []): number[] => [value].flat()

/** Counts what is emitted until it is closed. */
export function countEmitted(registry: Registry<OpenMetricsContentType>): { close: () => void } {
  const registers = [registry]
  const throttled = new Counter({
    name: 'curfew_throttled_answers_total',
    registers,
    help: 'Answers of clouds that had too much to do',
  })
  const counts = [...measured(registers), countEnds(registers)]
  const heard = (message: unknown) => {
    for (const count of counts) count(message as Emitted)
  }
  const heardThrottled = () => throttled.inc()
  subscribe(EMITTED.name, heard)
  subscribe(THROTTLED.name, heardThrottled)
  return {
    close: () => {
      unsubscribe(EMITTED.name, heard)
      unsubscribe(THROTTLED.name, heardThrottled)
    },
  }
}

function measured(registers: Registry<OpenMetricsContentType>[]): Emit[] {
  const counters = COUNTERS.map(([metric, shown, help]): Emit => {
    const counter = new Counter({ name: `curfew_${shown}_total`, help, registers })
    return ({ metrics }) => {
      for (const value of valuesOf(metrics[metric])) counter.inc(value)
    }
  })
  const times = TIMES.map(([metric, shown, help, buckets]): Emit => {
    const histogram = new Histogram({ name: `curfew_${shown}`, help, buckets, registers })
    return ({ metrics }) => {
      for (const ms of valuesOf(metrics[metric])) histogram.observe(ms / 1000)
    }
  })
  return [...counters, ...times]
}

/** Ends of runs, and what became of their servers: by words that are few, never by what people named. */
function countEnds(registers: Registry<OpenMetricsContentType>[]): Emit {
  const runs = new Counter({
    name: 'curfew_runs_total',
    labelNames: ['action', 'status'],
    registers,
    help: 'Runs that ended',
  })
  const outcomes = new Counter({
    name: 'curfew_outcomes_total',
    labelNames: ['action', 'status', 'code'],
    registers,
    help: 'Outcomes of servers in runs that ended',
  })
  // What has not happened yet is there as 0: else the first time is no increase.
  const ended = RunStatus.options.filter(status => isEnded({ status }))
  for (const action of Object.keys(ACTIONS)) for (const status of ended) runs.inc({ action, status }, 0)
  return ({ fields }) => {
    const { data: end } = End.safeParse(fields)
    if (end === undefined) return
    const { action } = end
    runs.inc({ action, status: end.status })
    for (const [key, count] of Object.entries(end.codes)) {
      const [status = '', code = ''] = key.split('/')
      outcomes.inc({ action, status, code }, count)
    }
  }
}
