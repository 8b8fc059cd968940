/** The tools that change something: stop, start, undo, cancel, snooze, delay. */
import * as z from 'zod'
import { isEnded } from '../../lib/core/model/run.ts'
import { PolicyDocument } from '../../lib/http/schemas/schemas.ts'
import { pathOf } from '../api.ts'
import { previewOf, readUndone } from '../commands/act.ts'
import type { AdHocRequest, PolicyTarget } from '../commands/target.ts'
import { readRun } from '../commands/watch.ts'
import { addChange, type Plan } from './plan.ts'
import type { Tools } from './tool.ts'

const POLICY = z.string().describe('the id of a policy')
const RUN = z.string().describe('the id of a run')
const REASON = z.string().min(1).describe('why: it is written down')
const INSTANT = z.string().describe('an instant, such as 2026-11-21T20:00:00Z')
const Answer = z.looseObject({})

const TARGET = {
  policyId: POLICY.optional(),
  connection: z
    .string()
    .optional()
    .describe(
      'servers of this connection, by selector; with policyId: only in this one of the connections of the policy',
    ),
  kind: z.enum(['ecs', 'bms']).optional(),
  selector: z
    .strictObject({
      ids: z.array(z.string()).optional(),
      tags: z.record(z.string(), z.array(z.string())).optional(),
      name: z.string().optional().describe('a glob'),
      enterpriseProjectId: z.string().optional(),
      all: z.literal(true).optional(),
    })
    .optional()
    .describe('without policyId: all conditions that are given must hold'),
}
const MODE = {
  mode: z.enum(['soft', 'hard']).optional().describe('without policyId: how'),
  acceptPowerCut: z.boolean().optional().describe('without policyId: bare metal loses its power'),
}

type Target = z.output<z.ZodObject<typeof TARGET & Partial<typeof MODE>>>
type Does = 'stop' | 'start'

export function addChangingTools(tools: Tools): void {
  addActTool(tools, 'stop')
  addActTool(tools, 'start')
  addUndoTool(tools)
  addCancelTool(tools)
  addSnoozeTool(tools)
  addDelayTool(tools)
}

/** What says neither is refused by the API, in its own words. */
function targetOf({ policyId, connection, ...adHoc }: Target, does: Does): PolicyTarget | AdHocRequest {
  if (policyId === undefined) return { kind: 'ecs', connection, ...adHoc, action: does } as AdHocRequest
  const [also] = Object.entries(adHoc).find(([, value]) => value !== undefined) ?? []
  if (also === undefined) return { policyId, ...(connection === undefined ? {} : { connection }) }
  throw new Error(`${also}: expected policyId, or fields that say which servers, got both`)
}

const counted = (count: number): string => `${count} ${count === 1 ? 'server' : 'servers'}`

const uncounted = (unreachable: { connection: string }[]): string =>
  unreachable.length === 0
    ? ''
    : ` Not counted, for they cannot be reached now: ${unreachable.map(({ connection }) => connection).join(', ')}.`

function addActTool(tools: Tools, does: Does): void {
  const { api } = tools
  addChange(tools, {
    name: does,
    description: `${does === 'stop' ? 'Stops' : 'Starts'} servers now: those of a policy, in each of its connections, or those of a connection that a selector matches.`,
    input: does === 'stop' ? { ...TARGET, ...MODE } : TARGET,
    isDestructive: does === 'stop',
    plan: input => planAct(tools, input, does),
    act: async (input, key) => {
      const body = { ...targetOf(input, does), action: does }
      return (await api.post(Answer, '/v1/runs', { body, isKeyed: true, key })).raw as object
    },
  })
}

async function planAct(tools: Tools, input: Target, does: Does): Promise<Plan> {
  const target = targetOf(input, does)
  // Read first: an edit that comes between the two reads makes another plan.
  const policy = 'policyId' in target ? await policyAsItIs(tools, target.policyId, does) : {}
  const preview = await previewOf(tools.api, target, does)
  const { summary, targets, warnings, blockedBy, unreachable = [] } = preview
  const placeOf = ({ serverId, connection = '' }: (typeof targets)[number]) => `${serverId} ${connection}`
  const servers = targets.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
  const isNobody = summary.targets === 0 && unreachable.length === 0
  const nothing = blockedBy ?? (isNobody ? 'no server would be asked' : undefined)
  return {
    summary: `This would ${does} ${counted(summary.targets)} of ${summary.matched} that match. Each run decides anew, within the limits of the policy.${uncounted(unreachable)}`,
    facts: {
      ...policy,
      ...summary,
      [`would${does === 'stop' ? 'Stop' : 'Start'}`]: servers,
      warnings,
      ...(unreachable.length > 0 ? { unreachable } : {}),
    },
    ...(nothing === undefined ? {} : { nothing }),
  }
}

