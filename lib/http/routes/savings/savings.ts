/** What stops saved: sums of the ledger, and its lines. */
import { canonicalText } from '../../../core/documents/canonical.ts'
import type { Run } from '../../../core/model/run.ts'
import type { LedgerRange } from '../../../core/savings/ledger-runs.ts'
import { type SavingsLine, savedWithin } from '../../../core/savings/line.ts'
import { createSums, millionths, secondsToHours } from '../../../core/savings/sums.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { csvAnswer, wantsCsv } from '../../csv.ts'
import { cursorPlace, cursorText } from '../../lists/cursor.ts'
import { throwUnprocessable } from '../../problem.ts'
import { type Answer, type Asked, defineRoute, jsonAnswer } from '../../route.ts'
import {
  SavingsLineDocument,
  SavingsLinesQuery,
  SavingsQuery,
  SavingsSummary,
} from '../../schemas/savings-schemas.ts'
import { listSchema } from '../../schemas/schemas.ts'
import { SAVINGS_EXAMPLES } from './examples.ts'
import { type LedgerPlace, ledgerLines, ledgerRuns } from './ledger.ts'

/** Well below what the gateway waits for an answer, 29 s: what is read by then is answered. */
const PATIENCE_MS = 20_000
const DEFAULT_DAYS = 30
const DAY_MS = 86_400_000

type RangeQuery = Pick<SavingsLinesQuery, 'from' | 'to' | 'connection'>

/** Throws 422 where it ends before it begins. */
function savingsRange({ from, to }: RangeQuery, now: number): LedgerRange {
  const toMs = to === undefined ? now : Date.parse(to)
  const fromMs = from === undefined ? toMs - DEFAULT_DAYS * DAY_MS : Date.parse(from)
  if (fromMs >= toMs) {
    const message = `expected an instant before ${isoInstant(toMs)}, got ${isoInstant(fromMs)}`
    throwUnprocessable([{ path: 'from', message }])
  }
  return { from: Math.floor(fromMs / 1000), to: Math.floor(toMs / 1000) }
}

/** The range is part of a place: without `to` the next page would have another. */
type LinePlace = LedgerPlace & LedgerRange & { member: number }

const ledgerPlace = (list: string, cursor: string | undefined): LinePlace | undefined =>
  cursorPlace(list, cursor) as LinePlace | undefined

async function sumUp(query: SavingsQuery, services: HttpServices): Promise<Answer> {
  const until = performance.now() + PATIENCE_MS
  const { by, timeZone, connection } = query
  const list = `savings ${canonicalText({ ...query, cursor: undefined })}`
  const from = ledgerPlace(list, query.cursor)
  const range = from ?? savingsRange(query, services.now())
  const runs = await ledgerRuns({ range, connection }, services)
  const sums = createSums(by, timeZone)
  let next: LinePlace | null = null
  let latest: Run | undefined
  for await (const { run, chunk, lines } of ledgerLines(runs, { range, from }, services)) {
    if (latest !== undefined && performance.now() > until) {
      next = { dueAt: run.dueAt, id: run.id, chunk, member: 0, from: range.from, to: range.to }
      break
    }
    latest = run
    for (const { line } of lines) sums.add({ line, run })
  }
  const shown = { from: isoInstant(range.from * 1000), to: isoInstant(range.to * 1000), by }
  return jsonAnswer({ ...shown, ...sums.report(), nextCursor: next && cursorText(list, { ...next }) })
}

/** A line as the API shows it. */
function shownLine(run: Run, line: SavingsLine) {
  const { serverId, name, flavor, from, to, perHour, currency, zeroBecause } = line
  const hours = secondsToHours(to - from)
  return {
    serverId,
    name,
    connection: run.connection,
    policyId: run.policyId ?? null,
    runId: run.id,
    flavor,
    from: isoInstant(from * 1000),
    to: isoInstant(to * 1000),
    hours,
    savingHours: zeroBecause === null ? hours : 0,
    perHour,
    amount: millionths(savedWithin(line, from, to)),
    currency,
    zeroBecause,
  }
}
type ShownLine = ReturnType<typeof shownLine>

interface LinePage {
  items: ShownLine[]
  nextCursor: string | null
}

/** One line more than a page holds tells where the next one begins. */
async function readLines(query: SavingsLinesQuery, services: HttpServices): Promise<LinePage> {
  const { limit, connection } = query
  const list = `savings lines ${canonicalText({ from: query.from, to: query.to, connection })}`
  const from = ledgerPlace(list, query.cursor)
  const range = from ?? savingsRange(query, services.now())
  const runs = await ledgerRuns({ range, connection }, services)
  const items: ShownLine[] = []
  for await (const { run, chunk, lines } of ledgerLines(runs, { range, from }, services)) {
    const isAtPlace = from !== undefined && run.id === from.id && chunk === from.chunk
    for (const { line, member } of lines) {
      if (isAtPlace && member < from.member) continue
      const place = { dueAt: run.dueAt, id: run.id, chunk, member, from: range.from, to: range.to }
      if (items.length === limit) return { items, nextCursor: cursorText(list, place) }
      items.push(shownLine(run, line))
    }
  }
  return { items, nextCursor: null }
}

const LINE_COLUMNS: (keyof ShownLine)[] = [
  'serverId',
  'name',
  'connection',
  'policyId',
  'runId',
  'flavor',
  'from',
  'to',
  'hours',
  'savingHours',
  'perHour',
  'amount',
  'currency',
  'zeroBecause',
]

async function listLines(
  { query, headers }: Asked<unknown, SavingsLinesQuery>,
  services: HttpServices,
): Promise<Answer> {
  const { items, nextCursor } = await readLines(query, services)
  if (!wantsCsv(headers)) return jsonAnswer({ items, nextCursor })
  const answer = csvAnswer(LINE_COLUMNS, items)
  return nextCursor === null
    ? answer
    : { ...answer, headers: { ...answer.headers, 'next-cursor': nextCursor } }
}

const SUM_COLUMNS = ['key', 'servers', 'hours', 'savingHours', 'noPriceHours', 'amount', 'currency'] as const

export const savingsRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/savings',
    operation: 'savings',
    examples: SAVINGS_EXAMPLES.savings,
    summary: 'What stops saved, by policy, connection, tag, server, day or month',
    description:
      'Sums of the lines of `GET /v1/savings/lines`, equal to them to the cent; docs/savings.md says what is counted. Currencies are never added up. `Accept: text/csv` gives the items as CSV.',
    query: SavingsQuery,
    answers: { 200: { description: 'The sums.', schema: SavingsSummary } },
    run: async ({ query, headers }, services) => {
      const answer = await sumUp(query, services)
      if (!wantsCsv(headers)) return answer
      return csvAnswer(SUM_COLUMNS, SavingsSummary.parse(answer.body).items)
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/savings/lines',
    operation: 'savingsLines',
    examples: SAVINGS_EXAMPLES.savingsLines,
    summary: 'Each time off that a run caused and looks proved',
    description:
      'One line for a server and a time off, oldest run first; lines of one server never overlap. A line ends at the latest look that saw the server off as it was left. `Accept: text/csv` gives a page as CSV; its header `next-cursor` says where the list goes on.',
    query: SavingsLinesQuery,
    answers: { 200: { description: 'A page of lines.', schema: listSchema(SavingsLineDocument) } },
    run: listLines,
  }),
]
