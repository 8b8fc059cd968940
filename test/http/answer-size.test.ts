import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpHandler } from '../../lib/http/handler.ts'
import { jsonAnswer, type Route } from '../../lib/http/route.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { createLog } from '../../lib/runtime/log.ts'
import { fleet } from '../flow/world.ts'
import { aChange, aPolicy, aRun, at, START } from '../makers.ts'
import type { Services } from '../services.ts'
import { eventOf, type HttpWorld, openWorld, policyBody, type Reply, replyOf } from './world.ts'

/** What Lambda hands on (quota "Invocation payload, synchronous"). */
const LAMBDA_BYTES = 6_291_556
const BODY_BYTES = 256 * 1024

/** Bytes of the function's result. */
const resultBytes = ({ status, headers, text }: Reply): number =>
  Buffer.byteLength(JSON.stringify({ statusCode: status, headers, body: text }))

/** As many values of a tag as a body has room for. */
const selectorOf = (value: string) => {
  const size = Buffer.byteLength(JSON.stringify(value)) + 1
  return { tags: { env: new Array(Math.floor((BODY_BYTES - 1000) / size)).fill(value) as string[] } }
}

describe('an answer that is longer than Lambda hands on becomes a problem, at every kind of route', () => {
  const log = createLog('silent')
  const services = () => ({ log, unique: () => 'unique' }) as unknown as Services
  const fillings = ['a', '"', '\\', '键', '\u0001'].map(
    filling => [filling, { filling: filling.repeat(6_400_000) }] as const,
  )

  async function expectProblem({ method, operation, answers, needs }: Route, body: object): Promise<void> {
    const only = { method, operation, answers, needs, summary: '', description: '', path: '/here' }
    const handler = httpHandler([{ ...only, run: () => jsonAnswer(body) }], services)
    const event = eventOf(method, '/here', {}) as APIGatewayProxyEventV2
    const reply = await replyOf(await handler(event, {} as Context))
    expect(resultBytes(reply)).toBeLessThan(1000)
    expect(reply).toMatchObject({ status: 500, body: { detail: expect.stringContaining('6 MB') } })
  }

  // All that the way of an answer depends on, which is the same for every route of a kind.
  const kinds = new Map(ROUTES.map(route => [`${route.method} ${Object.keys(route.answers)}`, route]))
  test.each([...kinds])('%s', (_, route) => expectProblem(route, fillings[0]![1]))
  test.each(fillings)('of whatever characters: %j', (_, body) => expectProblem(ROUTES[0]!, body))
})

describe('the longest documents there can be', () => {
  let world: HttpWorld
  beforeAll(async () => {
    const name = (n: number) => `${String(n).padStart(4, '0')}${'键\\"'.repeat(80)}`
    world = await openWorld({
      servers: fleet(2500).map((server, n) => ({
        ...server,
        name: name(n),
        tags: (n % 2 === 0 ? {} : { 'curfew-snooze-until': '"'.repeat(255) }) as Record<string, string>,
      })),
    })
    await world.connection()
    const values = [...new Array(26).fill('键'.repeat(80)), '\\', '"', '', 'a']
    for (const [n, value] of values.entries())
      await world.policy({ id: `long-${n}`, selector: selectorOf(value), enabled: false })
  })
  afterAll(() => world.close())

  /** Newest first. */
  async function manyRuns(count: number): Promise<void> {
    const reason = '键\\"'.repeat(1000)
    for (let n = 0; n < count; n++) {
      const run = aRun({ id: `r.${n}`, policyId: 'r', status: 'failed', reason, dueAt: at(START - n * 1000) })
      await world.store.createRun(run, aPolicy(), null)
    }
  }
  async function expectFits(method: string, path: string, ask = {}): Promise<Reply> {
    const reply = await world.ask(method, path, ask)
    expect(reply.status).toBeLessThan(300)
    expect(resultBytes(reply)).toBeLessThan(LAMBDA_BYTES)
    return reply
  }
  async function expectPagesFit(path: string, count: number): Promise<void> {
    let items = 0
    for (let cursor: string | null = ''; cursor !== null; ) {
      const next = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { body } = await expectFits('GET', `${path}?limit=1000${next}`)
      items += body.items.length
      cursor = body.nextCursor
    }
    expect(items).toBe(count)
  }

  test('policies are listed in pages that fit', async () => {
    await expectPagesFit('/v1/policies', 30)
  })

  test('runs and changes are listed in pages that fit', async () => {
    await manyRuns(400)
    await expectPagesFit('/v1/runs', 400)
    const fields = new Array(50).fill({
      path: '键'.repeat(200),
      before: '"'.repeat(500),
      after: '\\'.repeat(500),
    })
    let before = null
    for (let version = 1; version <= 60; version++) {
      const after = { ...aPolicy({ id: 'changed' }), version }
      await world.store.savePolicy(after, before, aChange({ version, fields }))
      before = after
    }
    await expectPagesFit('/v1/policies/changed/changes', 60)
  })

  test('an overview fits, and a row of the week with as many runs and marks as it shows', async () => {
    await manyRuns(250)
    for (let n = 0; n < 40; n++) {
      const reason = '\u0001'.repeat(1000)
      const snooze = { snoozedUntil: at(START + 86_400_000), snoozeReason: reason }
      const schedule = { cron: '*/2 * * * *', timeZone: 'UTC' }
      await world.policy({
        id: n === 0 ? 'r' : `asleep-${n}`,
        schedule,
        start: { cron: '1-59/2 * * * *' },
        ...snooze,
      })
    }
    const now = await expectFits('GET', '/v1/now')
    expect(now.body).toMatchObject({ snoozed: { length: 40 } })
    const { body } = await expectFits('GET', '/v1/week?limit=1000')
    expect(body.items.length).toBeGreaterThan(1)
    const last = await expectFits('GET', `/v1/week?limit=1000&cursor=${body.nextCursor}`)
    expect(last.body.items.length).toBeGreaterThan(1)
  })

  test('a preview names the first of each, and the first hundred warnings of many', async () => {
    for (let n = 0; n < 150; n++) await world.policy({ id: `overlap-${n}` })
    const preview = await expectFits('POST', '/v1/preview', { body: policyBody({ id: 'mine' }) })
    expect(preview.body).toMatchObject({ summary: { matched: 2500, targets: 1250 } })
    expect(preview.body.warnings).toHaveLength(100)
    expect(preview.body.warningCount).toBeGreaterThanOrEqual(150)
  })

  test('a selector of many tags is answered with the first of its conditions', async () => {
    const tags = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, []]))
    const body = policyBody({ id: 'tagged', selector: { all: true }, exclude: { tags } })
    await expectFits('PUT', '/v1/policies/tagged', { body })
    const preview = await expectFits('POST', '/v1/policies/tagged/preview')
    expect(preview.body.warningCount).toBeGreaterThan(20_000)
    const id = '00000000-0000-4000-8000-000000000000'
    const why = await expectFits('GET', `/v1/policies/tagged/servers/${id}`)
    expect(why.body.conditions).toHaveLength(1000)
  })

  test('the outcomes of a run are listed in pages that fit', async () => {
    const body = { connection: 'prod', kind: 'ecs', selector: { all: true }, dryRun: true }
    const run = await expectFits('POST', '/v1/runs', { body })
    await world.ended([run.body.id])
    await expectPagesFit(`/v1/runs/${run.body.id}/servers`, 2500)
  })
})
