/** `servers`: those of every connection, as they are now. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { ServerList } from '../../lib/http/schemas/server-schemas.ts'
import { type Answered, type Api, createApi, gather } from '../api.ts'
import { tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownWall } from '../screen/times.ts'
import { action, type JsonOption, limitOption, type Session, showAnswer, withJson } from '../session.ts'
import { showRest } from './rest.ts'

type FoundServers = z.infer<typeof ServerList>
export type FoundServer = FoundServers['items'][number]

interface ServersOptions extends JsonOption {
  id?: string
  connection?: string
  limit: number
  cursor?: string
}

interface Sought {
  name?: string
  id?: string
  connection?: string
  cursor?: string
  limit: number | null
}

export const findServers = (api: Api, { limit, ...query }: Sought): Promise<Answered<FoundServers>> =>
  gather(api, { schema: ServerList, path: '/v1/servers', query, limit })

export function addServers(program: Command, session: Session): void {
  withJson(program.command('servers'))
    .argument('[name]', 'a name, or a glob such as "web-*"')
    .description('servers of every connection, as they are now')
    .option('--id <id>', 'the one with this id')
    .option('--connection <id>', 'those of this connection')
    .addOption(limitOption(100))
    .option('--cursor <cursor>', 'goes on where a list ended')
    .action(
      action(session, async (name: string | undefined, options: ServersOptions) => {
        const { terminal } = session
        const { json: _, ...rest } = options
        const { value, raw } = await findServers(createApi(terminal), { name, ...rest })
        const forPeople = () => {
          if (value.items.length === 0) terminal.print(`${noneFound('such server', value)}.`)
          else for (const line of serverTable(value.items, terminal)) terminal.write(line)
          showRest(value, terminal)
          showUnreachable(value, terminal)
        }
        showAnswer(terminal, options, { raw, forPeople })
        return value.items.length === 0 && value.unreachable.length > 0 ? 1 : 0
      }),
    )
}

/** Of what could not be read, nobody knows whether it is there. */
export function noneFound(what: string, { unreachable }: Pick<FoundServers, 'unreachable'>): string {
  const { size } = new Set(unreachable.map(({ connection }) => connection))
  if (size === 0) return `There is no ${what}`
  return `No ${what} was found, and ${size === 1 ? 'a connection' : `${size} connections`} could not be read`
}

export function showUnreachable(
  { unreachable }: Pick<FoundServers, 'unreachable'>,
  { complain }: Terminal,
): void {
  for (const { connection, kind, reason } of unreachable)
    complain(`Not, or not all, of ${connection}${kind ? `, ${kind}` : ''}: ${reason}`)
}

function heldBack({ protected: isProtected, snoozedUntil }: FoundServer, timeZone: string): string {
  if (isProtected) return 'protected'
  return snoozedUntil ? `snoozed to ${shownWall(snoozedUntil, timeZone)}` : ''
}

export const serverTable = (servers: FoundServer[], terminal: Terminal): string[] => {
  const { timeZone } = terminal
  return tableLines(
    servers,
    [
      { title: 'NAME', text: ({ name }) => name, isCut: true },
      { title: 'ID', text: ({ serverId }) => serverId },
      { title: 'IN', text: ({ connection, kind }) => `${connection}, ${kind}`, leaves: 2 },
      { title: 'STATUS', text: ({ status }) => status },
      { title: 'POLICIES', text: ({ policies }) => policies.join(' '), isCut: true },
      {
        title: `NEXT STOP (${timeZone})`,
        text: ({ nextStopAt }) => shownWall(nextStopAt, timeZone),
        leaves: 1,
      },
      { title: 'HELD BACK', text: server => heldBack(server, timeZone), leaves: 3 },
    ],
    terminal,
  )
}
