/** `connections discover`: connections to the projects that a key may use. */
import { type Command, Option } from 'commander'
import type * as z from 'zod'
import { Assume, aboutConnection, Connection } from '../../lib/core/model/connection.ts'
import { Discovered } from '../../lib/http/schemas/discover-schemas.ts'
import { ConnectionDocument, listSchema, PolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { type Api, createApi, gather, pathOf } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import { tableLines, wrapped } from '../screen/table.ts'
import type { Terminal } from '../screen/terminal.ts'
import { Refused } from '../send.ts'
import { action, type ExitCode, type JsonOption, type Session, showAnswer, withJson } from '../session.ts'
import { besideJson, type Consent, requireConsent } from './confirm.ts'

interface DiscoverOptions extends JsonOption, Consent {
  api: string
  source: string
  name: string
  region?: string
  endpoint?: string[]
  assume?: string[]
  apply?: true
}
type Found = Extract<z.infer<typeof Discovered>, { ok: true }>
type FoundProject = Found['items'][number]

const { api, credentials } = Connection.shape
const ASSUME_FIELDS = Object.keys(Assume.shape)

export function addDiscover(connections: Command, session: Session): void {
  withJson(connections.command('discover'))
    .description('which projects a key may use, and with --apply a connection to each')
    .addOption(new Option('--api <api>', 'which cloud').choices(api.options).default('huaweicloud'))
    .addOption(
      new Option('--source <source>', 'where the key is kept')
        .choices(credentials.shape.source.options)
        .default('environment'),
    )
    .option('--name <name>', 'its secret, parameter or beginning of variables', '')
    .option('--region <region>', 'only projects of this region; --api openstack needs it')
    .option('--endpoint <name=url...>', 'where an API is, such as identity=https://keystone.example/v3')
    .option(
      '--assume <field=value...>',
      `the agency whose key is used: ${ASSUME_FIELDS.join(', ')}, such as agency=curfew domainName=acme`,
    )
    .option('--apply', 'saves a connection to each project that has none')
    .option('--yes', 'goes on without asking')
    .action(action(session, (options: DiscoverOptions) => discover(options, session.terminal)))
}

interface PairsOption {
  option: string
  /** What a pair is, with an example. */
  expected: string
  isKnown?: (name: string) => boolean
}

/** Throws `CalledWrongly` for what is no name and value, and for a name that came before. */
function pairsFrom(given: string[], { option, expected, isKnown = () => true }: PairsOption) {
  const pairs = new Map<string, string>()
  for (const pair of given) {
    const [, name = '', value] = /^([a-zA-Z]+)=(.+)$/.exec(pair) ?? []
    if (value === undefined || !isKnown(name))
      throw new CalledWrongly(`${option}: expected ${expected}, got "${pair}"`)
    if (pairs.has(name)) throw new CalledWrongly(`${option}: expected ${name} once, got it twice`)
    pairs.set(name, value)
  }
  return Object.fromEntries(pairs)
}

const endpointsFrom = (given: string[] = []): Record<string, string> =>
  pairsFrom(given, { option: '--endpoint', expected: 'a name and a URL, such as iam=https://…' })

/** A number, or the text as it came: of that the API says what it expected. */
function assumeFrom(given: string[] | undefined): Record<string, unknown> | null {
  if (given === undefined) return null
  const { sessionMinutes, ...texts } = pairsFrom(given, {
    option: '--assume',
    expected: `a field and its value, such as agency=curfew, of ${ASSUME_FIELDS.join(', ')}`,
    isKnown: name => ASSUME_FIELDS.includes(name),
  })
  if (sessionMinutes === undefined) return texts
  return { ...texts, sessionMinutes: /^\d+$/.test(sessionMinutes) ? Number(sessionMinutes) : sessionMinutes }
}

async function discover(options: DiscoverOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.apply) requireConsent(options, terminal)
  const { api, region, source, name } = options
  const body = {
    api,
    region,
    endpoints: endpointsFrom(options.endpoint),
    credentials: { source, name },
    assume: assumeFrom(options.assume),
  }
  const curfew = createApi(terminal)
  const { value, raw } = await curfew.post(Discovered, '/v1/connections/discover', { body })
  if (!value.ok) {
    showAnswer(terminal, options, { raw, forPeople: () => showReason(value.reason, terminal) })
    return 1
  }
  if (options.apply) return apply(value, { options, raw, curfew, terminal })
  showAnswer(terminal, options, { raw, forPeople: () => showProjects(value, options, terminal) })
  return 0
}

