/** `stop`, `start`, `undo` and `cancel`. */
import type { Command } from 'commander'
import * as z from 'zod'
import { isEnded } from '../../lib/core/model/run.ts'
import { Preview } from '../../lib/http/schemas/preview-schemas.ts'
import { RunDocument, RunsMade } from '../../lib/http/schemas/run-schemas.ts'
import { PolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { type Api, createApi, gather, pathOf } from '../api.ts'
import type { Terminal } from '../screen/terminal.ts'
import { action, type ExitCode, type Session, withJson } from '../session.ts'
import { besideJson, type Consent, isConfirmed, requireConsent, showServers } from './confirm.ts'
import { previewPolicy, type ShownPreview, showTargets } from './preview.ts'
import {
  type AdHocRequest,
  addTargetOptions,
  type PolicyTarget,
  type TargetOptions,
  targetOf,
} from './target.ts'
import { finishEach, finishRun, OutcomeList, readRun, type Waiting } from './watch.ts'

type Does = 'stop' | 'start'

interface ActOptions extends TargetOptions, Waiting, Consent {
  dryRun?: true
  overrideLimits?: true
}

const withWaiting = (command: Command): Command =>
  withJson(command).option('--no-wait', 'answers at once; the run goes on')

export function addActs(program: Command, session: Session): void {
  for (const does of ['stop', 'start'] as const)
    withWaiting(addTargetOptions(program.command(does).argument('[policy]', 'the id of a policy'), does))
      .description(`${does}s servers now, those of a policy or others; shows which ones, and asks`)
      .option('--dry-run', `decides everything, and ${does}s nobody`)
      .option('--override-limits', 'goes on where a limit would block the run')
      .option('--yes', 'does not ask')
      .action(
        action(session, (policyId: string | undefined, options: ActOptions) =>
          act(does, { policyId, options }, session.terminal),
        ),
      )
}

async function act(
  does: Does,
  { policyId, options }: { policyId?: string; options: ActOptions },
  terminal: Terminal,
): Promise<ExitCode> {
  const target = targetOf(policyId, options, does)
  const { dryRun = false, overrideLimits = false } = options
  if (!dryRun) requireConsent(options, terminal)
  const api = createApi(terminal)
  if (!dryRun && !options.yes) {
    const preview = await previewOf(api, target, does)
    const maxServers = 'policyId' in target ? await maxServersOf(api, target.policyId) : null
    const asked = { preview, does, maxServers, isOverride: overrideLimits }
    const stop = await askAbout(asked, besideJson(terminal, options))
    if (stop !== null) return stop
  }
  const body = { ...target, action: does, dryRun, overrideLimits }
  const { value, raw } = await api.post(RunsBegun, '/v1/runs', { body, isKeyed: true })
  if ('items' in value) return finishEach({ api, terminal }, value.items, options)
  return finishRun({ api, terminal }, { value, raw }, options)
}

/** One run, or one in each connection of the policy. */
const RunsBegun = z.union([RunsMade, RunDocument])

const maxServersOf = async (api: Api, id: string): Promise<number | null> =>
  (await api.get(PolicyDocument, pathOf('/v1/policies', id))).value.limits.maxServers

/** A preview is of a policy, which is due some time: what it selects is all that is looked at. */
const PREVIEW_CRON = { cron: '0 0 1 1 *', timeZone: 'UTC' }
const PREVIEW_START = { cron: '0 1 1 1 *', servers: 'selected' }

export async function previewOf(
  api: Api,
  target: PolicyTarget | AdHocRequest,
  does: Does,
): Promise<ShownPreview> {
  if ('policyId' in target) {
    const { policyId, connection } = target
    return (await previewPolicy(api, policyId, { action: does, connection })).value
  }
  const { action: _, ...selected } = target
  const bare = does === 'start' && target.kind === 'bms' ? { mode: 'hard', acceptPowerCut: true } : {}
  const body = {
    ...selected,
    ...bare,
    schedule: PREVIEW_CRON,
    start: does === 'start' ? PREVIEW_START : null,
  }
  return (await api.post(Preview, '/v1/preview', { query: { action: does }, body })).value
}

interface AskedAbout {
  preview: ShownPreview
  does: Does
  maxServers: number | null
  isOverride: boolean
}

/** `null`: go on; else what the process exits with. */
async function askAbout({ preview, ...question }: AskedAbout, terminal: Terminal): Promise<ExitCode | null> {
  showTargets(preview, question.does, terminal)
  const count = preview.summary.targets
  if (preview.blockedBy !== null && !question.isOverride) return 1
  const unread = preview.unreachable?.length ?? 0
  if (count === 0 && unread === 0) return 0
  return (await isConfirmed({ ...question, count, unread }, terminal)) ? null : 1
}

interface UndoOptions extends Waiting, Consent {
  reason?: string
}

export function addUndo(program: Command, session: Session): void {
  const { terminal } = session
  withWaiting(program.command('undo').argument('<run>', 'the id of a run'))
    .description('starts again what a run stopped; shows which servers, and asks')
    .option('--reason <text>', 'why')
    .option('--yes', 'does not ask')
    .action(action(session, (id: string, options: UndoOptions) => undo(id, options, terminal)))
  withWaiting(program.command('cancel').argument('<run>', 'the id of a run'))
    .description('sends nothing more of a run; what was sent is followed to its end')
    .option('--reason <text>', 'why')
    .action(action(session, (id: string, options: UndoOptions) => cancel(id, options, terminal)))
}

async function undo(id: string, options: UndoOptions, terminal: Terminal): Promise<ExitCode> {
  requireConsent(options, terminal)
  const api = createApi(terminal)
  if (!options.yes) {
    const stop = await askAboutUndo(api, id, besideJson(terminal, options))
    if (stop !== null) return stop
  }
  const { reason } = options
  const begun = await api.post(RunDocument, pathOf('/v1/runs', id, '/undo'), { body: { reason } })
  return finishRun({ api, terminal }, begun, options)
}

/** How many servers an undo would start, but for those started since the latest look; `isOn`: the run would be cancelled first. */
export async function readUndone(api: Api, id: string) {
  const { value: run } = await readRun(api, id)
  const { value } = await gather(api, {
    schema: OutcomeList,
    path: pathOf('/v1/runs', id, '/servers'),
    limit: null,
    query: { status: ['stopped'] },
  })
  const servers = value.items.filter(({ restartedAt }) => restartedAt === undefined)
  return { run, servers, isOn: !isEnded(run) }
}

async function askAboutUndo(api: Api, id: string, terminal: Terminal): Promise<ExitCode | null> {
  const { run, servers, isOn } = await readUndone(api, id)
  if (isOn)
    terminal.print(
      'The run goes on: it is cancelled first, and servers that it still stops are started, too.',
    )
  if (servers.length > 0) showServers(servers, terminal)
  else if (!isOn && run.summary.stopped > 0)
    terminal.print('Each server that it stopped was seen running since.')
  // A run that is no stop, or stopped no server, is refused in the API's own words.
  const { length: count } = servers
  if (count === 0 && !isOn) return run.summary.stopped > 0 ? 0 : null
  const question = { does: 'start' as const, count, isMost: true, maxServers: null, isOverride: false }
  return (await isConfirmed(question, terminal)) ? null : 1
}

async function cancel(id: string, options: UndoOptions, terminal: Terminal): Promise<ExitCode> {
  const api = createApi(terminal)
  const { reason } = options
  const asked = await api.post(RunDocument, pathOf('/v1/runs', id, '/cancel'), { body: { reason } })
  await finishRun({ api, terminal }, asked, options)
  return 0
}
