import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { withoutState } from '../../lib/core/documents/documents.ts'
import { newChunk } from '../../lib/core/model/chunk.ts'
import { Connection } from '../../lib/core/model/connection.ts'
import { AdHoc, Policy, Stamps } from '../../lib/core/model/model.ts'
import { Outcome } from '../../lib/core/model/outcome.ts'
import { Channel } from '../../lib/core/notify/channel/channel.ts'
import { openApi } from '../../lib/http/documentation/openapi.ts'
import { CALENDAR } from '../../lib/http/examples/calendar.ts'
import {
  CHANGE,
  CHANNEL,
  CHANNEL_UNSET,
  CONNECTION,
  CONNECTION_DISCOVERED,
  EXAMPLES_ACTOR,
  EXAMPLES_AT,
  FEED,
  OTHER,
  OUTCOME_SKIPPED,
  OUTCOME_STOPPED,
  POLICY,
  POLICY_EVERYWHERE,
  POLICY_PLAIN,
  PROTECTED,
  SERVER,
} from '../../lib/http/examples/documents.ts'
import { RUN_LISTED, RUN_PENDING } from '../../lib/http/examples/runs.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { Problem } from '../../lib/http/schemas/schemas.ts'
import about from '../../package.json' with { type: 'json' }
import { KEY } from '../flow/world.ts'
import { aRun } from '../makers.ts'
import { type HttpWorld, openWorld, restorer } from './world.ts'

const Media = z.looseObject({ examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}) })
const Content = z.record(z.string(), Media).default({})
const Operation = z.looseObject({
  operationId: z.string(),
  parameters: z
    .array(z.looseObject({ in: z.string(), name: z.string(), examples: Media.shape.examples }))
    .default([]),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ content: Content })),
})
const Document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), Operation)) })

interface Sent {
  operation: string
  name: string
  method: string
  path: string
  ask: { body?: unknown; query: Record<string, string>; headers: Record<string, string> }
  status: number
  body: unknown
}

/** Every example of the document, put together again from where its parts stand. */
function examples(): Sent[] {
  const document = Document.parse(JSON.parse(JSON.stringify(openApi(ROUTES, about.version))))
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const body = Object.values(operation.requestBody?.content ?? {})[0]?.examples ?? {}
      const answers = Object.entries(operation.responses).flatMap(([status, { content }]) =>
        Object.entries(Object.values(content)[0]?.examples ?? {}).map(([name, { value }]) => ({
          name,
          status,
          value,
        })),
      )
      const names = [body, ...operation.parameters.map(({ examples }) => examples)].flatMap(Object.keys)
      return [...new Set([...names, ...answers.map(({ name }) => name)])].map(name => {
        const valuesIn = (place: string) =>
          Object.fromEntries(
            operation.parameters
              .filter(parameter => parameter.in === place && parameter.examples[name])
              .map(parameter => [parameter.name, String(parameter.examples[name]!.value)]),
          )
        const params = valuesIn('path')
        const answer = answers.find(one => one.name === name)
        return {
          operation: operation.operationId,
          name,
          method: method.toUpperCase(),
          path: path.replaceAll(/\{(\w+)\}/g, (_, param) => encodeURIComponent(params[param]!)),
          ask: {
            ...(body[name] ? { body: body[name].value } : {}),
            query: valuesIn('query'),
            headers: valuesIn('header'),
          },
          status: Number(answer?.status ?? 204),
          body: answer?.value,
        }
      })
    }),
  )
}

let world: HttpWorld
let restore: () => Promise<void>

