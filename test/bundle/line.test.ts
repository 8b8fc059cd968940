import { extname } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { RunEnded } from '../../lib/core/notify/events.ts'
import { fleet, KEY } from '../flow/world.ts'
import { httpEvent, schedulerEvent, sqsEvent } from './events.ts'
import { type Installation, startInstallation } from './installation.ts'

const SERVERS = fleet(1005, {
  1: { locked: true },
  2: { status: 'SHUTOFF' },
  3: { tags: { 'curfew-protect': '' } },
})
const ADA = 'arn:aws:sts::123456789012:assumed-role/ops/ada'
let curfew: Installation
beforeAll(async () => {
  curfew = await startInstallation({
    servers: SERVERS,
    switches: { jobSeconds: { first: 1, spread: 0 }, partialFail: { [SERVERS[4]!.id!]: 'Ecs.0605' } },
  })
  const { ask } = curfew
  await curfew.connect(null)
  const policy = {
    connection: 'prod',
    kind: 'ecs',
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    selector: { name: 'dev-*' },
  }
  expect((await ask('PUT', '/v1/policies/nightly', policy)).status).toBe(201)
})
afterAll(() => curfew.close())

/** Works on messages, as they become visible, until somebody was told of the end of a run that `begin` makes. */
async function told(begin: () => Promise<unknown>): Promise<RunEnded['run']> {
  const { length } = curfew.aws.events
  await begin()
  const event = await vi.waitUntil(
    async () => {
      await curfew.runner.drain()
      return curfew.aws.events[length]
    },
    { timeout: 30_000, interval: 200 },
  )
  return RunEnded.parse(event.detail).run
}

test('the archives that are deployed stop a fleet, record what became of each server, and tell of it', async () => {
  const { simulator, ask } = curfew
  for (const { id } of SERVERS.slice(3)) simulator.change(id!, { status: 'ACTIVE' })
  const check = await ask('POST', '/v1/connections/prod/check')
  expect(check.body).toMatchObject({ ok: true, servers: { ecs: 1005 } })
  const run = await told(async () => {
    const made = await ask('POST', '/v1/runs', { policyId: 'nightly' })
    expect(made).toMatchObject({ status: 202, body: { status: 'pending', actor: 'local' } })
  })
  const summary = {
    matched: 1005,
    targets: 1002,
    skipped: 3,
    stopped: 1001,
    started: 0,
    failed: 1,
    unconfirmed: 0,
  }
  expect(run).toMatchObject({ status: 'partial', summary })
  expect((await ask('GET', `/v1/runs/${run.id}`)).body).toMatchObject({ status: 'partial', summary })
  const failed = await ask('GET', `/v1/runs/${run.id}/servers?status=failed`)
  expect(failed.body.items).toMatchObject([{ name: 'dev-4', code: 'locked' }])
  expect(simulator.servers().filter(({ status }) => status === 'SHUTOFF')).toHaveLength(1002)
})

test('a call by EventBridge Scheduler makes the runs that are due, and they are carried out', async () => {
  const dueAt = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString()
  await curfew.makeDue('nightly', dueAt)
  curfew.simulator.change(SERVERS[9]!.id!, { status: 'ACTIVE' })
  const run = await told(() => curfew.lambdas.tick.invoke(schedulerEvent(dueAt)))
  expect(run).toMatchObject({ policyId: 'nightly', trigger: 'schedule', dueAt })
  expect(curfew.simulator.server(SERVERS[9]!.id!)?.status).toBe('SHUTOFF')
  const late = curfew.lambdas.tick.lines.flatMap(line => JSON.parse(line).TickLatenessMs ?? [])
  expect(late.at(-1)).toBeGreaterThanOrEqual(0)
})

test('a request by API Gateway knows who signed it', async () => {
  const body = { policyId: 'nightly', dryRun: true }
  const request = httpEvent({ method: 'POST', path: '/v1/runs', body, userArn: ADA })
  const run = await told(async () => {
    const made = await curfew.lambdas.http.invoke(request)
    expect(made).toMatchObject({ statusCode: 202, headers: { 'content-type': 'application/json' } })
  })
  expect(run).toMatchObject({ actor: ADA, dryRun: true, status: 'succeeded' })
})

test('an open request by API Gateway is answered without anybody', async () => {
  const health = await curfew.lambdas.http.invoke(httpEvent({ method: 'GET', path: '/v1/health' }))
  const { statusCode, body } = health as { statusCode: number; body: string }
  expect({ statusCode, body: JSON.parse(body) }).toMatchObject({ statusCode: 200, body: { ok: true } })
})

test('the console is in the archive: its page, and each file that the page names', async () => {
  const page = await (await fetch(curfew.url)).text()
  const names = [...page.matchAll(/(?:src|href)="(\/console\/[^"]+)"/g)].map(([, name]) => name!)
  expect(names.map(name => extname(name)).toSorted()).toEqual(['.css', '.js', '.svg'])
  for (const name of names) {
    const file = await fetch(`${curfew.url}${name}`)
    expect([name, file.status, file.headers.get('content-encoding')]).toEqual([name, 200, 'gzip'])
    expect((await file.text()).length).toBeGreaterThan(100)
  }
})

test('a key in Parameter Store is read, and one that is not there is told by its name', async () => {
  const { ask, aws } = curfew
  const { body: prod } = await ask('GET', '/v1/connections/prod')
  const { id: _, ...connection } = prod
  const credentials = { source: 'parameterStore', name: 'curfew/param' }
  expect((await ask('PUT', '/v1/connections/param', { ...connection, credentials })).status).toBe(201)
  const missing = await ask('POST', '/v1/connections/param/check')
  const reason = expect.stringContaining('secret "curfew/param" of Parameter Store: ParameterNotFound')
  expect(missing.body).toMatchObject({ ok: false, reason })
  aws.parameters.set('/curfew/param', JSON.stringify(KEY))
  const found = await ask('POST', '/v1/connections/param/check')
  expect(found.body).toMatchObject({ ok: true, servers: { ecs: 1005 } })
})

test.each(['plan', 'stop', 'follow', 'notify'] as const)(
  '%s gives back the messages that nobody can read, and no other',
  async name => {
    const known =
      name === 'plan' || name === 'notify'
        ? { runIds: ['gone'] }
        : { runId: 'gone', planning: 1, number: 0, attempt: 0 }
    const event = sqsEvent(name, 'no JSON', JSON.stringify(known), '{"other":true}')
    const answer = await curfew.lambdas[name].invoke(event)
    const failed = [event.Records[0]!, event.Records[2]!].map(({ messageId }) => ({
      itemIdentifier: messageId,
    }))
    expect(answer).toEqual({ batchItemFailures: failed })
  },
)

test('whatever the functions write is JSON, a line each: Lambda puts nothing before it', () => {
  const lines = curfew.lines()
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) expect(() => JSON.parse(line), line).not.toThrow()
  expect(lines.some(line => '_aws' in JSON.parse(line))).toBe(true)
})

test('no secret is in what the functions write', () => {
  for (const secret of Object.values(KEY)) expect(curfew.lines().join('\n')).not.toContain(secret)
})
