import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Fault } from '../../infra/simulator/index.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import { isEnded } from '../../lib/core/model/run.ts'
import { aChange, at, START } from '../makers.ts'
import { denyInvalidHosts } from '../resolver.ts'
import { createWorld, fleet, KEY, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const HOUR_MS = 3_600_000
const FAST = { CLOUD_TIMEOUT_MS: '300' }

async function oneRun(faults: Fault[], switches = {}) {
  world = await createWorld({ servers: fleet(4), environment: FAST, switches })
  await world.connection()
  const policy = await world.policy({ nextDueAt: null })
  world.simulator.switches.faults.push(...faults)
  const [run] = await world.ended([await world.manualRun(policy)])
  return { run: run!, outcomes: [...(await world.outcomes(run!)).values()] }
}
const codes = (outcomes: { status: string; code: string }[]): string[] =>
  [...new Set(outcomes.map(({ status, code }) => `${status} ${code}`))].sort()
const asked = (): string[] =>
  world.simulator.stops().map(({ stop, status }) => `${stop.ids.length} ${status}`)

describe('a stop request meets a fault', () => {
  const stop = { route: 'stop' as const }
  const notDone: Fault['kind'][] = ['throttle429', 'flow202', 'busy503']
  test.each(notDone)('%s: nothing was done, it is asked again later, and all are stopped', async kind => {
    const { run, outcomes } = await oneRun([{ match: stop, times: 3, kind }])
    expect(run.status).toBe('succeeded')
    expect(codes(outcomes)).toEqual(['stopped stopped'])
    expect(asked()).toHaveLength(4)
  })

  const done: Fault['kind'][] = ['resetAfter', 'hangAfter', 'wrongJson']
  test.each(done)(
    '%s: it was carried out and the answer is lost; nobody asks again, the servers tell',
    async kind => {
      const { run, outcomes } = await oneRun([{ match: stop, times: 1, kind }])
      expect(run.status).toBe('succeeded')
      expect(codes(outcomes)).toEqual(['stopped answer-lost'])
      expect(asked()).toHaveLength(1)
    },
  )

  const unclear: Fault['kind'][] = ['resetBefore', 'hangBefore', 'html502']
  test.each(unclear)(
    '%s: it may have been carried out and was not; the servers tell, and it is asked again',
    async kind => {
      const { run, outcomes } = await oneRun([{ match: stop, times: 1, kind }])
      expect(run.status).toBe('succeeded')
      expect(codes(outcomes)).toEqual(['stopped stopped'])
      expect(asked()).toHaveLength(2)
    },
  )

  test('throttled without end: the targets are given up as failed, with the reason', async () => {
    const { run, outcomes } = await oneRun([{ match: stop, times: 1000, kind: 'throttle429' }])
    expect(run.status).toBe('failed')
    expect(codes(outcomes)).toEqual(['failed throttled'])
    expect(outcomes[0]!.reason).toContain('APIGW.0308')
    expect(asked().length).toBeLessThanOrEqual(13)
  })

  test('refused for good: failed at once, with the code of the cloud', async () => {
    const body = { error: { code: 'Ecs.0003', message: 'the account is restricted' } }
    const { run, outcomes } = await oneRun([{ match: stop, times: 1, kind: 'status', status: 403, body }])
    expect(codes(outcomes)).toEqual(['failed refused'])
    expect(outcomes[0]!.reason).toContain('Ecs.0003')
    expect(run.status).toBe('failed')
    expect(asked()).toHaveLength(1)
  })
})

describe('reading meets a fault', () => {
  const kinds: Fault['kind'][] = ['throttle429', 'busy503', 'html502', 'resetBefore', 'wrongJson']
  test.each(kinds)(
    '%s while jobs and servers are read is read again, and costs no second stop',
    async kind => {
      const { run } = await oneRun([
        { match: { route: 'job' }, times: 2, kind },
        { match: { route: 'list' }, times: 2, kind },
      ])
      expect(run.status).toBe('succeeded')
      expect(asked()).toHaveLength(1)
    },
  )

  test('a host that does not exist ends the run failed, and says what to look at', async () => {
    world = await createWorld({ environment: { ALLOWED_ENDPOINT_HOSTS: '*.invalid' } })
    denyInvalidHosts()
    const origin = 'https://ecs.cn-nort-4.invalid'
    await world.connection({ region: 'cn-nort-4', endpoints: { ecs: origin, bms: origin } })
    const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
    expect(run?.status).toBe('failed')
    expect(run?.reason).toMatch(
      /ecs\.cn-nort-4\.invalid.* No such host: check `region`, or name `endpoints`\./,
    )
  })

  test('a cloud that cannot be listed for hours ends the run failed, with the cause', async () => {
    const { run } = await oneRun([{ match: { route: 'list' }, times: 100_000, kind: 'busy503' }])
    expect(run.status).toBe('failed')
    expect(run.reason).toContain('Common.1503')
    expect(asked()).toEqual([])
  })

  test('servers that cannot be read until the deadline are unconfirmed, not stopped', async () => {
    world = await createWorld({ servers: fleet(4), environment: FAST })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    world.simulator.switches.faults.push({ match: {}, times: 100_000, kind: 'busy503' })
    const [run] = await world.ended([runId])
    expect(run!.status).toBe('failed')
    expect(run!.summary).toMatchObject({ stopped: 0, unconfirmed: 4 })
    expect(codes([...(await world.outcomes(run!)).values()])).toEqual(['unconfirmed not-learnt'])
  })
})

describe('a connection is deleted while servers of a run on it are followed', () => {
  async function deleted() {
    world = await createWorld({ servers: fleet(4) })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    await world.store.removeConnection('prod', { version: 1 }, aChange({ what: 'deleted' }))
    await world.pass(5)
    return runId
  }

  test('what became of them is unconfirmed after five minutes, and says why', async () => {
    const runId = await deleted()
    const [run] = await world.ended([runId], 1)
    expect(run!.summary).toMatchObject({ stopped: 0, unconfirmed: 4 })
    const [{ code, reason }] = [...(await world.outcomes(run!)).values()] as [Outcome]
    expect([code, reason]).toEqual([
      'not-learnt',
      'connection prod was deleted after the request, so nobody can look what became of it',
    ])
  })

  test('made again in that time, they are seen off as ever', async () => {
    const runId = await deleted()
    await world.connection()
    const [run] = await world.ended([runId], 1)
    expect(run!.summary).toMatchObject({ stopped: 4, unconfirmed: 0 })
  })
})

test('a connection that cannot be read holds nobody else up, and its servers are looked at again later', async () => {
  world = await createWorld({ servers: fleet(4) })
  const ids: string[] = []
  for (const id of ['prod', 'lab']) {
    await world.connection({ id })
    const policy = await world.policy({ id, connection: id, selector: { name: `dev-${ids.length}` } })
    ids.push(await world.manualRun(policy))
  }
  await world.runner.drain()
  const lab = await world.damageConnection('lab')
  const [run] = await world.ended(ids.slice(0, 1))
  expect(run!.summary).toMatchObject({ stopped: 1 })
  expect((await world.store.run(ids[1]!))!.status).toBe('running')
  await world.store.saveConnection(lab, lab.version, aChange())
  const [late] = await world.ended(ids.slice(1))
  expect(late!.summary).toMatchObject({ stopped: 1 })
})

describe('the key is refused', () => {
  test('from the start: the run ends failed with the reason, other connections are not touched, the key is left alone', async () => {
    world = await createWorld({
      servers: fleet(4),
      environment: { BAD_HUAWEICLOUD_SDK_AK: KEY.accessKey, BAD_HUAWEICLOUD_SDK_SK: 'not-the-secret-at-all' },
    })
    await world.connection()
    await world.connection({ id: 'bad', credentials: { source: 'environment', name: 'BAD_' } })
    const ids: string[] = []
    for (let number = 0; number < 3; number++)
      ids.push(
        await world.manualRun(await world.policy({ id: `p${number}`, connection: 'bad', nextDueAt: null })),
      )
    const runs = await world.ended(ids)
    expect(runs.map(run => run.status)).toEqual(['failed', 'failed', 'failed'])
    expect(runs[0]!.reason).toMatch(/401/)
    const refusedCalls = world.simulator.ledger.filter(({ status }) => status === 401)
    expect(refusedCalls).toHaveLength(1)
    const [other] = await world.ended([
      await world.manualRun(await world.policy({ id: 'good', nextDueAt: null })),
    ])
    expect(other!.status).toBe('succeeded')
  })

  test('withdrawn while jobs run: two bad signatures a run at most, and the outcomes say why', async () => {
    world = await createWorld({ servers: fleet(5) })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    world.simulator.keys[0] = { ...KEY, secretKey: 'rotated-at-the-cloud-and-not-here' }
    const [run] = await world.ended([runId])
    expect(run!.status).toBe('failed')
    const outcomes = [...(await world.outcomes(run!)).values()]
    expect(codes(outcomes)).toEqual(['unconfirmed credentials'])
    expect(world.simulator.ledger.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(2)
  })

  test('and given back within five minutes: the run goes on and ends right', async () => {
    world = await createWorld({ servers: fleet(5) })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.runner.drain()
    world.simulator.keys[0] = { ...KEY, secretKey: 'wrong-for-a-while' }
    await world.pass(2)
    world.simulator.keys[0] = KEY
    const [run] = await world.ended([runId])
    expect(run!.status).toBe('succeeded')
  })
})

describe('what cannot be read', () => {
  test('a damaged policy, run or chunk never stops the others, and is given up or left with an error', async () => {
    world = await createWorld({ servers: fleet(4) })
    await world.connection()
    await world.policy({ id: 'broken', nextDueAt: at(START) })
    await world.policy({ id: 'whole', nextDueAt: at(START) })
    const put = world.dynamo
    const { PutCommand, DynamoDBDocumentClient } = await import('@aws-sdk/lib-dynamodb')
    const documents = DynamoDBDocumentClient.from(put)
    const due = { dueKey: 'due', dueAt: at(START) }
    await documents.send(
      new PutCommand({
        TableName: 'curfew',
        Item: { pk: 'POLICY#broken', sk: 'POLICY', ...due, doc: { version: 1 } },
      }),
    )
    await documents.send(
      new PutCommand({
        TableName: 'curfew',
        Item: { pk: 'RUN#broken', sk: 'HEAD', ...due, doc: { nothing: 'of a run' } },
      }),
    )
    await world.pass(3)
    const { items } = await world.store.runs({ policyId: 'whole', most: 5 })
    expect(items.map(run => run.status)).toEqual(['succeeded'])
  })

  test('a run whose policy item is damaged is given up after a bounded number of tries, with its reason', async () => {
    world = await createWorld({ servers: fleet(4) })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    const { DeleteCommand, DynamoDBDocumentClient } = await import('@aws-sdk/lib-dynamodb')
    const Key = { pk: `RUN#${runId}`, sk: 'POLICY' }
    await DynamoDBDocumentClient.from(world.dynamo).send(new DeleteCommand({ TableName: 'curfew', Key }))
    const [run] = await world.ended([runId])
    expect(run!.status).toBe('failed')
    expect(run!.reason).toContain('10 tries')
    expect(world.simulator.stops()).toEqual([])
  })

  test('a message that is no message of ours ends among the dead letters', async () => {
    world = await createWorld({ servers: fleet(1) })
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs')
    await world.sqs.send(
      new SendMessageCommand({ QueueUrl: world.queues.urls.stop, MessageBody: '{"old":"form"}' }),
    )
    await world.pass(5)
    expect(world.queues.inspect('stop').dead).toEqual(['{"old":"form"}'])
  })
})

test('a laptop that slept through the night stops nothing in the morning that is past its deadlines', async () => {
  world = await createWorld({ servers: fleet(6) })
  await world.connection({ maxServersPerMinute: { ecs: 2, bms: null } })
  const schedule = { cron: '0 13 21 11 *', timeZone: 'UTC' }
  await world.policy({ schedule, nextDueAt: at(START + 60_000) })
  await world.policy({ id: 'asleep', schedule, nextDueAt: at(START + HOUR_MS) })
  await world.pass(2)
  const sent = world.simulator.stops().length
  expect(sent).toBeGreaterThan(0)
  vi.setSystemTime(START + 10 * HOUR_MS)
  await world.pass(30)
  expect(world.simulator.stops()).toHaveLength(sent)
  const began = (await world.store.runs({ policyId: 'nightly-dev', most: 5 })).items.at(-1)
  expect(isEnded(began!)).toBe(true)
  expect(began!.reason).toMatch(/not sent within 240 minutes/)
  const [slept] = (await world.store.runs({ policyId: 'asleep', most: 5 })).items
  expect(slept!.status).toBe('missed')
})
