/** What roles allow is what functions do: nothing is missing, nothing more is there. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type FunctionName, STEPS } from '../../infra/local/templates.ts'
import { httpHandler } from '../../lib/http/handler.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { httpEvent } from '../bundle/events.ts'
import { aCalendar, anEvent } from '../core/calendar/programs.ts'
import { chance } from '../flow/chance.ts'
import { createWorld, fleet, KEY, type World, type WorldOptions } from '../flow/world.ts'
import { connectionBody } from '../http/world.ts'
import { aChannel, aPolicyBody, at, START } from '../makers.ts'
import { granted } from './granted.ts'
import { FUNCTIONS, idOf, type Packaged, packaged } from './packaged.ts'
import { createRecorder } from './recorder.ts'

const MINUTE_MS = 60_000
const recorder = createRecorder()

/** A world whose key lies in a secret, watched. */
async function watched(
  source: 'secretsManager' | 'parameterStore',
  options: WorldOptions,
  live: (world: World) => Promise<void>,
  maxServersPerMinute = { ecs: null as number | null, bms: null },
): Promise<void> {
  const world = await createWorld({
    ...options,
    environment: { ALLOWED_ENDPOINT_HOSTS: '127.0.0.1' },
    addressProblem: () => null,
    deaths: recorder.watch,
  })
  recorder.aws = world.aws
  world.aws.secrets.set('curfew/key', JSON.stringify(KEY))
  world.aws.secrets.set('curfew/hook', 'secret')
  world.aws.parameters.set('/curfew/key', JSON.stringify(KEY))
  await world.connection({ credentials: { source, name: 'curfew/key' }, maxServersPerMinute })
  await live(world)
  await world.close()
}

/** A channel whose secret lies where that of the connection does. */
async function tellOps(world: World): Promise<void> {
  const secret = { url: 'https://localhost:9/', signingKey: 'key' }
  world.aws.secrets.set('curfew/channel', JSON.stringify(secret))
  world.aws.parameters.set('/curfew/channel', JSON.stringify(secret))
  const { credentials } = (await world.store.connection('prod'))!
  await world.store.saveChannel(aChannel({ credentials: { ...credentials, name: 'curfew/channel' } }), null)
}

/** Ends of every kind, told by event and webhook; a hard stop; a look an hour later. */
async function nights(world: World): Promise<void> {
  const webhook = { url: 'https://localhost:9/', secretName: 'curfew/hook' }
  await tellOps(world)
  const notify = [{ channel: 'ops', on: ['escalated', 'succeeded', 'partial', 'failed'] }]
  const policy = await world.policy({ escalateAfterMinutes: 5, webhook, notify })
  const late = { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 1 }
  await world.policy({ id: 'late', schedule: late, nextDueAt: at(Date.now() - 60 * MINUTE_MS) })
  await world.policy({ id: 'blocked', limits: { maxServers: 1 } })
  await world.policy({ id: 'empty', selector: { tags: { env: ['gone'] } } })
  await world.pass(90)
  const run = await world.manualRun(policy, { cancel: { at: at(Date.now()), actor: 'me', reason: 'no' } })
  await world.ended([run])
}

/**
 * A morning after a night of which people are warned, wherever a pattern leads: a start heeds what other policies keep off, once more where
 * it had to wait for room or for its turn.
 */
async function mornings(world: World): Promise<void> {
  const [waiting] = world.simulator.servers()
  const capacity = { refuses: [waiting!.id], as: 'request-0319' as const, untilMs: START + 64 * MINUTE_MS }
  world.simulator.switches.capacity = capacity
  await tellOps(world)
  await world.policy({
    connections: ['pr*'],
    schedule: { cron: '31 12 * * *', timeZone: 'UTC' },
    warn: { minutesBefore: 30 },
    notify: [{ channel: 'ops', on: ['warning'] }],
    start: { cron: '1 13 * * *' },
    nextWarnAt: at(START + MINUTE_MS),
    nextDueAt: at(START + 31 * MINUTE_MS),
    nextStartDueAt: at(START + 61 * MINUTE_MS),
  })
  await world.pass(90)
  const { items } = await world.store.runs({ policyId: 'nightly-dev', most: 9 })
  expect(items.map(({ action, status }) => [action, status])).toEqual([
    ['start', 'succeeded'],
    ['stop', 'succeeded'],
  ])
}

