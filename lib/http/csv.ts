/** Comma-separated values (RFC 4180) that a spreadsheet opens without doing anything by itself. */
import type { Answer } from './route.ts'

/** What a spreadsheet takes for a formula: an apostrophe before it makes it a text. */
const FORMULA = /^[=+\-@\t\r]/

type Cell = string | number | null

/** Texts are always in quotes: names may hold commas, quotes and lines. */
function cellText(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return `"${(FORMULA.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
}

/** Without this mark spreadsheets read UTF-8 as something else. */
const BYTE_ORDER_MARK = '\uFEFF'

/** A row has a cell for each column, empty where it names none. */
export function csvAnswer<Column extends string>(
  columns: readonly Column[],
  rows: Partial<Record<Column, Cell>>[],
): Answer {
  const cells = rows.map(row => columns.map(column => row[column] ?? null))
  const lines = [columns, ...cells].map(line => `${line.map(cellText).join(',')}\r\n`)
  return {
    status: 200,
    body: `${BYTE_ORDER_MARK}${lines.join('')}`,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
  }
}

/** Whether a caller asks for CSV, and names no JSON before it. */
export function wantsCsv({ accept = '' }: Record<string, string | undefined>): boolean {
  const types = accept.split(',').map(type => type.split(';')[0]!.trim())
  return types.find(type => type === 'text/csv' || type === 'application/json') === 'text/csv'
}
