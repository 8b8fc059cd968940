/** What is logged of servers once they are settled: how many of each, and a line for each that may need a person. */
import type { Member } from '../model/chunk.ts'
import type { OutcomeStatus, Settled } from '../model/outcome.ts'
import { countOutcomes } from '../model/outcome.ts'

export interface LogLine {
  level: 'debug' | 'info' | 'warn'
  message: string
  fields: Record<string, unknown>
}

/** Of more servers than this at once, only the first have a line: the others stand in the outcomes. */
export const MAX_LINES = 20

const LEVELS: Partial<Record<OutcomeStatus, LogLine['level']>> = {
  failed: 'warn',
  unconfirmed: 'warn',
  skipped: 'debug',
}

/** The run they belong to, and the chunk where they are of one. */
export interface LogContext {
  run: string
  chunk?: number
}

export function outcomeLines(whose: LogContext, settled: [Member, Settled][]): LogLine[] {
  if (settled.length === 0) return []
  const { codes } = countOutcomes(settled.map(([, one]) => one))
  const counts: LogLine = { level: 'info', message: 'servers settled', fields: { ...whose, codes } }
  const listed = Object.entries(LEVELS).flatMap(([status, level]) =>
    settled
      .filter(([, one]) => one.status === status)
      .slice(0, MAX_LINES)
      .map(([{ id, name }, { code, reason }]): LogLine => {
        const fields = { ...whose, server: id, name, code, reason }
        return { level, message: `server ${status}`, fields }
      }),
  )
  return [counts, ...listed]
}
