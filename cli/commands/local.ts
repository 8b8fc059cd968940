/** `backup` and `dead-letters`: for a Curfew on one machine, where AWS has tools of its own. */
import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import * as z from 'zod'
import { Instant } from '../../lib/core/model/model.ts'
import { createApi } from '../api.ts'
import { authorize, curfewUrl } from '../authorize.ts'
import { type Column, tableLines } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownAt } from '../screen/times.ts'
import { Refused } from '../send.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { refuseTornBackup, tornBackup } from './whole-backup.ts'

const BACKUP = '/v1/local/backup'
const DEAD_LETTERS = '/v1/local/dead-letters'

const DeadLetters = z.object({
  items: z.array(z.object({ step: z.string(), body: z.string(), sentAt: Instant })),
})
const SentAgain = z.object({ sentAgain: z.int() })

interface DeadLetterOptions extends JsonOption {
  sendAgain?: true
}

export function addLocal(program: Command, session: Session): void {
  program
    .command('backup')
    .argument('<file>', 'where it is written')
    .description('of a Curfew on one machine, while it runs: all that it keeps, at one moment')
    .action(action(session, (file: string) => backUp(file, session.terminal)))
  withJson(program.command('dead-letters'))
    .description('of a Curfew on one machine: the messages that failed too often')
    .option('--send-again', 'sends all of them again')
    .action(action(session, (options: DeadLetterOptions) => deadLetters(options, session.terminal)))
}

const ELSEWHERE: Record<string, string> = {
  [BACKUP]: 'only a Curfew on one machine has such a backup. On AWS the table has its own: docs/restore.md',
  [DEAD_LETTERS]:
    'only a Curfew on one machine shows them. On AWS its tools do: docs/alarms.md, "Dead letters"',
}

/** A Curfew on AWS has no such path. */
function explained(error: unknown, path: string): unknown {
  return error instanceof Refused && error.status === 404
    ? new Error(ELSEWHERE[path], { cause: error })
    : error
}

/** What a call of the file system threw names the file that it is written to first. */
function unwritten(error: unknown, file: string): unknown {
  const isOfFile = error instanceof Error && 'syscall' in error && 'path' in error
  return isOfFile ? new Error(`${file} cannot be written: ${error.message}`, { cause: error }) : error
}

/** Renamed into place: what is there under the name is a whole one. */
async function backUp(file: string, terminal: Terminal): Promise<ExitCode> {
  const halfway = `${file}.new`
  try {
    await writeBackup(halfway, terminal)
    await refuseTornBackup(halfway)
    renameSync(halfway, file)
  } catch (error) {
    rmSync(halfway, { force: true })
    throw unwritten(explained(error, BACKUP), file)
  }
  terminal.print(
    `${file} holds all that Curfew keeps. To try it:  npm start -- --restore ${file} --data FOLDER`,
  )
  return 0
}

async function writeBackup(file: string, terminal: Terminal): Promise<void> {
  const body = await openBackup(terminal)
  const { ended: signal } = terminal
  await pipeline(body, createWriteStream(file, { mode: 0o600, flush: true }), { signal }).catch(cause => {
    // All that is said of an answer that was cut off is `terminated`.
    throw cause instanceof TypeError ? tornBackup(cause) : cause
  })
}

async function openBackup({ env, ended }: Terminal): Promise<Readable> {
  const url = new URL(BACKUP, curfewUrl(env))
  const headers = await authorize({ method: 'GET', url, headers: {} }, env)
  const response = await fetch(url, { headers, signal: ended }).catch(cause => {
    throw new Error(`GET ${BACKUP}: nobody answers at ${url.origin} (CURFEW_URL)`, { cause })
  })
  if (response.ok && response.body) return Readable.fromWeb(response.body as never)
  throw new Refused(`GET ${BACKUP}`, { status: response.status, text: await response.text() })
}

async function deadLetters(options: DeadLetterOptions, terminal: Terminal): Promise<ExitCode> {
  const api = createApi(terminal)
  try {
    return await (options.sendAgain ? sendAgain : listThem)(api, options, terminal)
  } catch (error) {
    throw explained(error, DEAD_LETTERS)
  }
}

type Shown = (api: ReturnType<typeof createApi>, options: JsonOption, terminal: Terminal) => Promise<ExitCode>

const listThem: Shown = async (api, options, terminal) => {
  const { value, raw } = await api.get(DeadLetters, DEAD_LETTERS)
  const columns: Column<(typeof value.items)[number]>[] = [
    { title: 'STEP', text: ({ step }) => step },
    { title: 'SENT', text: ({ sentAt }) => shownAt(sentAt, terminal.timeZone) },
    { title: 'MESSAGE', text: ({ body }) => body, isCut: true },
  ]
  const forPeople = () => {
    if (value.items.length === 0) terminal.print('There is no dead letter.')
    else for (const line of tableLines(value.items, columns, terminal)) terminal.write(line)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}

const sendAgain: Shown = async (api, options, terminal) => {
  const { value, raw } = await api.post(SentAgain, `${DEAD_LETTERS}/send-again`)
  const forPeople = () => terminal.print(`${value.sentAgain} sent again.`)
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}
