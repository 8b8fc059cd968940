import * as z from 'zod'
import { Settings } from '../../../lib/core/model/model.ts'
import { OutcomeStatus } from '../../../lib/core/model/outcome.ts'
import { RunStatus, Summary } from '../../../lib/core/model/run.ts'

/** Curfew's own HTTP API, as far as the first run is made and shown with it. */
export interface Api {
  url: string
  connections(): Promise<ShownConnection[]>
  saveConnection(id: string, connection: object): Promise<void>
  savePolicy(id: string, policy: object): Promise<void>
  policies(): Promise<ShownPolicy[]>
  settings(): Promise<Settings>
  createRun(policyId: string): Promise<ShownRun>
  run(id: string): Promise<ShownRun>
  /** Newest first, 100 at most. */
  runs(): Promise<ShownRun[]>
  outcomes(runId: string): Promise<ShownOutcome[]>
}

const ShownConnection = z.looseObject({ id: z.string() })
type ShownConnection = z.infer<typeof ShownConnection>

const ShownPolicy = z.object({
  id: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  schedule: z.object({ timeZone: z.string() }),
  nextDueAt: z.string().nullable(),
  snoozedUntil: z.string().nullable(),
})
export type ShownPolicy = z.infer<typeof ShownPolicy>

const ShownRun = z.object({
  id: z.string(),
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
  z.object({ items: z.array(item), nextCursor: z.string().nullish() })

/** Throws an error with the request and the answer's own words when it is not a success. */
export function createApi(url: string): Api {
  const call = (method: string, path: string, body?: object) => answered(`${url}/v1${path}`, { method, body })
  const parsed = async <T>(schema: z.ZodType<T>, path: string) => schema.parse(await call('GET', path))
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
  return {
    url,
    connections: () => all(ShownConnection, '/connections'),
    saveConnection: async (id, connection) => void (await call('PUT', `/connections/${id}`, connection)),
    savePolicy: async (id, policy) => void (await call('PUT', `/policies/${id}`, policy)),
    policies: () => all(ShownPolicy, '/policies'),
    settings: () => parsed(Settings, '/settings'),
    createRun: async policyId => ShownRun.parse(await call('POST', '/runs', { policyId })),
    run: id => parsed(ShownRun, `/runs/${id}`),
    runs: async () => (await parsed(page(ShownRun), '/runs')).items,
    outcomes: runId => all(ShownOutcome, `/runs/${runId}/servers`),
  }
}

async function answered(url: string, { method, body }: { method: string; body?: object }): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: got ${response.status} ${text}`)
  return JSON.parse(text)
}
