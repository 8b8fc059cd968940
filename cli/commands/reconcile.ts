/** `savings reconcile`: what is claimed of a month, beside the bill. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { ReconciledMonth } from '../../lib/http/schemas/savings-schemas.ts'
import { ConnectionDocument, listSchema } from '../../lib/http/schemas/schemas.ts'
import { type Answered, type Api, createApi, gather } from '../api.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type ExitCode, type JsonOption, limitOption, type Session, withJson } from '../session.ts'

type Month = z.infer<typeof ReconciledMonth>
type Item = Month['items'][number]

interface ReconcileOptions extends JsonOption {
  month: string
  connection?: string
  limit: number
}

export function addReconcile(savings: Command, session: Session): void {
  withJson(savings.command('reconcile'))
    .description('what is claimed of a month, beside what the cloud charged')
    .requiredOption('--month <month>', 'on the clock of the bill, UTC+8, such as 2026-11')
    .option('--connection <id>', 'whose servers; each connection to Huawei Cloud where it is left out')
    .addOption(limitOption(20))
    .action(action(session, (options: ReconcileOptions) => reconcile(options, session.terminal)))
}

async function reconcile(options: ReconcileOptions, terminal: Terminal): Promise<ExitCode> {
  const { month, connection, limit, json } = options
  const api = createApi(terminal)
  if (connection !== undefined) {
    const { raw, value } = await readMonth(api, month, connection)
    if (json) terminal.print(JSON.stringify(raw, null, 2))
    else showMonth(value, limit, terminal)
    return 0
  }
  const items: unknown[] = []
  let code: ExitCode = 0
  for (const id of await billedConnections(api)) {
    if (!json) terminal.print(`\nConnection ${id}`)
    try {
      const { raw, value } = await readMonth(api, month, id)
      items.push(raw)
      if (!json) showMonth(value, limit, terminal)
    } catch (error) {
      code = 1
      const { message } = error as Error
      items.push({ connection: id, problem: message })
      if (!json) terminal.print(message)
    }
  }
  if (json) terminal.print(JSON.stringify({ items }, null, 2))
  return code
}

const readMonth = (api: Api, month: string, connection: string): Promise<Answered<Month>> =>
  api.get(ReconciledMonth, '/v1/savings/reconcile', { query: { month, connection } })

/** OpenStack has no bills. */
async function billedConnections(api: Api): Promise<string[]> {
  const schema = listSchema(ConnectionDocument)
  const { value } = await gather(api, { schema, path: '/v1/connections', query: {}, limit: null })
  return value.items.filter(one => one.api === 'huaweicloud').map(({ id }) => id)
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