/** How a policy acts is part of a plan, not only on whom: an edit can make its soft stop a hard one. */
async function policyAsItIs(tools: Tools, id: string, does: Does) {
  const { version, mode, escalateAfterMinutes } = await policyOf(tools, id)
  return { version, ...(does === 'stop' ? { mode, escalateAfterMinutes } : {}) }
}

function addUndoTool(tools: Tools): void {
  const { api } = tools
  addChange(tools, {
    name: 'undo',
    description:
      'Starts again exactly what a run stopped and is still off; a run that goes on is cancelled first.',
    input: { runId: RUN, reason: REASON },
    isDestructive: false,
    plan: ({ runId }) => planUndo(tools, runId),
    act: async ({ runId, reason }) =>
      (await api.post(Answer, pathOf('/v1/runs', runId, '/undo'), { body: { reason } })).raw as object,
  })
}

async function planUndo({ api }: Tools, runId: string): Promise<Plan> {
  const { servers, isOn } = await readUndone(api, runId)
  const wouldStart = servers.map(({ serverId, name }) => ({ serverId, name }))
  const first = isOn
    ? ' The run goes on: it is cancelled first, and what it still stops is started, too.'
    : ''
  return {
    summary: `This would start at most ${counted(wouldStart.length)} that run ${runId} stopped: those that run by now are left.${first}`,
    facts: { runId, isCancelledFirst: isOn, wouldStart },
    ...(wouldStart.length > 0 || isOn ? {} : { nothing: 'it stopped no server that is still off' }),
  }
}

function addCancelTool(tools: Tools): void {
  const { api } = tools
  addChange(tools, {
    name: 'cancel',
    description: 'Sends nothing more of a run; what was sent is followed to its end.',
    input: { runId: RUN, reason: REASON },
    isDestructive: false,
    plan: async ({ runId }) => {
      const { id, action, policyId, status } = (await readRun(api, runId)).value
      const nothing = isEnded({ status }) ? `the run has ended already: ${status}` : undefined
      return {
        summary: `This would cancel run ${id}: what it has not sent yet is not sent.`,
        facts: { id, action, policyId },
        ...(nothing === undefined ? {} : { nothing }),
      }
    },
    act: async ({ runId, reason }) =>
      (await api.post(Answer, pathOf('/v1/runs', runId, '/cancel'), { body: { reason } })).raw as object,
  })
}

function addSnoozeTool(tools: Tools): void {
  const { api } = tools
  addChange(tools, {
    name: 'snooze',
    description: 'Skips the stops of a policy that are due before an instant, 30 days ahead at most.',
    input: { policyId: POLICY, until: INSTANT, reason: REASON },
    isDestructive: false,
    plan: async ({ policyId, until }) => {
      const { id, version, nextStopAt } = await policyOf(tools, policyId)
      return {
        summary: `This would skip the stops of ${id} that are due before ${until}. Its next stop is ${nextStopAt ?? 'none'}.`,
        facts: { policyId: id, version, nextStopAt, until },
      }
    },
    act: async ({ policyId, ...body }) =>
      (await api.post(Answer, pathOf('/v1/policies', policyId, '/snooze'), { body })).raw as object,
  })
}

function addDelayTool(tools: Tools): void {
  const { api } = tools
  addChange(tools, {
    name: 'delay',
    description: 'Lets one due stop of a policy come later, once; the others stay as they are.',
    input: {
      policyId: POLICY,
      dueAt: INSTANT.describe('the due stop, as next times show it'),
      minutes: z.int().min(1).max(720),
      reason: REASON,
    },
    isDestructive: false,
    plan: async ({ policyId, dueAt, minutes }) => {
      const { id, version, nextStopAt } = await policyOf(tools, policyId)
      return {
        summary: `This would let the stop of ${id} that is due at ${dueAt} come ${minutes} minutes later.`,
        facts: { policyId: id, version, nextStopAt, dueAt, minutes },
      }
    },
    act: async ({ policyId, ...body }) =>
      (await api.post(Answer, pathOf('/v1/policies', policyId, '/delay'), { body })).raw as object,
  })
}

const policyOf = async ({ api }: Tools, id: string) =>
  (await api.get(PolicyDocument, pathOf('/v1/policies', id))).value
