/** The docs for operators agree with the templates, the schemas and the bill. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { consoleSentence, derivation, figuresSentence, fixedSentence, table } from '../../infra/aws/bill.ts'
import { AlarmEvent, NoCapacity, RunEnded, ServersEscalated } from '../../lib/core/notify/events.ts'
import { MEASURES } from '../../lib/core/notify/metrics.ts'
import { WebhookBody, webhookBody } from '../../lib/core/notify/webhook.ts'
import { type Packaged, PROD, packaged } from './packaged.ts'

const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8')
let docs: Record<'alarms' | 'costs' | 'deploy' | 'events', string>
let stack: Packaged
beforeAll(async () => {
  const [alarms, costs, deploy, events] = await Promise.all(
    ['alarms', 'costs', 'deploy', 'events'].map(name => read(`docs/${name}.md`)),
  )
  docs = { alarms: alarms!, costs: costs!, deploy: deploy!, events: events! }
  stack = await packaged(...PROD)
})

describe('the docs for operators', () => {
  test('have a section for every alarm', () => {
    const ringing = ['AWS::CloudWatch::Alarm', 'AWS::Events::Rule']
    const ids = Object.entries(stack.resources).flatMap(([id, { Type }]) =>
      ringing.includes(Type) ? [id] : [],
    )
    const names = ids.map(id => id.replace(/Rule$/, ''))
    const headed = [...docs.alarms.matchAll(/^### (.+)$/gm)].flatMap(([, line]) =>
      [...line!.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    )
    expect(headed.toSorted()).toEqual(names.toSorted())
  })

  test('name every parameter of the deployment, and every metric', async () => {
    const Params = z.object({ params: z.object({ default: z.record(z.string(), z.unknown()) }) })
    const { params } = Params.parse(parse(await read('serverless.yml'), { logLevel: 'silent' }))
    for (const name of Object.keys(params.default)) expect(docs.deploy).toContain(`\`${name}\``)
    for (const name of MEASURES) expect(docs.events).toContain(`\`${name}\``)
  })

  test('show events and webhooks as they are', () => {
    const examples = [...docs.events.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!))
    const ended = examples.flatMap(one => RunEnded.safeParse(one).data ?? [])
    const escalated = examples.flatMap(one => ServersEscalated.safeParse(one).data ?? [])
    const lacking = examples.flatMap(one => NoCapacity.safeParse(one).data ?? [])
    const alarms = examples.flatMap(one => AlarmEvent.safeParse(one).data ?? [])
    expect(examples.filter(one => 'version' in one)).toEqual([...ended, ...escalated, ...lacking, ...alarms])
    expect([ended.length, escalated.length, lacking.length, alarms.length]).toEqual([1, 1, 1, 1])
    const front = examples.find(one => 'text' in one)
    expect(WebhookBody.parse({ ...front, ...ended[0] })).toEqual(webhookBody(ended[0]!))
  })

  test('give the costs that the arithmetic gives', async () => {
    expect(docs.costs).toContain(table())
    expect(docs.costs).toContain(derivation())
    expect(docs.costs).toContain(consoleSentence())
    expect(docs.costs).toContain(figuresSentence())
    expect((await read('bench/README.md')).replaceAll(/\s+/g, ' ')).toContain(`some ${fixedSentence()}`)
  })

  test('give no cost of an idle month but that of the arithmetic', async () => {
    const idle = /\*\*all\*\* \| ([\d.]+)/.exec(table())![1]!
    for (const page of ['README.md', 'docs/costs.md', 'docs/deploy.md']) {
      const told = [...(await read(page)).matchAll(/idle[^.|]*?\$([\d.]*\d) a month/g)]
      expect(told.map(([, amount]) => amount)).toEqual(told.map(() => idle))
    }
  })
})