/** A run that is cancelled while its second chunk waits for its turn: stop itself ends it. */
async function cancelled(world: World): Promise<void> {
  for (const { id } of world.simulator.servers()) world.simulator.change(id, { status: 'ACTIVE' })
  await world.connection({ id: 'slow', maxServersPerMinute: { ecs: 2, bms: null } })
  const id = await world.manualRun(await world.policy({ id: 'slow', connection: 'slow', nextDueAt: null }))
  await world.pass(1)
  const run = (await world.store.run(id))!
  await world.store.cancelRun(run, { at: at(Date.now()), actor: 'me', reason: 'no' })
  await world.ended([id])
}

/** A clock that ran ahead, set right. */
async function setRight(world: World): Promise<void> {
  await world.policy({ nextDueAt: at(Date.now() + 48 * 60 * MINUTE_MS) })
  await world.store.noteTime(at(Date.now() + 24 * 60 * MINUTE_MS))
  await world.pass(1)
}

/** Queues that lose two messages of three: ticks make good. */
async function lossy(world: World): Promise<void> {
  const policy = await world.policy({ nextDueAt: null, selector: { all: true } })
  const runs = await Promise.all(Array.from({ length: 6 }, () => world.manualRun(policy)))
  await world.ended(runs)
}

const asked: string[] = []
async function requests(world: World): Promise<void> {
  const handler = httpHandler(ROUTES, () => world.services)
  const ask = (method: string, path: string, body?: object) =>
    recorder.as('http', async () => {
      asked.push(`${method} ${path.split('?')[0]}`)
      const event = httpEvent({ method, path, userArn: 'me', ...(body ? { body } : {}) })
      const { statusCode = 0, body: text } = await handler(event as never, {} as never)
      if (statusCode < 200 || statusCode > 299) throw new Error(`${method} ${path}: ${statusCode} ${text}`)
      return text?.startsWith('{') ? JSON.parse(text) : {}
    })
  const { url } = world.simulator
  const endpoints = { ecs: url, bms: url, bss: url, iam: url, as: url }
  const of = (source: string) => connectionBody({ endpoints, credentials: { source, name: 'curfew/key' } })
  await ask('PUT', '/v1/connections/a', of('secretsManager'))
  await ask('PUT', '/v1/connections/b', of('parameterStore'))
  // A key that is not there rings an alarm.
  const missing = { source: 'secretsManager', name: 'curfew/none' }
  await ask('PUT', '/v1/connections/none', connectionBody({ endpoints, credentials: missing }))
  await ask('POST', '/v1/connections/none/check', {})
  await ask('DELETE', '/v1/connections/none')
  const { api, credentials } = of('secretsManager')
  await ask('POST', '/v1/connections/discover', { api, endpoints, credentials })
  const channel = { type: 'webhook', credentials: { source: 'secretsManager', name: 'curfew/channel' } }
  await ask('PUT', '/v1/channels/ops', channel)
  await ask('POST', '/v1/channels/ops/test')
  await ask('PUT', '/v1/calendars/c', { ics: aCalendar(...anEvent('DTSTART;VALUE=DATE:20270101')) })
  const schedule = { cron: '0 20 * * *', timeZone: 'UTC', calendars: [{ id: 'c', effect: 'skip' }] }
  await ask('PUT', '/v1/policies/p', aPolicyBody({ id: 'p', connection: 'a', schedule }))
  await ask('POST', '/v1/calendars/c/refresh', {})
  for (const path of ['/v1/connections/a/check', '/v1/connections/b/check', '/v1/policies/p/preview'])
    await ask('POST', path, {})
  await ask('POST', '/v1/preview', aPolicyBody({ id: 'p', connection: 'b' }))
  const until = at(Date.now() + 60 * MINUTE_MS)
  await ask('POST', '/v1/policies/p/snooze', { until, reason: 'release' })
  await ask('DELETE', '/v1/policies/p/snooze')
  const { dueTimes } = await ask('POST', '/v1/policies/p/preview', {})
  await ask('POST', '/v1/policies/p/delay', { dueAt: dueTimes[1].at, minutes: 60, reason: 'release' })
  const server = `/v1/servers/${fleet(1)[0]!.id}`
  await ask('POST', `${server}/snooze`, { connection: 'a', until, reason: 'release' })
  await ask('DELETE', `${server}/snooze?connection=a`)
  for (const path of ['/v1/servers', '/v1/coverage', `${server}/changes?connection=a`]) await ask('GET', path)
  for (const path of ['', '/lines', '/reconcile?month=2026-11&connection=a'])
    await ask('GET', `/v1/savings${path}`)
  const { id: feed, url: feedUrl } = await ask('POST', '/v1/feeds', {})
  for (const path of ['/v1/feeds', new URL(feedUrl).pathname]) await ask('GET', path)
  await ask('DELETE', `/v1/feeds/${feed}`)
  await ask('PUT', '/v1/settings', { stopsEnabled: true })
  const { id } = await ask('POST', '/v1/runs', { policyId: 'p' })
  await ask('POST', `/v1/runs/${id}/cancel`, {})
  await world.ended([id])
  const { id: mistaken } = await ask('POST', '/v1/runs', { policyId: 'p' })
  const { id: undo } = await ask('POST', `/v1/runs/${mistaken}/undo`, {})
  await world.ended([mistaken, undo])
  const reads = [
    'connections',
    'connections/a',
    'connections/a/changes',
    'policies',
    'policies/p',
    'settings',
  ]
  const more = ['policies/p/changes', `policies/p/servers/${fleet(1)[0]!.id}`, 'settings/changes', 'health']
  const rest = [
    'runs',
    `runs/${id}`,
    `runs/${id}/servers`,
    'openapi.json',
    'schemas/policy.json',
    'now',
    'week',
    'channels',
    'channels/ops',
    'channels/ops/changes',
  ]
  for (const path of [...reads, ...more, ...rest]) await ask('GET', `/v1/${path}`)
  for (const path of ['/livez', '/readyz']) await ask('GET', path)
  await ask('GET', '/docs')
  for (const path of ['calendars', 'calendars/c', 'calendars/c/changes']) await ask('GET', `/v1/${path}`)
  await ask('DELETE', '/v1/policies/p')
  await ask('DELETE', '/v1/calendars/c')
  const documents = ['/v1/connections/a', '/v1/connections/b', '/v1/channels/ops']
  for (const path of documents) await ask('DELETE', path)
}

