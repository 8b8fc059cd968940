/** Curfew's API, as far as the first run needs it. */
import * as z from 'zod'
import { Action } from '../../../lib/core/model/action.ts'
import { Settings } from '../../../lib/core/model/model.ts'
import { OutcomeStatus } from '../../../lib/core/model/outcome.ts'
import { printable } from '../../../lib/core/model/printable.ts'
import { RunStatus, Summary } from '../../../lib/core/model/run.ts'

/** Curfew's own HTTP API, as far as the first run is made and shown with it. */
export interface Api {
  url: string
  /** `null` when there is none. */
  connection(id: string): Promise<ShownConnection | null>
  connections(): Promise<FirstPage<ShownConnection>>
  saveConnection(id: string, connection: object): Promise<void>
  savePolicy(id: string, policy: object): Promise<void>
  /** Connections to the projects of a key, those that there are among them. */
  discover(asked: object): Promise<ShownProject[]>
  /** By id. */
  policies(): Promise<FirstPage<ShownPolicy>>
  settings(): Promise<Settings>
  createRun(policyId: string): Promise<ShownRun>
  /** The run that starts again what this one stopped. */
  undoRun(runId: string): Promise<ShownRun>
  run(id: string): Promise<ShownRun>
  /** Newest first. */
  runs(): Promise<FirstPage<ShownRun>>
  /** Of a policy, newest first. */
  stopsOf(policyId: string): Promise<ShownRun[]>
  /** Those due since, newest first, a thousand at most. */
  runsSince(since: Date): Promise<ShownRun[]>
  outcomes(runId: string): Promise<ShownOutcome[]>
}

/** The beginning of a list, a hundred items at most. */
export interface FirstPage<T> {
  items: T[]
  /** Ids of what stands between them and cannot be read. */
  unreadable: string[]
  /** Whether the list goes on. */
  hasMore: boolean
}

const ShownConnection = z.looseObject({ id: z.string() })
type ShownConnection = z.infer<typeof ShownConnection>

const ShownProject = z.object({ existing: z.string().nullable(), connection: ShownConnection })
type ShownProject = z.infer<typeof ShownProject>

const ShownPolicy = z.object({
  id: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  schedule: z.object({ timeZone: z.string() }),
  nextDueAt: z.string().nullable(),
  nextStopAt: z.string().nullable(),
  nextStartAt: z.string().nullable(),
  snoozedUntil: z.string().nullable(),
})
export type ShownPolicy = z.infer<typeof ShownPolicy>

const ShownRun = z.object({
  id: z.string(),
  action: Action,
  policyId: z.string().optional(),
  dueAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  status: RunStatus,
  reason: z.string().optional(),
  summary: Summary,
  /** How far the chunks are; absent until the run is planned. */
  progress: z.object({ chunks: z.int(), sent: z.int(), followed: z.int() }).optional(),
  policy: z.object({ schedule: z.object({ timeZone: z.string() }).optional() }).optional(),
})
export type ShownRun = z.infer<typeof ShownRun>

const ShownOutcome = z.object({
  serverId: z.string(),
  name: z.string(),
  status: OutcomeStatus,
  code: z.string(),
  reason: z.string(),
  endedAt: z.string(),
})
export type ShownOutcome = z.infer<typeof ShownOutcome>

const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    unreadable: z.array(z.string()).default([]),
    nextCursor: z.string().nullish(),
  })

/** Throws an error with the request and the answer's own words when it is not a success. */
export function createApi(url: string, token?: string): Api {
  const call = (method: string, path: string, body?: object) =>
    answered(`${url}/v1${path}`, { method, body, token })
  const parsed = async <T>(schema: z.ZodType<T>, path: string) =>
    schema.parse(printableTexts(await call('GET', path)))
  async function all<T extends z.ZodType>(item: T, path: string): Promise<z.infer<T>[]> {
    const items: z.infer<T>[] = []
    let cursor = ''
    do {
      const next = await parsed(page(item), `${path}?limit=1000${cursor}`)
      items.push(...next.items)
      cursor = next.nextCursor ? `&cursor=${encodeURIComponent(next.nextCursor)}` : ''
    } while (cursor !== '')
    return items
  }
  async function first<T extends z.ZodType>(item: T, path: string): Promise<FirstPage<z.infer<T>>> {
    const { items, unreadable, nextCursor } = await parsed(page(item), path)
    return { items, unreadable, hasMore: typeof nextCursor === 'string' }
  }
  return {
    url,
    connection: async id =>
      ShownConnection.nullable().parse(await call('GET', `/connections/${id}`).catch(absent)),
    connections: () => first(ShownConnection, '/connections'),
    saveConnection: async (id, connection) => void (await call('PUT', `/connections/${id}`, connection)),
    savePolicy: async (id, policy) => void (await call('PUT', `/policies/${id}`, policy)),
    discover: async asked =>
      z.object({ items: z.array(ShownProject) }).parse(await call('POST', '/connections/discover', asked))
        .items,
    policies: () => first(ShownPolicy, '/policies'),
    settings: () => parsed(Settings, '/settings'),
    createRun: async policyId => ShownRun.parse(await call('POST', '/runs', { policyId })),
    undoRun: async runId => ShownRun.parse(await call('POST', `/runs/${runId}/undo`)),
    run: id => parsed(ShownRun, `/runs/${id}`),
    runs: () => first(ShownRun, '/runs'),
    stopsOf: async policyId => (await parsed(page(ShownRun), `/runs?action=stop&policyId=${policyId}`)).items,
    runsSince: async since =>
      (await parsed(page(ShownRun), `/runs?limit=1000&since=${since.toISOString()}`)).items,
    outcomes: runId => all(ShownOutcome, `/runs/${runId}/servers`),
  }
}

interface Call {
  method: string
  body?: object
  token?: string
}

async function answered(url: string, { method, body, token }: Call): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new AnswerError(`${method} ${url}: got ${response.status} ${text}`, response.status)
  return JSON.parse(text)
}

/** A document, every text in it as a terminal may be given it. */
const printableTexts = (document: unknown): unknown =>
  JSON.parse(JSON.stringify(document), (_, value) => (typeof value === 'string' ? printable(value) : value))

class AnswerError extends Error {
  readonly status: number
  constructor(message: string, status: number) {
    super(printable(message))
    this.status = status
  }
}

function absent(error: unknown): null {
  if (error instanceof AnswerError && error.status === 404) return null
  throw error
}
