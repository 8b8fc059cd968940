/** `runs` and `run ID`. */
import { type Command, Option } from 'commander'
import { Action } from '../../lib/core/model/action.ts'
import { OutcomeStatus } from '../../lib/core/model/outcome.ts'
import { RunStatus } from '../../lib/core/model/run.ts'
import { RunDocument } from '../../lib/http/schemas/run-schemas.ts'
import { listSchema } from '../../lib/http/schemas/schemas.ts'
import { type Api, createApi, gather, pathOf } from '../api.ts'
import { CalledWrongly } from '../authorize.ts'
import { pastInstant } from '../screen/times.ts'
import {
  action,
  type ExitCode,
  type JsonOption,
  limitOption,
  type Session,
  showAnswer,
  withJson,
} from '../session.ts'
import { showRest } from './rest.ts'
import { outcomeTable, runTable } from './run-table.ts'
import { finishRun, OutcomeList, readRun, showRun } from './watch.ts'

interface RunsOptions extends JsonOption {
  policy?: string
  connection?: string
  action?: string
  status?: string[]
  bad?: true
  since?: string
  until?: string
  limit: number
  cursor?: string
}

export function addRuns(program: Command, session: Session): void {
  withJson(program.command('runs'))
    .description('runs, newest first')
    .option('--policy <id>', 'of this policy; "manual": of none')
    .option('--connection <id>', 'of this connection')
    .addOption(new Option('--action <action>', 'stops, or starts').choices(Action.options))
    .addOption(new Option('--status <status...>', 'in any of these').choices(RunStatus.options))
    .option('--bad', 'only those that need a person')
    .option('--since <time>', 'due since: 7d, 2h, or an instant')
    .option('--until <time>', 'due until: 7d, 2h, or an instant')
    .addOption(limitOption(20))
    .option('--cursor <cursor>', 'goes on where a list ended')
    .action(action(session, (options: RunsOptions) => listRuns(options, session)))
}

async function listRuns(options: RunsOptions, { terminal }: Session): Promise<ExitCode> {
  const { policy, connection, action: does, status, bad, since, until, limit, cursor } = options
  const instant = (option: string, text: string | undefined) =>
    text === undefined ? undefined : pastInstant(text, { option, now: terminal.now() })
  const { value, raw } = await gather(createApi(terminal), {
    schema: listSchema(RunDocument),
    path: '/v1/runs',
    limit,
    query: {
      policyId: policy,
      connection,
      action: does,
      status,
      cursor,
      bad: bad && 'true',
      since: instant('--since', since),
      until: instant('--until', until),
    },
  })
  const forPeople = () => {
    if (value.items.length === 0) terminal.print('There is no such run.')
    else for (const line of runTable(value.items, terminal)) terminal.write(line)
    showRest(value, terminal)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}

interface RunOptions extends JsonOption {
  watch?: true
  servers?: true
  status?: string[]
  code?: string[]
  name?: string
  limit: number
  cursor?: string
}

export function addRun(program: Command, session: Session): void {
  withJson(program.command('run'))
    .argument('<id>', 'the id of a run')
    .description('one run, and what became of its servers')
    .option('--watch', 'shows progress until it ends; exits 1 if it ends otherwise than succeeded')
    .option('--servers', 'each server of it')
    .addOption(
      new Option('--status <status...>', 'with --servers: in any of these').choices(OutcomeStatus.options),
    )
    .option('--code <code...>', 'with --servers: of any of these codes')
    .option('--name <glob>', 'with --servers: of this name')
    .addOption(limitOption(1000))
    .option('--cursor <cursor>', 'with --servers: goes on where a list ended')
    .action(
      action(session, async (id: string, options: RunOptions): Promise<ExitCode> => {
        const { terminal } = session
        const api = createApi(terminal)
        if (options.servers) return listOutcomes(id, { api, options }, session)
        refuseFilters(options)
        const seen = await readRun(api, id)
        if (options.watch) return finishRun({ api, terminal }, seen, { ...options, wait: true })
        if (options.json) showAnswer(terminal, options, { raw: seen.raw, forPeople: () => {} })
        else await showRun(api, seen.value, terminal)
        return 0
      }),
    )
}

function refuseFilters({ status, code, name, cursor }: RunOptions): void {
  const [given] =
    Object.entries({ status, code, name, cursor }).find(([, value]) => value !== undefined) ?? []
  if (given)
    throw new CalledWrongly(`--${given}: expected --servers with it, which lists the servers of the run`)
}

async function listOutcomes(
  id: string,
  { api, options }: { api: Api; options: RunOptions },
  { terminal }: Session,
): Promise<ExitCode> {
  if (options.watch) throw new CalledWrongly('--servers: expected it without --watch')
  const { status, code, name, limit, cursor } = options
  const { value, raw } = await gather(api, {
    schema: OutcomeList,
    path: pathOf('/v1/runs', id, '/servers'),
    limit,
    query: { status, code, name, cursor },
  })
  const forPeople = () => {
    if (value.items.length === 0)
      terminal.print('The run has no such outcome. While it goes on, outcomes come as they are known.')
    else for (const line of outcomeTable(value.items, terminal)) terminal.write(line)
    showRest(value, terminal)
  }
  showAnswer(terminal, options, { raw, forPeople })
  return 0
}