/** The world that the examples are of. */
async function furnish({ store, simulator }: HttpWorld): Promise<void> {
  const { createdAt, updatedAt, updatedBy, version, ...connection } = CONNECTION
  const { url } = simulator
  const endpoints = { ecs: url, bms: url, bss: url, as: url, iam: url, sts: url }
  const stamps = { createdAt, updatedAt, updatedBy, version }
  await store.saveConnection({ ...Connection.parse({ ...connection, endpoints }), ...stamps }, null)
  for (const channel of [CHANNEL, CHANNEL_UNSET])
    await store.saveChannel({ ...Channel.parse(withoutState(channel, Stamps.shape)), ...stamps }, null)
  await store.createFeed(FEED)
  const { knownUntil, covered: times, ...calendar } = CALENDAR
  const cover = { calendar: calendar.id, revision: 1, knownUntil, times }
  await store.saveCalendar({ ...calendar, failures: 0, spread: 1, cover }, null)
  const policy = Policy.parse(POLICY_PLAIN)
  const { nextDueAt, nextStartDueAt } = POLICY
  const state = { nextDueAt, nextStartDueAt, snoozedUntil: null, snoozeReason: null, snoozedAt: null }
  await store.savePolicy({ ...policy, ...stamps, ...state }, null, { ...CHANGE, what: 'edited' })
  const { policy: target, ...pending } = RUN_PENDING
  const manual = {
    trigger: 'manual',
    status: 'pending',
    kind: 'ecs',
    action: 'stop',
    planning: 0,
    policyId: undefined,
    undoes: undefined,
  } as const
  await store.createRun(aRun({ ...pending, ...manual }), AdHoc.parse(target), null)
  const run = aRun({
    ...RUN_LISTED,
    action: 'stop',
    undoes: undefined,
    trigger: 'schedule',
    status: 'succeeded',
    kind: 'ecs',
    chunks: 1,
  })
  await store.createRun(run, policy, null)
  await store.chunkDone(run.id, {
    number: 0,
    delta: { skipped: 0, stopped: 0, started: 0, failed: 0, unconfirmed: 0, codes: {} },
  })
  const id = { runId: run.id, planning: 1, number: 0 }
  const settled = ({ serverId: _, name: __, ...rest }: Outcome) => rest
  const skipped = settled(Outcome.parse(OUTCOME_SKIPPED))
  await store.createSkipped(id, [
    { member: { id: PROTECTED.serverId, name: PROTECTED.name }, settled: skipped },
  ])
  const chunk = newChunk(run, 0, { size: 1, mode: 'soft', readAt: run.dueAt })
  const facts = { flavor: 's6.large.2', charging: 'payPerUse' as const, tags: { env: ['dev'] } }
  await store.createChunk(chunk, [{ id: SERVER.serverId, name: SERVER.name, facts }])
  await store.saveChunk(
    {
      chunk: { ...chunk, status: 'done' },
      servers: [],
      settled: new Map([[0, settled(Outcome.parse(OUTCOME_STOPPED))]]),
    },
    null,
  )
  const prices = { currency: 'CNY', perHour: { 's6.large.2': 0.42 }, charged: [] }
  await store.looked(run, { lookedAt: '2026-11-19T22:00:47.000Z', nextAt: null, prices })
}

beforeAll(async () => {
  const server = (one: { serverId: string; name: string }, tags: Record<string, string>) => ({
    kind: 'ecs' as const,
    id: one.serverId,
    name: one.name,
    tags,
  })
  world = await openWorld({
    servers: [
      { ...server(SERVER, { env: 'dev' }), createdAt: Date.parse(EXAMPLES_AT) - 100 * 3_600_000 },
      server(PROTECTED, { env: 'dev', 'curfew-protect': '' }),
      server(OTHER, { env: 'prod' }),
    ],
    projects: [
      { id: CONNECTION_DISCOVERED.projectId, name: 'cn-east-3_dev' },
      { id: '0123456789abcdef0123456789abcde4', name: 'cn-east-3_old', isEnabled: false },
    ],
    http: { PROD_HUAWEICLOUD_SDK_AK: KEY.accessKey, PROD_HUAWEICLOUD_SDK_SK: KEY.secretKey },
  })
  await furnish(world)
  await world.store.noteTime(EXAMPLES_AT)
  restore = await restorer(world)
})
afterAll(() => world.close())

