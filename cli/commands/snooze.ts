/** `snooze` and `unsnooze`, of a policy or of one server. */
import type { Command } from 'commander'
import { PolicyDocument, SnoozedPolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { SnoozedServer } from '../../lib/http/schemas/server-schemas.ts'
import { createApi, pathOf } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownAt, untilInstant } from '../screen/times.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { chosenServer } from './choose.ts'
import { besideJson } from './confirm.ts'

interface WhoseOptions extends JsonOption {
  server?: string
  connection?: string
}
interface SnoozeOptions extends WhoseOptions {
  until: string
  reason: string
}

const withWhose = (command: Command): Command =>
  withJson(command.argument('[policy]', 'the id of a policy'))
    .option('--server <name>', 'instead of a policy: the server of this name')
    .option('--connection <id>', 'with --server: the one in this connection')

export function addSnooze(program: Command, session: Session): void {
  const { terminal } = session
  withWhose(program.command('snooze'))
    .description('skips the stops of a policy, or all stops of one server, until then')
    .requiredOption('--until <time>', '22:00, tomorrow (09:00), 2h, 3d, or an instant; at most 30 days ahead')
    .requiredOption('--reason <text>', 'why')
    .action(
      action(session, (policy: string | undefined, options: SnoozeOptions) =>
        isOfPolicy(policy, options)
          ? snoozePolicy(policy, options, terminal)
          : snoozeServer(options, { until: options.until, reason: options.reason }, terminal),
      ),
    )
  withWhose(program.command('unsnooze'))
    .description('ends a snooze')
    .action(
      action(session, (policy: string | undefined, options: WhoseOptions) =>
        isOfPolicy(policy, options)
          ? endSnooze(policy, options, terminal)
          : snoozeServer(options, null, terminal),
      ),
    )
}

/** Throws `CalledWrongly` where both are named, or neither. */
function isOfPolicy(policy: string | undefined, { server, connection }: WhoseOptions): policy is string {
  if ((policy === undefined) === (server === undefined))
    throw new CalledWrongly(
      `expected the id of a policy, or --server and a name, got ${server ? 'both' : 'neither'}`,
    )
  if (connection !== undefined && server === undefined)
    throw new CalledWrongly('--connection: expected --server with it')
  return policy !== undefined
}

async function snoozePolicy(id: string, options: SnoozeOptions, terminal: Terminal): Promise<ExitCode> {
  const api = createApi(terminal)
  const path = pathOf('/v1/policies', id)
  const { timeZone } = (await api.get(PolicyDocument, path)).value.schedule
  const until = untilInstant(options.until, { now: terminal.now(), timeZone })
  const body = { until, reason: options.reason }
  const { value, raw } = await api.post(SnoozedPolicyDocument, `${path}/snooze`, { body })
  const forPeople = () => {
    terminal.print(`${id} is snoozed until ${shownAt(value.snoozedUntil, timeZone)}: ${options.reason}`)
    terminal.print(`next stop ${shownAt(value.nextStopAt, timeZone, 'none')}`)
    if (value.runUnderWay)
      terminal.complain(`A run of a moment ago goes on: npx curfew cancel ${value.runUnderWay.id}`)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}

async function endSnooze(id: string, options: WhoseOptions, terminal: Terminal): Promise<ExitCode> {
  const { value, raw } = await createApi(terminal).remove(
    PolicyDocument,
    pathOf('/v1/policies', id, '/snooze'),
  )
  const next = shownAt(value.nextStopAt, value.schedule.timeZone, 'none')
  showAnswer(terminal, options, {
    raw,
    forPeople: () => terminal.print(`${id} is not snoozed; next stop ${next}`),
  })
  return 0
}

async function snoozeServer(
  { server: name = '', connection, json }: WhoseOptions,
  wanted: { until: string; reason: string } | null,
  terminal: Terminal,
): Promise<ExitCode> {
  const api = createApi(terminal)
  const { timeZone } = terminal
  const until = wanted && untilInstant(wanted.until, { now: terminal.now(), timeZone })
  const server = await chosenServer(api, { name, connection }, besideJson(terminal, { json }))
  const path = pathOf('/v1/servers', server.serverId, '/snooze')
  const of = { connection: server.connection }
  const { value, raw } = wanted
    ? await api.post(SnoozedServer, path, { body: { ...of, until, reason: wanted.reason } })
    : await api.remove(SnoozedServer, path, { query: of })
  const state = value.snoozedUntil ? `snoozed until ${shownAt(value.snoozedUntil, timeZone)}` : 'not snoozed'
  const why = value.snoozeReason ? `: ${value.snoozeReason}` : ''
  showAnswer(
    terminal,
    { json },
    {
      raw,
      forPeople: () =>
        terminal.print(`${server.name} (${server.serverId}) of ${server.connection} is ${state}${why}`),
    },
  )
  return 0
}