function showReason(reason: string, { write, styled, width }: Terminal): void {
  for (const line of wrapped(reason, width)) write(styled('red', line))
}

function showProjects({ items, leftOut }: Found, { region }: DiscoverOptions, terminal: Terminal): void {
  const where = region === undefined ? '' : ` of region ${region}`
  const lines = tableLines<FoundProject>(
    items,
    [
      { title: 'REGION', text: ({ region }) => region },
      { title: 'PROJECT', text: ({ projectName }) => projectName },
      { title: 'ID', text: ({ projectId }) => projectId, leaves: 1 },
      { title: 'CONNECTION', text: ({ connection }) => connection.id },
      { title: 'STATE', text: ({ existing }) => (existing === null ? 'new' : 'there'), style: stateStyle },
    ],
    terminal,
  )
  if (items.length === 0) terminal.print(`There is no project${where} that the key may use.`)
  else for (const line of lines) terminal.write(line)
  for (const { projectName, reason } of leftOut) terminal.complain(`Left out: ${projectName}: ${reason}`)
}
const stateStyle = ({ existing }: FoundProject) => (existing === null ? 'green' : 'dim')

interface Applying {
  options: DiscoverOptions
  raw: unknown
  curfew: Api
  terminal: Terminal
}

/** Each by itself: one that fails stops no other, and the command can be given again. */
async function apply(found: Found, { options, raw, curfew, terminal }: Applying): Promise<ExitCode> {
  const beside = besideJson(terminal, options)
  showProjects(found, options, beside)
  const wanted = found.items.filter(({ existing }) => existing === null)
  const saved: string[] = []
  const failed: { id: string; reason: string }[] = []
  await tellPolicies(wanted, curfew, beside)
  if (wanted.length > 0 && !(await isWanted(wanted.length, options, beside))) return 1
  for (const { connection } of wanted) {
    const reason = await save(connection, curfew)
    if (reason === null) saved.push(connection.id)
    else failed.push({ id: connection.id, reason })
  }
  const forPeople = () => terminal.print(`${connections(saved.length)} created${listOf(saved)}.`)
  showAnswer(terminal, options, { raw: { ...(raw as object), saved, failed }, forPeople })
  for (const { id, reason } of failed) terminal.complain(`${id}: ${reason}`)
  return failed.length > 0 ? 1 : 0
}

/** A policy whose globs match a new connection stops servers there, which nobody may have meant. */
async function tellPolicies(wanted: FoundProject[], curfew: Api, { complain }: Terminal): Promise<void> {
  if (wanted.length === 0) return
  const all = { schema: listSchema(PolicyDocument), path: '/v1/policies', query: {}, limit: null }
  const { value } = await gather(curfew, all)
  for (const policy of value.items.filter(({ enabled }) => enabled)) {
    const isAbout = aboutConnection(policy)
    const count = wanted.filter(({ connection }) => isAbout(connection.id)).length
    if (count > 0)
      complain(
        `Policy ${policy.id} is about ${count} of the new ones, and acts there from its next due time on.`,
      )
  }
}

const connections = (count: number): string => `${count} ${count === 1 ? 'connection' : 'connections'}`
const listOf = (ids: string[]): string => (ids.length === 0 ? '' : `: ${ids.join(', ')}`)

async function isWanted(count: number, { yes }: Consent, { ask, complain }: Terminal): Promise<boolean> {
  if (yes) return true
  const answer = (await ask?.(`This would create ${connections(count)}. Go on? [y/N] `)) ?? ''
  const isYes = /^y(es)?$/i.test(answer)
  if (!isYes) complain(`Nothing was done: the answer was "${answer}".`)
  return isYes
}

/** Why it was not saved; `null`: it was. One that came between is not replaced. */
async function save(connection: FoundProject['connection'], curfew: Api): Promise<string | null> {
  try {
    const path = pathOf('/v1/connections', connection.id)
    await curfew.put(ConnectionDocument, path, { body: connection, isNew: true })
    return null
  } catch (error) {
    if (error instanceof Refused) return error.detail
    throw error
  }
}
