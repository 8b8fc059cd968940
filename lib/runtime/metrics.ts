/** Figures as log lines in CloudWatch's embedded metric format, which makes metrics of them. */
import { channel } from 'node:diagnostics_channel'
import type { Metrics } from '../core/notify/metrics.ts'
import type { LogFields } from './log.ts'

/** Tells figures, with what they are of beside them: to be read, not to be counted by. */
export type EmitMetrics = (metrics: Metrics, fields?: LogFields) => void

/** Metrics as they were emitted. */
export interface Emitted {
  metrics: Metrics
  fields: LogFields
}

/** Where this process hears of them, whether or not they are written anywhere. */
export const EMITTED = channel('curfew:emitted')

interface MetricsOptions {
  /** Which installation the figures are of. */
  service: string
  /** CloudWatch's namespace for them; absent: no metrics. Apart from the log's level, which changes none. */
  namespace: string | undefined
  now: () => number
  /** Takes a line. Straight to the output: Lambda puts words before what goes through `console`. */
  write?: (line: string) => void
}

/** Amazon CloudWatch user guide, "Specification: Embedded metric format". */
export function createMetrics({ service, namespace, now, write = toOutput }: MetricsOptions): EmitMetrics {
  return (metrics, fields = {}) => {
    EMITTED.publish({ metrics, fields } satisfies Emitted)
    if (namespace === undefined) return
    const values = Object.entries(metrics).filter(([, value]) =>
      Array.isArray(value) ? value.length > 0 : value !== undefined,
    )
    if (values.length === 0) return
    const Metrics = values.map(([Name]) => ({
      Name,
      Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count',
    }))
    const directive = { Namespace: namespace, Dimensions: [['service']], Metrics }
    const _aws = { Timestamp: now(), CloudWatchMetrics: [directive] }
    write(JSON.stringify({ ...fields, ...Object.fromEntries(values), service, _aws }))
  }
}

const toOutput = (line: string): void => void process.stdout.write(`${line}\n`)
