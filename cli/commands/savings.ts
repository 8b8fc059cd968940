/** `savings`: what stops saved, summed up. */
import { type Command, InvalidArgumentError } from 'commander'
import type * as z from 'zod'
import { SavingsSummary } from '../../lib/http/schemas/savings-schemas.ts'
import { type Api, createApi } from '../api.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type JsonOption, limitOption, type Session, showAnswer, withJson } from '../session.ts'
import { addReconcile } from './reconcile.ts'

type Summary = z.infer<typeof SavingsSummary>
type Item = Summary['items'][number]

interface SavingsOptions extends JsonOption {
  by: string
  month?: { from: string; to: string }
  from?: string
  to?: string
  timeZone?: string
  connection?: string
  limit: number
}

/** A month as instants, on the clock of UTC. */
function monthRange(text: string): { from: string; to: string } {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (year === undefined) throw new InvalidArgumentError('Expected a month such as 2026-11.')
  const start = (months: number): string => new Date(Date.UTC(Number(year), months)).toISOString()
  return { from: start(Number(month) - 1), to: start(Number(month)) }
}

export function addSavings(program: Command, session: Session): void {
  const savings = withJson(program.command('savings'))
  savings
    .description('what stops saved in the last 30 days, as far as looks proved it')
    .option('--by <what>', 'policy, connection, server, day, month or tag:KEY', 'policy')
    .option('--month <month>', 'in this month of UTC, such as 2026-11', monthRange)
    .option('--from <instant>', 'from then on')
    .option('--to <instant>', 'until then')
    .option('--time-zone <name>', 'of days and months, such as Asia/Shanghai')
    .option('--connection <id>', 'of servers of this connection')
    .addOption(limitOption(20))
    .action(
      action(session, async ({ limit, json, month, ...asked }: SavingsOptions) => {
        const { terminal } = session
        const summary = await sumAll(createApi(terminal), { ...asked, ...month })
        const forPeople = () => showSavings(summary, limit, terminal)
        showAnswer(terminal, json ? { json } : {}, { raw: summary, forPeople })
        return 0
      }),
    )
  addReconcile(savings, session)
}

/** All pages, added up by key and currency; a server in several of them counts in each. */
async function sumAll(api: Api, asked: Partial<Record<string, string>>): Promise<Summary> {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined)
  const query = Object.fromEntries(given) as Record<string, string>
  let { value: whole } = await api.get(SavingsSummary, '/v1/savings', { query })
  while (whole.nextCursor !== null) {
    const next = { ...query, cursor: whole.nextCursor }
    const { value } = await api.get(SavingsSummary, '/v1/savings', { query: next })
    whole = addPages(whole, value)
  }
  return whole
}

const plus = (a: number, b: number): number => Math.round((a + b) * 1e6) / 1e6

function addPages(one: Summary, other: Summary): Summary {
  const items = Map.groupBy([...one.items, ...other.items], ({ key, currency }) => `${currency} ${key}`)
  const totals = Map.groupBy([...one.totals, ...other.totals], ({ currency }) => currency)
  const sum = (values: number[]): number => values.reduce(plus, 0)
  return {
    ...one,
    items: [...items.values()].map(same => ({
      ...same[0]!,
      servers: Math.max(...same.map(({ servers }) => servers)),
      hours: sum(same.map(({ hours }) => hours)),
      savingHours: sum(same.map(({ savingHours }) => savingHours)),
      noPriceHours: sum(same.map(({ noPriceHours }) => noPriceHours)),
      amount: sum(same.map(({ amount }) => amount)),
    })),
    moreKeys: Math.max(one.moreKeys, other.moreKeys),
    totals: [...totals].map(([currency, same]) => ({
      currency,
      amount: sum(same.map(({ amount }) => amount)),
    })),
    nextCursor: other.nextCursor,
  }
}

const money = (amount: number, currency: string | null): string =>
  currency === null ? '' : `${amount.toFixed(2)} ${currency}`

const COLUMNS: Column<Item>[] = [
  { title: 'KEY', text: ({ key }: Item) => (key === '' ? '(none)' : key), isCut: true },
  { title: 'SERVERS', text: ({ servers }: Item) => String(servers) },
  { title: 'HOURS OFF', text: ({ hours }: Item) => hours.toFixed(1) },
  { title: 'SAVING', text: ({ savingHours }: Item) => savingHours.toFixed(1) },
  { title: 'NO PRICE', text: ({ noPriceHours }: Item) => noPriceHours.toFixed(1) },
  { title: 'SAVED', text: ({ amount, currency }: Item) => money(amount, currency) },
]

function showSavings(
  { from, to, items, totals, moreKeys }: Summary,
  limit: number,
  terminal: Terminal,
): void {
  const { print } = terminal
  print(`From ${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z:`)
  if (items.length === 0) print('No time off was proved.')
  for (const line of tableLines(items.slice(0, limit), COLUMNS, terminal)) terminal.write(line)
  const more = Math.max(0, items.length - limit) + moreKeys
  if (more > 0) print(`And ${more} more.`)
  for (const { currency, amount } of totals) print(`Saved in all: ${money(amount, currency)}`)
}
