/** Asks before servers are stopped or started. */
import { CalledWrongly } from '../authorize.ts'
import { tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'

/** Without a limit of its own, more servers than this ask for their number. */
const MAX_WITHOUT_NUMBER = 50
/** More than these are counted alone. */
const MAX_SHOWN = 1000

export interface Consent {
  /** It is given on the command line. */
  yes?: true
}

/** Throws `CalledWrongly` where there is no person to ask. */
export function requireConsent({ yes }: Consent, { ask }: Terminal): void {
  if (!yes && ask === null)
    throw new CalledWrongly(
      'this is no terminal, so nobody can be asked: expected --yes, which goes on without asking',
    )
}

interface Question {
  does: 'stop' | 'start'
  count: number
  /** The count is an upper bound: the servers were not read, and some may be so already. */
  isMost?: boolean
  /** Connections whose servers are not counted, and are asked, too. */
  unread?: number
  /** Above it the number is typed. */
  maxServers: number | null
  /** A limit is overridden: the number is typed, however small. */
  isOverride: boolean
}

/** Whether a person wants it done. */
export async function isConfirmed(question: Question, terminal: Terminal): Promise<boolean> {
  const { does, count, isMost = false, unread = 0, maxServers, isOverride } = question
  const more =
    unread === 0 ? '' : `, and those of ${unread} ${unread === 1 ? 'connection' : 'connections'} not counted`
  const servers = `${isMost ? 'at most ' : ''}${count} ${count === 1 ? 'server' : 'servers'}${more}`
  const isLarge = count > (maxServers ?? MAX_WITHOUT_NUMBER) || isOverride
  const wanted = isLarge
    ? `This would ${does} ${servers}. Type their number to go on: `
    : `This would ${does} ${servers}. Go on? [y/N] `
  const answer = (await terminal.ask?.(wanted)) ?? ''
  const isWanted = isLarge ? answer.replaceAll(/[.,\s]/g, '') === String(count) : /^y(es)?$/i.test(answer)
  if (!isWanted) terminal.complain(`Nothing was done: the answer was "${answer}".`)
  return isWanted
}

export function showServers(servers: { serverId: string; name: string }[], terminal: Terminal): void {
  const lines = tableLines(
    servers.slice(0, MAX_SHOWN),
    [
      { title: 'SERVER', text: ({ name }) => name, isCut: true },
      { title: 'ID', text: ({ serverId }) => serverId },
    ],
    terminal,
  )
  for (const line of lines) terminal.write(line)
  if (servers.length > MAX_SHOWN) terminal.print(`and ${servers.length - MAX_SHOWN} more`)
}

/** Shows what comes before a question apart from the output that a program reads. */
export const besideJson = (terminal: Terminal, { json }: { json?: true }): Terminal =>
  json
    ? { ...terminal, print: terminal.complain, write: terminal.complain, styled: (_, text) => text }
    : terminal
