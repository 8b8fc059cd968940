/** `policies` and `connections`. */
import type { Command } from 'commander'
import type * as z from 'zod'
import { Check, ConnectionDocument, listSchema, PolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { createApi, gather, pathOf } from '../api.ts'
import { type Column, tableLines, wrapped } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { shownWall } from '../screen/times.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { addDiscover } from './discover.ts'
import { addEdits } from './files.ts'
import { showRest } from './rest.ts'

type ShownPolicy = z.infer<typeof PolicyDocument>

const POLICY_COLUMNS: Column<ShownPolicy>[] = [
  { title: 'POLICY', text: ({ id }) => id },
  {
    title: 'OF',
    text: ({ connection, connections = [], kind }) => `${connection ?? connections.join(' ')}, ${kind}`,
    leaves: 1,
  },
  {
    title: 'NEXT STOP',
    text: nextStop,
    style: one => (one.enabled && !one.snoozedUntil ? undefined : 'yellow'),
  },
  { title: 'NEXT START', text: one => shownWall(one.nextStartAt, one.schedule.timeZone) },
  { title: 'ZONE', text: ({ schedule }) => schedule.timeZone },
  { title: 'DESCRIPTION', text: ({ description }) => description, isCut: true, leaves: 2 },
]

function nextStop({ enabled, nextStopAt, snoozedUntil, schedule }: ShownPolicy): string {
  if (!enabled) return 'disabled'
  return `${shownWall(nextStopAt, schedule.timeZone)}${snoozedUntil ? ' (snoozed)' : ''}`
}

const CONNECTION_COLUMNS: Column<z.infer<typeof ConnectionDocument>>[] = [
  { title: 'CONNECTION', text: ({ id }) => id },
  { title: 'API', text: ({ api }) => api, leaves: 1 },
  { title: 'REGION', text: ({ region }) => region },
  { title: 'PROJECT', text: ({ projectId }) => projectId },
  {
    title: 'KEY',
    text: ({ credentials: { source, name } }) => (name ? `${source} ${name}` : source),
    isCut: true,
  },
  { title: 'STATE', text: ({ enabled }) => (enabled ? '' : 'disabled'), style: () => 'yellow' },
]

interface Documents<S extends z.ZodType> {
  path: string
  item: S
  columns: Column<z.output<S>>[]
  none: string
}

const list =
  <S extends z.ZodType>({ path, item, columns, none }: Documents<S>, terminal: Terminal) =>
  async (options: JsonOption): Promise<ExitCode> => {
    const { value, raw } = await gather(createApi(terminal), {
      schema: listSchema(item),
      path,
      query: {},
      limit: null,
    })
    const forPeople = () => {
      if (value.items.length === 0) terminal.print(none)
      else for (const line of tableLines(value.items, columns, terminal)) terminal.write(line)
      showRest(value, terminal)
    }
    showAnswer(terminal, options, { raw, forPeople })
    return 0
  }

export function addPolicies(program: Command, session: Session): void {
  const { terminal } = session
  const policies = program.command('policies').description('policies: lists them, or applies those of files')
  const documents = { path: '/v1/policies', item: PolicyDocument, columns: POLICY_COLUMNS }
  withJson(policies.command('list', { isDefault: true }))
    .description('all policies, and when each acts next')
    .action(action(session, list({ ...documents, none: 'There is no policy.' }, terminal)))
  addEdits(policies, session, ['policy'])
}

export function addConnections(program: Command, session: Session): void {
  const { terminal } = session
  const connections = program
    .command('connections')
    .description('connections: lists them, tries one, or finds them')
  const documents = { path: '/v1/connections', item: ConnectionDocument, columns: CONNECTION_COLUMNS }
  withJson(connections.command('list', { isDefault: true }))
    .description('all connections')
    .action(action(session, list({ ...documents, none: 'There is no connection.' }, terminal)))
  withJson(connections.command('check'))
    .argument('<id>', 'the id of a connection')
    .description('reaches the cloud with its credentials; exits 1 if that fails')
    .action(action(session, (id: string, options: JsonOption) => check(id, options, terminal)))
  addDiscover(connections, session)
}

async function check(id: string, options: JsonOption, terminal: Terminal): Promise<ExitCode> {
  const { value, raw } = await createApi(terminal).post(Check, pathOf('/v1/connections', id, '/check'))
  const { ok, servers, reason, account, warnings = [] } = value
  const count = (number: number | null | undefined) => number ?? 'an unknown number of'
  const forPeople = () => {
    const { write, styled, width } = terminal
    const text = ok
      ? `${id} answers: ${count(servers?.ecs)} ecs, ${count(servers?.bms)} bms`
      : `${id}: ${reason}`
    for (const line of wrapped(text, width)) write(styled(ok ? 'green' : 'red', line))
    if (account) for (const line of wrapped(`Its key is of ${accountText(account)}.`, width)) write(line)
    for (const { code, message } of warnings)
      for (const line of wrapped(`Warning, ${code}: ${message}`, width)) write(styled('yellow', line))
  }
  showAnswer(terminal, options, { raw, forPeople })
  return ok ? 0 : 1
}

const accountText = ({ id, name, caller }: NonNullable<z.infer<typeof Check>['account']>): string =>
  `account ${name === null ? id : `${name} (${id})`}${caller === null ? '' : `, caller ${caller}`}`
