/** The tools that read: each is a question that a command asks, too. */
import * as z from 'zod'
import { Action } from '../../lib/core/model/action.ts'
import { OutcomeStatus } from '../../lib/core/model/outcome.ts'
import { RunStatus } from '../../lib/core/model/run.ts'
import { type Api, pathOf } from '../api.ts'
import { previewPolicy } from '../commands/preview.ts'
import { findServers } from '../commands/servers.ts'
import { readWhy } from '../commands/why.ts'
import { addTool, type Tools } from './tool.ts'

const READS = { readOnlyHint: true, openWorldHint: false }
const MAX_ITEMS = 200
/** Each is asked for with every policy that matches it. */
const MAX_EXPLAINED = 20
const LIMIT = z.int().min(1).max(MAX_ITEMS).default(50).describe('how many at most')
const CURSOR = z.string().optional().describe('nextCursor of the answer before: goes on from there')
const INSTANT = z.string().describe('an instant, such as 2026-11-21T20:00:00Z')

type Query = NonNullable<Parameters<Api['get']>[2]>['query']

/** The API's own answer. */
async function read(api: Api, path: string, query: Query = {}): Promise<object> {
  return (await api.get(z.looseObject({}), path, { query })).raw as object
}

export function addReadingTools(tools: Tools): void {
  addOverviews(tools)
  addRunTools(tools)
  addServerTools(tools)
}

function addOverviews(tools: Tools): void {
  const { api } = tools
  addTool(tools, {
    name: 'now',
    description: 'The next stops and starts, what goes on, what ended lately, and what needs a person.',
    input: {},
    annotations: READS,
    run: () => read(api, '/v1/now'),
  })
  addTool(tools, {
    name: 'week',
    description:
      'Day by day: when each policy stops and starts, what is skipped and why, and the runs there were.',
    input: {
      from: z.string().optional().describe('the first day, such as 2026-11-21; today unless given'),
      days: z.int().min(1).max(31).default(7),
    },
    annotations: READS,
    run: ({ from, days }) => read(api, '/v1/week', { from, days: String(days) }),
  })
  addTool(tools, {
    name: 'policies',
    description: 'The policies: which servers each stops and starts, when, and its next times.',
    input: { limit: LIMIT, cursor: CURSOR },
    annotations: READS,
    run: ({ limit, cursor }) => read(api, '/v1/policies', { limit: String(limit), cursor }),
  })
  addTool(tools, {
    name: 'preview',
    description: 'Which servers a policy would stop, or start, if it were due now, and its next due times.',
    input: {
      policyId: z.string(),
      action: Action.default('stop'),
      connection: z.string().optional().describe('of a policy with several: in this one alone'),
    },
    annotations: READS,
    run: async ({ policyId, ...query }) => (await previewPolicy(api, policyId, query)).raw as object,
  })
}

function addRunTools(tools: Tools): void {
  const { api } = tools
  addTool(tools, {
    name: 'runs',
    description: 'Runs, newest first: one policy at one due time each, or one manual request.',
    input: {
      policyId: z.string().optional(),
      connection: z.string().optional(),
      action: Action.optional(),
      status: z.array(RunStatus).optional(),
      bad: z.boolean().optional().describe('true: only those that need a person'),
      since: INSTANT.optional(),
      until: INSTANT.optional(),
      limit: LIMIT,
      cursor: CURSOR,
    },
    annotations: READS,
    run: ({ bad, limit, ...query }) =>
      read(api, '/v1/runs', { ...query, bad: bad ? 'true' : undefined, limit: String(limit) }),
  })
  addTool(tools, {
    name: 'run',
    description: 'One run: its status, why, and the counts of its outcomes.',
    input: { id: z.string() },
    annotations: READS,
    run: ({ id }) => read(api, pathOf('/v1/runs', id)),
  })
  addTool(tools, {
    name: 'outcomes',
    description: 'What became of each server of a run, with its code and reason.',
    input: {
      id: z.string().describe('the id of the run'),
      status: z.array(OutcomeStatus).optional(),
      code: z.array(z.string()).optional(),
      name: z.string().optional().describe('a glob over names'),
      limit: LIMIT,
      cursor: CURSOR,
    },
    annotations: READS,
    run: ({ id, limit, ...query }) =>
      read(api, pathOf('/v1/runs', id, '/servers'), { ...query, limit: String(limit) }),
  })
}

function addServerTools(tools: Tools): void {
  const { api } = tools
  addTool(tools, {
    name: 'servers',
    description: 'Servers of every connection, as the clouds say they are now.',
    input: {
      name: z.string().optional().describe('a name, or a glob such as web-*'),
      id: z.string().optional(),
      connection: z.string().optional(),
      limit: LIMIT,
      cursor: CURSOR,
    },
    annotations: READS,
    run: async sought => (await findServers(api, sought)).raw as object,
  })
  addTool(tools, {
    name: 'why',
    description: `Whether a server would be stopped now, by which policy or why not, and what happened to it; ${MAX_EXPLAINED} servers at most.`,
    input: { name: z.string(), connection: z.string().optional() },
    annotations: READS,
    run: async sought => {
      const { value } = await findServers(api, { ...sought, limit: MAX_EXPLAINED })
      const items: object[] = []
      for (const server of value.items) items.push((await readWhy(api, server)).raw)
      return { items, unreachable: value.unreachable, isWhole: value.nextCursor === null }
    },
  })
}
