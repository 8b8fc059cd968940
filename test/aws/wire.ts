/** The event bus, Secrets Manager and Parameter Store, as far as Curfew speaks to them, on a free loopback port. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

/** An event that was put on a bus. */
interface PutEvent {
  bus: string
  source: string
  detailType: string
  /** Seconds since the epoch. */
  time: number
  detail: unknown
}
export interface Aws {
  endpoint: string
  /** Every event that was taken, in order. */
  events: PutEvent[]
  /** By name. */
  secrets: Map<string, string>
  /** By name, which begins with a slash where it has one. */
  parameters: Map<string, string>
  /** What was asked, in order: such as `GetSecretValue curfew/key`. */
  asked: string[]
  /** What an action answers instead; it is asked for each call. `null`: as usual. */
  refuse: (action: string) => { status: number; type: string } | 'entries' | null
  close(): Promise<void>
}

const Entry = z.object({
  EventBusName: z.string(),
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  Time: z.number(),
})
/** EventBridge API reference, PutEvents: ten entries, 256 KB in all, a time being 14 bytes. */
const bytesOf = ({ Source, DetailType, Detail }: z.infer<typeof Entry>): number =>
  14 + Buffer.byteLength(Source + DetailType + Detail)
const PutEvents = z.object({
  Entries: z
    .array(Entry)
    .min(1)
    .max(10)
    .refine(entries => entries.reduce((sum, entry) => sum + bytesOf(entry), 0) < 256 * 1024),
})
const GetSecretValue = z.object({ SecretId: z.string() })
const GetParameter = z.object({ Name: z.string(), WithDecryption: z.literal(true) })

type Answer = { status: number; body: object }
const missing = (type: string): Answer => ({
  status: 400,
  body: { __type: type, message: 'it is not there' },
})

function putEvents(aws: Aws, input: unknown): Answer {
  const { Entries } = PutEvents.parse(input)
  if (aws.refuse('PutEvents') === 'entries')
    return {
      status: 200,
      body: {
        FailedEntryCount: 1,
        Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }],
      },
    }
  aws.events.push(
    ...Entries.map(({ EventBusName, Source, DetailType, Detail, Time }) => ({
      bus: EventBusName,
      source: Source,
      detailType: DetailType,
      time: Time,
      detail: JSON.parse(Detail),
    })),
  )
  return { status: 200, body: { FailedEntryCount: 0, Entries: Entries.map((_, EventId) => ({ EventId })) } }
}

function getSecretValue(aws: Aws, input: unknown): Answer {
  const { SecretId } = GetSecretValue.parse(input)
  aws.asked.push(`GetSecretValue ${SecretId}`)
  const SecretString = aws.secrets.get(SecretId)
  return SecretString === undefined
    ? missing('ResourceNotFoundException')
    : { status: 200, body: { SecretString } }
}

function getParameter(aws: Aws, input: unknown): Answer {
  const { Name } = GetParameter.parse(input)
  aws.asked.push(`GetParameter ${Name}`)
  const Value = aws.parameters.get(Name)
  return Value === undefined
    ? missing('ParameterNotFound')
    : { status: 200, body: { Parameter: { Name, Value } } }
}

const ACTIONS: Record<string, (aws: Aws, input: unknown) => Answer> = {
  'AWSEvents.PutEvents': putEvents,
  'secretsmanager.GetSecretValue': getSecretValue,
  'AmazonSSM.GetParameter': getParameter,
}

async function answered(aws: Aws, request: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  const target = String(request.headers['x-amz-target'])
  const refusal = aws.refuse(target.slice(target.indexOf('.') + 1))
  if (refusal !== null && refusal !== 'entries')
    return { status: refusal.status, body: { __type: refusal.type, message: 'refused' } }
  const action = ACTIONS[target]
  if (!action) throw new Error(`nobody here answers ${target}`)
  return action(aws, JSON.parse(Buffer.concat(parts).toString()))
}

function give(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify(body))
}

export async function startAws(): Promise<Aws> {
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    answered(aws, request)
      .catch(error => ({ status: 500, body: { __type: 'InternalFailure', message: String(error) } }))
      .then(answer => give(response, answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const aws: Aws = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: [],
    secrets: new Map(),
    parameters: new Map(),
    asked: [],
    refuse: () => null,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return aws
}
