/** What the deployment's own files say of the table, the queues and the functions: said once, and kept to here too. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'

export const STEPS = ['plan', 'stop', 'follow', 'notify'] as const
/** The steps that take messages, each from the queue of its name. */
export type QueuedStep = (typeof STEPS)[number]

const contents = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const Template = z.object({
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown() })),
})

const parsed = new Map<string, unknown>()

/** A file is asked for again and again by the parts of a start: parsed once. CloudFormation's own tags are read as plain text. */
function parseOnce(text: string): unknown {
  if (!parsed.has(text)) parsed.set(text, parse(text, { logLevel: 'silent' }))
  return parsed.get(text)
}

/** Properties of the resources of a type, by logical id. */
function resources(template: string, type: string): Map<string, unknown> {
  const { Resources } = Template.parse(parseOnce(template))
  const ofType = Object.entries(Resources).filter(([, { Type }]) => Type === type)
  return new Map(ofType.map(([id, { Properties }]) => [id, Properties]))
}

// --- table --------------------------------------------------------------------------------------------------

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
const Projection = z.object({
  ProjectionType: z.enum(['KEYS_ONLY', 'INCLUDE', 'ALL']),
  NonKeyAttributes: z.array(z.string()).optional(),
})
const TableProperties = z.object({
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema,
  GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string(), KeySchema, Projection })).optional(),
})
const Expiry = z.object({
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
})

interface TableTemplate {
  input: z.infer<typeof TableProperties> & { TableName: string; BillingMode: 'PAY_PER_REQUEST' }
  /** The attribute after whose instant (epoch seconds) an item may go; `null` where the template names none. */
  expiryAttribute: string | null
}

/**
 * The one `AWS::DynamoDB::Table` of a template as CreateTable's input: keys and indexes as they are, pay per
 * request. What only AWS has (encryption, backups, protection) is left out.
 */
export function tableTemplate(tableName: string, template = contents('infra/aws/table.yml')): TableTemplate {
  const tables = [...resources(template, 'AWS::DynamoDB::Table').values()]
  if (tables.length !== 1)
    throw new Error(`Expected one AWS::DynamoDB::Table in the template, got ${tables.length}`)
  const { TimeToLiveSpecification: expiry } = Expiry.parse(tables[0])
  return {
    input: { ...TableProperties.parse(tables[0]), TableName: tableName, BillingMode: 'PAY_PER_REQUEST' },
    expiryAttribute: expiry?.Enabled ? expiry.AttributeName : null,
  }
}

// --- queues -------------------------------------------------------------------------------------------------

const QueueProperties = z.object({
  VisibilityTimeout: z.int(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }),
})

export interface QueueTemplate {
  step: QueuedStep
  visibilitySeconds: number
  maxReceiveCount: number
}

/** The queue of each step: `PlanQueue` is that of `plan`. Every one has dead letters. */
export function queueTemplates(template = contents('infra/aws/queues.yml')): QueueTemplate[] {
  const queues = resources(template, 'AWS::SQS::Queue')
  return STEPS.map(step => {
    const id = `${step.charAt(0).toUpperCase()}${step.slice(1)}Queue`
    if (!queues.has(id))
      throw new Error(`Expected an AWS::SQS::Queue ${id} in the template, got ${[...queues.keys()]}`)
    const { VisibilityTimeout, RedrivePolicy } = QueueProperties.parse(queues.get(id))
    return { step, visibilitySeconds: VisibilityTimeout, maxReceiveCount: RedrivePolicy.maxReceiveCount }
  })
}

// --- functions ----------------------------------------------------------------------------------------------

const QueueEvent = z.object({
  sqs: z.object({
    batchSize: z.int(),
    maximumBatchingWindow: z.int().default(0),
    maximumConcurrency: z.int(),
  }),
})
const Settings = z.object({ timeout: z.int(), events: z.array(z.unknown()).default([]) })
const Functions = z.object({
  tick: Settings,
  plan: Settings,
  stop: Settings,
  follow: Settings,
  notify: Settings,
  http: Settings,
})

export interface FunctionSettings {
  timeoutSeconds: number
  /** The most messages of one call; 1 for a function that takes none. */
  batchSize: number
  /** How long after a message others are waited for that the same call may take. */
  windowSeconds: number
  /** The most calls at once that its queue makes. */
  concurrency: number
}
export type FunctionName = keyof z.infer<typeof Functions>

const HttpEvent = z.object({
  httpApi: z.object({ method: z.string(), path: z.string(), authorizer: z.unknown().optional() }),
})

/** The routes that need no authorization, from `serverless.yml`. */
export function openRoutes(file = contents('serverless.yml')): { method: string; path: string }[] {
  const { functions } = z.object({ functions: Functions }).parse(parseOnce(file))
  return functions.http.events.flatMap(event => {
    const found = HttpEvent.safeParse(event).data?.httpApi
    return found && found.authorizer === undefined ? [{ method: found.method, path: found.path }] : []
  })
}

/** Limits of each function, from `serverless.yml`. */
export function functionSettings(file = contents('serverless.yml')): Record<FunctionName, FunctionSettings> {
  const { functions } = z.object({ functions: Functions }).parse(parseOnce(file))
  const settings = ({ timeout, events }: z.infer<typeof Settings>): FunctionSettings => {
    const sqs = events.map(event => QueueEvent.safeParse(event).data?.sqs).find(found => found !== undefined)
    return {
      timeoutSeconds: timeout,
      batchSize: sqs?.batchSize ?? 1,
      windowSeconds: sqs?.maximumBatchingWindow ?? 0,
      concurrency: sqs?.maximumConcurrency ?? 1,
    }
  }
  return {
    tick: settings(functions.tick),
    plan: settings(functions.plan),
    stop: settings(functions.stop),
    follow: settings(functions.follow),
    notify: settings(functions.notify),
    http: settings(functions.http),
  }
}
