/** What is claimed of a month, beside what the cloud charged in it. */
import type { Bill } from '../../../core/model/prices/bill.ts'
import type { LedgerRange } from '../../../core/savings/ledger-runs.ts'
import { type SavingsLine, savedWithin } from '../../../core/savings/line.ts'
import { billedMonth, type ClaimedServer, reconcile } from '../../../core/savings/reconcile.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { cloudProblem } from '../../fleet.ts'
import { throwNotFound } from '../../problem.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { ReconciledMonth, ReconcileQuery } from '../../schemas/savings-schemas.ts'
import { SAVINGS_EXAMPLES } from './examples.ts'
import { ledgerLines, ledgerRuns } from './ledger.ts'

const MAX_ITEMS = 1000
/** With the bill, below what the gateway waits for an answer, 29 s. */
const PATIENCE_MS = 20_000

interface Claims {
  servers: Map<string, ClaimedServer>
  /** Of lines in another currency than the bill's. */
  foreign: Set<string>
  /** There was no time for runs that are due then or later. */
  unreadFrom: string | null
}

function addClaim(
  { servers, foreign }: Omit<Claims, 'unreadFrom'>,
  line: SavingsLine,
  currency: string,
): void {
  const { serverId, name, from, to, perHour, zeroBecause } = line
  if (zeroBecause !== null || perHour === null) return
  if (line.currency !== currency) return void foreign.add(line.currency ?? '')
  const known = servers.get(serverId) ?? { serverId, name, savingSeconds: 0, amount: 0, perHour: 0 }
  servers.set(serverId, {
    ...known,
    savingSeconds: known.savingSeconds + to - from,
    amount: known.amount + savedWithin(line, from, to),
    perHour: Math.max(known.perHour, perHour),
  })
}

async function readClaims(
  range: LedgerRange,
  { connection, currency, until }: { connection: string; currency: string; until: number },
  services: HttpServices,
): Promise<Claims> {
  const claims: Claims = { servers: new Map(), foreign: new Set(), unreadFrom: null }
  const runs = await ledgerRuns({ range, connection, askedBy: 'month' }, services)
  for await (const { run, lines } of ledgerLines(runs, { range }, services)) {
    if (performance.now() > until) return { ...claims, unreadFrom: run.dueAt }
    for (const { line } of lines) addClaim(claims, line, currency)
  }
  return claims
}

function billNotes(
  { foreign, unreadFrom }: Claims,
  { records, total, currency }: Bill,
  isOver: boolean,
): string[] {
  const unread = total - records.length
  return [
    ...(isOver ? [] : ['The month goes on: a bill comes up to a day late.']),
    ...(unread > 0 ? [`The bill has ${total} records, of which ${unread} were not read.`] : []),
    ...(unreadFrom === null ? [] : [`There was no time for claims of runs due from ${unreadFrom} on.`]),
    ...[...foreign].map(one => `Claims in ${one} are left out: the bill is in ${currency}.`),
  ]
}

async function reconcileMonth({ month, connection: id }: ReconcileQuery, services: HttpServices) {
  const until = performance.now() + PATIENCE_MS
  const connection = (await services.store.connection(id)) ?? throwNotFound('connection', id)
  const cloud = await services.cloud(connection).catch(cloudProblem)
  const bill = await cloud.bill(month).catch(cloudProblem)
  const range = billedMonth(month)
  const claims = await readClaims(range, { connection: id, currency: bill.currency, until }, services)
  const { servers, totals } = reconcile([...claims.servers.values()], bill, range)
  const isOver = services.now() / 1000 > range.to + 86_400
  return {
    month,
    connection: id,
    currency: bill.currency,
    from: isoInstant(range.from * 1000),
    to: isoInstant(range.to * 1000),
    items: servers.slice(0, MAX_ITEMS),
    totals,
    notes: billNotes(claims, bill, isOver),
  }
}

export const reconcileRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/savings/reconcile',
    operation: 'reconcileSavings',
    examples: SAVINGS_EXAMPLES.reconcileSavings,
    summary: 'What savings claim of a month, beside the bill',
    description:
      "Asks the cloud for the bill of the connection's account in its region and puts each server's claim beside what it was charged. It changes no claim (docs/prices.md).",
    query: ReconcileQuery,
    answers: { 200: { description: 'Both, for each server with a claim.', schema: ReconciledMonth } },
    problems: {
      404: 'There is no such connection.',
      502: 'The cloud shows no bill; the detail says why, and which permission may be missing.',
      503: 'The cloud is out of reach now.',
    },
    run: async ({ query }, services) => jsonAnswer(await reconcileMonth(query, services)),
  }),
]
