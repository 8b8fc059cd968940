/** docs/operate.md says what is there. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { table } from '../../infra/aws/bill.ts'
import { RunEnded, ServersEscalated } from '../../lib/core/notify/events.ts'
import { MEASURES } from '../../lib/core/notify/metrics.ts'
import { WebhookBody, webhookBody } from '../../lib/core/notify/webhook.ts'
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
    const named = [
      ...text.matchAll(/`((?:test|infra|lib|bench)\/[\w./-]+\.\w+)`|\]\(([^)#:]+)\)/g),
      ...text.matchAll(/file:\/\/(infra\/\S+)/g),
    ]
    expect(named.length).toBeGreaterThan(8)
    for (const [, path, link] of named) await read(path ?? join('docs', link!))
  })
})
