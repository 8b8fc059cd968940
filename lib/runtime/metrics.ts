/** Figures as log lines in CloudWatch's embedded metric format, which makes metrics of them. */
import type { Measures } from '../core/notify/metrics.ts'
import type { LogFields } from './log.ts'

/** Tells figures, with what they are of beside them: to be read, not to be counted by. */
export type Measure = (measures: Measures, fields?: LogFields) => void

interface MetricsOptions {
  /** Which installation the figures are of. */
  service: string
  /** CloudWatch's namespace for them; absent: no metrics. Apart from the log's level, so that no level makes alarms deaf. */
  namespace: string | undefined
  now: () => number
  /** Takes a line. Straight to the output: Lambda puts words before what goes through `console`. */
  write?: (line: string) => void
}

const hasValue = ([, value]: [string, number | number[] | undefined]): boolean =>
  value !== undefined && (!Array.isArray(value) || value.length > 0)

/** Amazon CloudWatch user guide, "Specification: Embedded metric format". */
export function createMetrics({ service, namespace, now, write = toOutput }: MetricsOptions): Measure {
  if (namespace === undefined) return () => undefined
  return (measures, fields = {}) => {
    const figures = Object.entries(measures).filter(hasValue)
    if (figures.length === 0) return
    const Metrics = figures.map(([Name]) => ({
      Name,
      Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count',
    }))
    const metrics = { Namespace: namespace, Dimensions: [['service']], Metrics }
    const _aws = { Timestamp: now(), CloudWatchMetrics: [metrics] }
    write(JSON.stringify({ ...fields, ...Object.fromEntries(figures), service, _aws }))
  }
}

const toOutput = (line: string): void => void process.stdout.write(`${line}\n`)