const SERVERS = fleet(4)
let stack: Packaged
beforeAll(async () => {
  const switches = { softHangs: [SERVERS[0]!.id!], hardDuringSoft: 'taken' } as const
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  for (const source of ['secretsManager', 'parameterStore'] as const) {
    await watched(source, { servers: SERVERS, switches }, nights)
    await watched(source, { servers: SERVERS }, cancelled)
    await watched(source, { servers: SERVERS }, mornings, { ecs: 2, bms: null })
  }
  const random = chance(20261121)
  const deliver: WorldOptions['deliver'] = messages => messages.filter(() => random() < 1 / 3)
  await watched('secretsManager', { servers: SERVERS, deliver }, lossy)
  await watched('secretsManager', { servers: SERVERS }, setRight)
  await watched('secretsManager', { servers: SERVERS }, requests)
  stack = await packaged()
})

/** What Lambda itself does in the name of a function: write its log, and take its messages. */
function byLambda(name: FunctionName): string[] {
  const log = ['logs:CreateLogStream', 'logs:PutLogEvents'].map(
    action => `${action} ${idOf(name, 'LogGroup')}.Arn`,
  )
  const receive = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
  const isQueued = STEPS.some(step => step === name)
  return [...log, ...(isQueued ? receive.map(action => `${action} ${idOf(name, 'Queue')}.Arn`) : [])]
}

describe.each(FUNCTIONS)('the role of %s', name => {
  test('allows what the function did in the scenarios, and no more', () => {
    const did = new Set([...(recorder.calls.get(name) ?? []), ...byLambda(name)])
    expect([...granted(stack, idOf(name, 'Role'))].toSorted()).toEqual([...did].toSorted())
  })
})

test.each(ROUTES.map(({ method, path }) => `${method} ${path}`))('the scenarios ask %s', route => {
  const pattern = new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`)
  expect(asked.some(one => pattern.test(one))).toBe(true)
})
