/** Outcomes as comma-separated values (RFC 4180) that a spreadsheet opens without doing anything by itself. */
import type { Outcome } from '../../api/types.ts'

const COLUMNS = [
  'serverId',
  'name',
  'status',
  'code',
  'reason',
  'mode',
  'jobId',
  'requestId',
  'requestedAt',
  'endedAt',
  'restartedAt',
] as const satisfies (keyof Outcome)[]

/** What a spreadsheet takes for a formula: an apostrophe before it makes it a text. */
const FORMULA = /^[=+\-@\t\r]/

/** Always in quotes: names and reasons may hold commas, quotes and lines. */
export function csvCell(value: string | null | undefined): string {
  const text = value ?? ''
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
}

/** Without this mark spreadsheets read UTF-8 as something else. */
const BYTE_ORDER_MARK = '\uFEFF'

export function outcomesCsv(outcomes: Outcome[]): string {
  const lines = [COLUMNS, ...outcomes.map(outcome => COLUMNS.map(column => outcome[column]))]
  return `${BYTE_ORDER_MARK}${lines.map(cells => `${cells.map(csvCell).join(',')}\r\n`).join('')}`
}

/** The id of a run, as a file may be named everywhere. */
export const csvName = (runId: string): string => `${runId.replaceAll(/[^\w.-]/g, '_')}.csv`
