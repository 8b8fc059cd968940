/** docs/operate.md says what is there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { table } from '../../infra/bill.ts'
import { RunEnded, ServersEscalated } from '../../lib/core/announce.ts'
import { MEASURES } from '../../lib/core/measures.ts'
import { WebhookBody, webhookBody } from '../../lib/core/webhook.ts'
import { type Packaged, packaged } from './packaged.ts'

const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8')
let text: string
let stack: Packaged
beforeAll(async () => {
  ;[text, stack] = await Promise.all([read('docs/operate.md'), packaged('--stage', 'prod')])
})

describe('the document for operating', () => {
  test('says of every alarm what to do', () => {
    const alarms = Object.entries(stack.resources).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    expect(alarms.length).toBeGreaterThan(10)
    const told = text.split('\n').filter(line => line.startsWith('| `') && line.includes('Alarm`'))
    expect(alarms.map(([id]) => id).filter(id => !told.some(line => line.includes(`\`${id}\``)))).toEqual([])
  })

  test('names every parameter of the deployment, and every figure', async () => {
    const Params = z.object({ params: z.object({ default: z.record(z.string(), z.unknown()) }) })
    const { params } = Params.parse(parse(await read('serverless.yml'), { logLevel: 'silent' }))
    for (const name of Object.keys(params.default)) expect(text).toContain(`\`${name}\``)
    for (const name of MEASURES) expect(text).toMatch(new RegExp(`\\b${name}\\b`))
  })

  test('shows events and webhooks as they are', () => {
    const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!))
    const ended = examples.flatMap(one => RunEnded.safeParse(one).data ?? [])
    const escalated = examples.flatMap(one => ServersEscalated.safeParse(one).data ?? [])
    expect(examples.filter(one => 'version' in one)).toEqual([...ended, ...escalated])
    expect([ended.length, escalated.length]).toEqual([1, 1])
    const front = examples.find(one => 'text' in one)
    expect(WebhookBody.parse({ ...front, ...ended[0] })).toEqual(webhookBody(ended[0]!))
  })

  test('gives the costs that the arithmetic gives', () => {
    expect(text).toContain(table())
  })

  test('names files that are there', async () => {
    const named = [...text.matchAll(/`((?:test|infra|lib|bench)\/[\w./-]+\.\w+)`|\]\(([^)#:]+)\)/g)]
    expect(named.length).toBeGreaterThan(8)
    for (const [, path, link] of named) await read(path ?? join('docs', link!))
  })
})

describe('the policy of whoever deploys', () => {
  const Policy = z.object({
    Statement: z.array(
      z.object({
        Sid: z.string(),
        Effect: z.literal('Allow'),
        Action: z.union([z.array(z.string()), z.string().transform(one => [one])]),
        Resource: z.union([z.array(z.string()), z.string().transform(one => [one])]),
      }),
    ),
  })
  const policy = async () => Policy.parse(JSON.parse(await read('infra/deploy-policy.json'))).Statement
  /** The prefix of a service's actions, by the resource types of its templates. */
  const SERVICES: Record<string, string> = {
    ApiGatewayV2: 'apigateway',
    CloudWatch: 'cloudwatch',
    DynamoDB: 'dynamodb',
    IAM: 'iam',
    Lambda: 'lambda',
    Logs: 'logs',
    S3: 's3',
    SNS: 'sns',
    SQS: 'sqs',
    Scheduler: 'scheduler',
  }

  test('covers the services that the stack consists of, and no others', async () => {
    const needed = Object.values(stack.resources).map(({ Type }) => SERVICES[Type.split('::')[1]!] ?? Type)
    const given = (await policy()).flatMap(({ Action }) => Action.map(action => action.split(':')[0]))
    expect(new Set(given)).toEqual(new Set([...needed, 'cloudformation']))
  })

  test('is limited to what is called curfew, where AWS can limit it', async () => {
    const wide = (await policy()).filter(({ Resource }) => Resource.some(one => !one.includes('curfew-')))
    expect(wide.map(({ Sid }) => Sid)).toEqual(['Template', 'Messages', 'Api', 'AccessLog'])
  })

  test('allows no service as a whole, and fits into a managed policy', async () => {
    const actions = (await policy()).flatMap(({ Action }) => Action)
    expect(actions.filter(action => /^\*|:\*$/.test(action))).toEqual([])
    expect(JSON.stringify(JSON.parse(await read('infra/deploy-policy.json'))).length).toBeLessThan(6144)
  })
})
