/** Figures as log lines in CloudWatch's embedded metric format, which makes metrics of them. */
import type { Measures } from './core/measures.ts'
import type { Fields, LogLevel } from './log.ts'

/** Tells figures, with what they are of beside them: to be read, not to be counted by. */
export type Measure = (measures: Measures, fields?: Fields) => void

export interface MetricsOptions {
  /** Which installation the figures are of. */
  service: string
  /** They are log lines of level `info`. */
  level: LogLevel
  now: () => number
  /** Takes a line. Straight to the output: Lambda puts words before what goes through `console`. */
  write?: (line: string) => void
}

const NAMESPACE = 'Curfew'

const isThere = ([, value]: [string, number | number[] | undefined]): boolean =>
  value !== undefined && (!Array.isArray(value) || value.length > 0)

/** Amazon CloudWatch user guide, "Specification: Embedded metric format". */
export function createMetrics({ service, level, now, write = toOutput }: MetricsOptions): Measure {
  if (level !== 'debug' && level !== 'info') return () => undefined
  return (measures, fields = {}) => {
    const figures = Object.entries(measures).filter(isThere)
    if (figures.length === 0) return
    const Metrics = figures.map(([Name]) => ({
      Name,
      Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count',
    }))
    const metrics = { Namespace: NAMESPACE, Dimensions: [['service']], Metrics }
    const _aws = { Timestamp: now(), CloudWatchMetrics: [metrics] }
    write(JSON.stringify({ ...fields, ...Object.fromEntries(figures), service, _aws }))
  }
}

const toOutput = (line: string): void => void process.stdout.write(`${line}\n`)
