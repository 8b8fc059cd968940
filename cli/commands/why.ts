/** `why NAME`: what acts on a server, and why it would be stopped or not. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { Why } from '../../lib/http/schemas/preview-schemas.ts'
import { type Answered, type Api, createApi, pathOf } from '../api.ts'
import { wrapped } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownAt } from '../screen/times.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { chosenServer } from './choose.ts'
import type { FoundServer } from './servers.ts'

type ShownWhy = z.infer<typeof Why>

interface WhyOptions extends JsonOption {
  connection?: string
}

export function addWhy(program: Command, session: Session): void {
  withJson(program.command('why'))
    .argument('<name>', 'the name of a server')
    .description('whether a server would be stopped now, by what or why not, and what happened to it')
    .option('--connection <id>', 'the one in this connection')
    .action(action(session, (name: string, options: WhyOptions) => explain(name, options, session)))
}

async function explain(name: string, options: WhyOptions, { terminal }: Session): Promise<ExitCode> {
  const api = createApi(terminal)
  const { json: _, ...where } = options
  const server = await chosenServer(api, { name, ...where }, terminal)
  const { answers, raw } = await readWhy(api, server)
  const forPeople = () => {
    showServer(server, terminal)
    for (const { policyId, value } of answers) showWhy(policyId, value, terminal)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}

const SIDE_BY_SIDE = 5

/** What each policy that matches a server says of it; a few are asked at once, for the API takes no more. */
export async function readWhy(api: Api, server: FoundServer) {
  const { serverId, connection, policies: ids } = server
  const answers: (Answered<ShownWhy> & { policyId: string })[] = []
  for (let from = 0; from < ids.length; from += SIDE_BY_SIDE) {
    const asked = ids.slice(from, from + SIDE_BY_SIDE).map(async policyId => {
      const path = pathOf('/v1/policies', policyId, `/servers/${encodeURIComponent(serverId)}`)
      return { policyId, ...(await api.get(Why, path, { query: { connection } })) }
    })
    answers.push(...(await Promise.all(asked)))
  }
  const policies = answers.map(({ policyId, raw }) => ({ policyId, ...(raw as object) }))
  return { answers, raw: { server, policies } }
}

function showServer(server: FoundServer, { print, write, styled, timeZone, width }: Terminal): void {
  const { name, serverId, connection, kind, status, protectedBecause, snoozedUntil, snoozeReason } = server
  for (const line of wrapped(`${name} (${serverId})`, width)) write(styled('bold', line))
  print(`  ${kind} of ${connection}, ${status}`)
  if (protectedBecause !== null) print(`  left by every stop: ${protectedBecause}`)
  if (snoozedUntil !== null) print(`  ${snoozeReason ?? `snoozed until ${shownAt(snoozedUntil, timeZone)}`}`)
  if (server.policies.length === 0) print('  No policy matches it: none stops or starts it.')
}

/** What keeps a server out: a condition of the selector that does not hold, or one of `exclude` that does. */
const isAgainst = ({ condition, holds }: ShownWhy['conditions'][number]): boolean =>
  condition.startsWith('exclude') === holds

function showWhy(policyId: string, why: ShownWhy, terminal: Terminal): void {
  const { write, styled, width } = terminal
  const say = (text: string) => {
    for (const line of wrapped(text, width === null ? null : width - 2)) write(`  ${line}`)
  }
  write('')
  for (const line of wrapped(
    `${policyId}: ${why.wouldStop ? 'would stop it now' : `would not stop it now (${why.code})`}`,
    width,
  ))
    write(styled(why.wouldStop ? 'green' : 'yellow', line))
  say(why.reason)
  for (const { condition, expected, found } of why.conditions.filter(isAgainst))
    say(`${condition}: expected ${expected}, found ${found}`)
  say(`next stop ${why.nextStopLocal ?? 'none'}, next start ${why.nextStartLocal ?? 'none'}`)
  for (const { message } of why.warnings) say(message)
  for (const { runId, status, outcome, underWay } of why.latest) {
    const became = outcome
      ? `${outcome.status} (${outcome.code}): ${outcome.reason}`
      : underWay
        ? 'under way'
        : 'not in it'
    say(`run ${runId}, ${status}: ${became}`)
  }
}
