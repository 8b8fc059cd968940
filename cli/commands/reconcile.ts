/** `savings reconcile`: what is claimed of a month, beside the bill. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { ReconciledMonth } from '../../lib/http/schemas/savings-schemas.ts'
import { createApi } from '../api.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type JsonOption, limitOption, type Session, showAnswer, withJson } from '../session.ts'

type Month = z.infer<typeof ReconciledMonth>
type Item = Month['items'][number]

interface ReconcileOptions extends JsonOption {
  month: string
  connection: string
  limit: number
}

export function addReconcile(savings: Command, session: Session): void {
  withJson(savings.command('reconcile'))
    .description('what is claimed of a month, beside what the cloud charged')
    .requiredOption('--month <month>', 'on the clock of the bill, UTC+8, such as 2026-11')
    .requiredOption('--connection <id>', 'whose servers')
    .addOption(limitOption(20))
    .action(
      action(session, async ({ month, connection, limit, json }: ReconcileOptions) => {
        const { terminal } = session
        const query = { month, connection }
        const { raw, value } = await createApi(terminal).get(ReconciledMonth, '/v1/savings/reconcile', {
          query,
        })
        const forPeople = () => showMonth(value, limit, terminal)
        showAnswer(terminal, json ? { json } : {}, { raw, forPeople })
        return 0
      }),
    )
}

const money = (amount: number | null): string => (amount === null ? '-' : amount.toFixed(2))

const COLUMNS: Column<Item>[] = [
  { title: 'SERVER', text: ({ serverId, name }: Item) => name || serverId, isCut: true },
  { title: 'HOURS OFF', text: ({ savingHours }: Item) => savingHours.toFixed(1) },
  { title: 'CLAIMED', text: ({ claimed }: Item) => money(claimed) },
  { title: 'BILLED', text: ({ billed }: Item) => money(billed) },
  { title: 'CHECK', text: ({ check }: Item) => check },
]

function showMonth(month: Month, limit: number, terminal: Terminal): void {
  const { print } = terminal
  const { items, totals, currency, notes } = month
  print(`From ${month.from.slice(0, 16)}Z to ${month.to.slice(0, 16)}Z, in ${currency}:`)
  for (const line of tableLines(items.slice(0, limit), COLUMNS, terminal)) terminal.write(line)
  if (items.length > limit) print(`And ${items.length - limit} more.`)
  print(`Claimed ${money(totals.claimed)}, of which ${money(totals.inDoubt)} in doubt.`)
  print(`Billed ${money(totals.billed)} for these servers, ${money(totals.billedElsewhere)} for others.`)
  for (const note of notes) print(note)
}
