/** The API in the world of the flows. The bundle of it that is deployed is for `test/bundle`. */
import { BatchWriteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, onTestFinished, vi } from 'vitest'
import * as z from 'zod'
import { ownClient } from '../../infra/local/emulators/own-clients.ts'
import { embeddedEnvironment } from '../../infra/local/environment.ts'
import { addressProblem } from '../../lib/core/notify/webhook-address.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { linkRoutes } from '../../lib/http/routes/links/snooze.ts'
import { consoleRoutes } from '../../lib/http/routes/service/console.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { readConfig } from '../../lib/runtime/config.ts'
import { createWorld, KEY, type World, type WorldOptions } from '../flow/world.ts'
import { aPolicyBody, START } from '../makers.ts'
import { createServices } from '../services.ts'

const Result = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
})
type Handler = (event: unknown, context: Context) => Promise<unknown>

/** The fields of answers that tests go on with; they look at the others by what they expect. */
export interface Shown {
  id: string
  version: number
  items: Shown[]
  nextCursor: string | null
  detail: string
  errors: { path: string; message: string }[]
  [field: string]: unknown
}

export interface Reply {
  status: number
  headers: Record<string, string>
  /** Parsed, where it is JSON. */
  body: Shown
  text: string
}
export interface Ask {
  body?: unknown
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array
  headers?: Record<string, string>
  query?: Record<string, string>
  actor?: string | null
  /** Of a token that API Gateway let in, instead of an actor. */
  claims?: Record<string, string>
}

export interface HttpWorld extends World {
  handler: Handler

  ask(method: string, path: string, ask?: Ask): Promise<Reply>
  /** Everything that the table holds. */
  items(): Promise<object[]>
  /** Whole lists, page by page. */
  all(path: string, query?: Record<string, string>): Promise<Shown[]>
}

/** As `functions/http.ts` has it, with services of this world's own; they are made at the first call. */
function handlerIn({ table, queues, aws }: World, environment: Record<string, string>): Handler {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const clients = {
    dynamo: new DynamoDBClient(ownClient(table.endpoint)),
    sqs: new SQSClient(ownClient(queues.endpoint)),
    eventBridge: new EventBridgeClient(ownClient(aws.endpoint)),
  }
  let services: ReturnType<typeof createServices> | undefined
  return httpHandler([...ROUTES, ...consoleRoutes, ...linkRoutes], () => {
    services ??= createServices(readConfig(process.env), clients, { random: Math.random, addressProblem })
    return services
  }) as unknown as Handler
}

const environmentOf = ({ table, queues }: World): Record<string, string> => ({
  ...embeddedEnvironment({ table, queues }),
  ALLOWED_ENDPOINT_HOSTS: '*.myhuaweicloud.com,127.0.0.1,localhost',
  HUAWEICLOUD_SDK_AK: KEY.accessKey,
  HUAWEICLOUD_SDK_SK: KEY.secretKey,
  LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
})

function authorizerOf(actor: string | null, claims?: Record<string, string>) {
  if (claims !== undefined) return { authorizer: { jwt: { claims, scopes: null } } }
  return actor === null ? {} : { authorizer: { iam: { userArn: actor } } }
}

/** What API Gateway hands in, as far as the function looks at it. */
export function eventOf(
  method: string,
  path: string,
  { body, raw, headers = {}, query = {}, actor = 'tester', claims }: Ask,
) {
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const [rawPath, rawQueryString = new URLSearchParams(query).toString()] = path.split('?')
  return {
    version: '2.0',
    rawPath,
    rawQueryString,
    headers: { ...type, ...headers },
    requestContext: {
      http: { method, path: rawPath },
      ...authorizerOf(actor, claims),
    },
    ...(sent === undefined
      ? { isBase64Encoded: false }
      : typeof sent === 'string'
        ? { body: sent, isBase64Encoded: false }
        : { body: Buffer.from(sent).toString('base64'), isBase64Encoded: true }),
  }
}

export async function replyOf(result: unknown): Promise<Reply> {
  const { statusCode, headers, body: text = '' } = Result.parse(result)
  const low = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const isJson = /json/.test(low['content-type'] ?? '')
  return { status: statusCode, headers: low, text, body: (isJson ? JSON.parse(text) : undefined) as Shown }
}

/** `http`: variables of the function alone. */
type HttpOptions = WorldOptions & { http?: Record<string, string> }

/** A world with its API, at its beginning: no connection, no policy. The test closes it. */
export async function openWorld(options: HttpOptions = {}): Promise<HttpWorld> {
  const world = await createWorld(options)
  const handler = handlerIn(world, { ...environmentOf(world), ...options.http })
  const context = { getRemainingTimeInMillis: () => 29_000 } as Context
  const ask = async (method: string, path: string, one: Ask = {}) =>
    replyOf(await handler(eventOf(method, path, one), context))
  return {
    ...world,
    handler,
    ask,
    items: async () =>
      (await world.dynamo.send(new ScanCommand({ TableName: world.table.tableName }))).Items ?? [],
    async all(path, query = {}) {
      const items: Shown[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body }: Reply = await ask('GET', path, { query: { ...query, ...(cursor ? { cursor } : {}) } })
        items.push(...body.items)
        cursor = body.nextCursor
      }
      return items
    },
  }
}

/** The same, with the connection `prod` to the simulated cloud; ends with the test. */
export async function httpWorld(options: HttpOptions = {}): Promise<HttpWorld> {
  const world = await openWorld(options)
  onTestFinished(() => world.close())
  await world.connection()
  return world
}

/** Puts the table back to what it holds now, whenever asked. */
export async function restorer({ dynamo, table }: World): Promise<() => Promise<void>> {
  const TableName = table.tableName
  const items = async () => (await dynamo.send(new ScanCommand({ TableName }))).Items ?? []
  const keep = await items()
  const write = async (requests: object[]) => {
    for (let start = 0; start < requests.length; start += 25)
      await dynamo.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: requests.slice(start, start + 25) as [] } }),
      )
  }
  return async () => {
    await write((await items()).map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })))
    await write(keep.map(Item => ({ PutRequest: { Item } })))
  }
}

/**
 * Puts clock and table back before each test to what the file's own `beforeAll`, which comes before this call, has made of them, and
 * closes the world at the end.
 */
export function restoreEach(world: () => World): void {
  let restore: () => Promise<void>
  beforeAll(async () => {
    restore = await restorer(world())
  })
  beforeEach(async () => {
    vi.setSystemTime(START)
    await restore()
  })
  afterAll(() => world().close())
}

/** A policy as a person sends it. */
export const policyBody = (overrides: Record<string, unknown> = {}) => aPolicyBody(overrides)

/** A connection as a person sends it. */
export const connectionBody = (overrides: Record<string, unknown> = {}) => ({
  api: 'huaweicloud',
  region: 'cn-north-4',
  projectId: '0123456789abcdef0123456789abcdef',
  credentials: { source: 'environment' },
  ...overrides,
})
