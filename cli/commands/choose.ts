/** One server by its name. */
import type { Api } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { type FoundServer, findServers, noneFound, serverTable, showUnreachable } from './servers.ts'

/** More of one name are not read. */
const MAX_CHOICE = 100

/** Asks which one, where there are several. Throws `CalledWrongly` where there is no person to ask, and a plain error where there is no server. */
export async function chosenServer(
  api: Api,
  sought: { name: string; connection?: string },
  terminal: Terminal,
): Promise<FoundServer> {
  const { value } = await findServers(api, { ...sought, limit: MAX_CHOICE })
  const [first, ...others] = value.items
  if (first && others.length === 0) return first
  showUnreachable(value, terminal)
  if (!first)
    throw new Error(`${noneFound(`server called "${sought.name}"`, value)}: npx curfew servers "*" lists all`)
  for (const line of serverTable(value.items, terminal)) terminal.write(line)
  const several = `${value.items.length}${value.nextCursor === null ? '' : ' or more'} servers are called "${sought.name}"`
  if (terminal.ask === null)
    throw new CalledWrongly(`${several}: expected a name that one has alone, or --connection`)
  const answer = await terminal.ask(`${several}. Which one, from 1 to ${value.items.length}? `)
  const chosen = /^\d+$/.test(answer) ? value.items[Number(answer) - 1] : undefined
  if (chosen) return chosen
  throw new CalledWrongly(`expected a number from 1 to ${value.items.length}, got "${answer}"`)
}