/** Without what no document can know: the simulated cloud's address, the secret of a feed that is new, and its id. */
const withoutChance = (text: string): unknown =>
  text === ''
    ? undefined
    : JSON.parse(
        text
          .replaceAll(/"endpoints":\{"(ecs|iam)":"http:\/\/127[^}]*\}/g, '"endpoints":{}')
          .replace(/"id":"[0-9a-f]{16}"(.*\/feeds\/)[\w-]{43}\.ics/, '"id":"ID"$1TOKEN.ics'),
      )

/** A policy of many connections, which the lists of the examples do not have. */
async function saveEverywhere(): Promise<void> {
  const body = POLICY_EVERYWHERE
  expect((await world.ask('PUT', `/v1/policies/${body.id}`, { body })).status).toBe(201)
}

describe('each example, sent as it stands, gets the answer it documents', () => {
  beforeEach(async () => {
    vi.setSystemTime(EXAMPLES_AT)
    await restore()
  })

  test.each(examples().map(sent => [`${sent.operation}: ${sent.name}`, sent] as const))(
    '%s',
    async (_, sent) => {
      const ask = { ...sent.ask, actor: EXAMPLES_ACTOR }
      if (sent.operation === 'discoverConnections')
        ask.body = { ...(ask.body as object), endpoints: { iam: world.simulator.url } }
      if (sent.name === 'eachConnection') await saveEverywhere()
      const reply = await world.ask(sent.method, sent.path, ask)
      expect(withoutChance(reply.text)).toEqual(sent.body && withoutChance(JSON.stringify(sent.body)))
      expect(reply.status).toBe(sent.status)
      const { answers } = ROUTES.find(({ operation }) => operation === sent.operation)!
      const schema = reply.status < 400 ? answers[reply.status]?.schema : Problem
      // Nothing is in an answer that its schema does not have.
      if (schema) expect(schema.parse(reply.body)).toEqual(reply.body)
    },
  )
})

describe('the document', () => {
  test('is valid by the rules of OpenAPI 3.1', async () => {
    const { text } = await world.ask('GET', '/v1/openapi.json')
    const validator = new Validator()
    expect(await validator.validate(JSON.parse(text))).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  test('is served as it is made', async () => {
    const reply = await world.ask('GET', '/v1/openapi.json', { actor: null })
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(reply.body).toEqual(JSON.parse(JSON.stringify(openApi(ROUTES, about.version))))
    expect(reply.body).toMatchObject({ openapi: '3.1.0', info: { title: 'Curfew', version: about.version } })
  })

  test('has every route, and an example of each but of those that are documents themselves', () => {
    const documents = ['feed', 'openapi', 'policySchema', 'docs']
    const exemplified = new Set(examples().map(({ operation }) => operation))
    const missing = ROUTES.map(({ operation }) => operation).filter(operation => !exemplified.has(operation))
    expect(missing).toEqual(documents)
  })

  test('needs authorization for every route but those that are open to all', () => {
    const { paths } = openApi(ROUTES, about.version)
    const open = Object.entries(paths ?? {}).filter(([, { get }]) => get?.security?.length === 0)
    expect(open.map(([path]) => path)).toEqual([
      ...['/v1/health', '/livez', '/readyz', '/feeds/{token}.ics', '/v1/openapi.json', '/docs'],
    ])
  })
})

test('the page shows every route and every document, and loads nothing from anywhere', async () => {
  const { status, headers, text } = await world.ask('GET', '/docs')
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html; charset=utf-8' })
  for (const { path, operation } of ROUTES) {
    expect(text).toContain(path)
    expect(text).toContain(`id="${operation}"`)
  }
  for (const [, link] of text.matchAll(/href="#([^"]+)"/g)) expect(text).toContain(`id="${link}"`)
  expect(text).toContain(
    '<code>limit</code> <i>query</i></td><td>integer</td><td><i>at least 1, at most 1000',
  )
  expect(text).not.toMatch(/<script|src=|url\(|@import|href="http/)
})

test('the schema for editors takes what the API takes, and refuses what it refuses by form', async () => {
  const { status, body } = await world.ask('GET', '/v1/schemas/policy.json')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    title: 'Curfew policy',
    additionalProperties: false,
    required: expect.arrayContaining(['id', 'schedule', 'kind', 'selector']),
    properties: { selector: { minProperties: 1 }, mode: { enum: ['soft', 'hard'] } },
  })
  expect(body.properties).not.toHaveProperty('nextDueAt')
})

test('one connection or several, never both and never neither, is said to editors and in the document', async () => {
  const either = [{ required: ['connection'] }, { required: ['connections'] }]
  const { body } = await world.ask('GET', '/v1/schemas/policy.json')
  expect(body).toMatchObject({ oneOf: either, required: expect.not.arrayContaining(['connection']) })
  const { components } = JSON.parse(JSON.stringify(openApi(ROUTES, about.version)))
  expect(components.schemas.PolicyBody).toMatchObject({ oneOf: either })
})
