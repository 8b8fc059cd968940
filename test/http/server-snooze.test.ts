import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { aChange, at, START } from '../makers.ts'
import { type HttpWorld, openWorld, policyBody, restoreEach, type Shown } from './world.ts'

const ID = '00000000-0000-4000-8000-000000000001'
const UNTIL = '2026-11-22T09:00:00.000Z'
const PATH = `/v1/servers/${ID}/snooze`

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({ servers: [{ kind: 'ecs', id: ID, name: 'web-1' }] })
  await world.connection()
  await world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night' }) })
})
restoreEach(() => world)

const snooze = (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  world.ask('POST', PATH, { body: { connection: 'prod', until: UNTIL, reason: 'release', ...more }, headers })
const end = (connection = 'prod') => world.ask('DELETE', PATH, { query: { connection } })
const changes = () => world.all(`/v1/servers/${ID}/changes`, { connection: 'prod' })
const server = async (): Promise<Shown> => (await world.ask('GET', '/v1/servers')).body.items[0]!

describe('a server is snoozed', () => {
  test('until an instant, which may carry an offset, and answered with who said so', async () => {
    const { status, body, headers } = await snooze({ until: '2026-11-22T17:00:00+08:00' })
    expect(status).toBe(200)
    expect(body).toEqual({
      serverId: ID,
      connection: 'prod',
      version: 1,
      snoozedUntil: UNTIL,
      snoozeReason: 'release',
      snoozedBy: 'tester',
    })
    expect(headers.etag).toBe('"1"')
  })

  test('by way of every connection to its project, and no longer by any once that ends', async () => {
    await world.connection({ id: 'beside' })
    await world.connection({ id: 'elsewhere', projectId: 'f'.repeat(32) })
    const snoozed = async () => {
      const kept = ['prod', 'beside', 'elsewhere'].map(id => world.store.serverSnoozes(id))
      return (await Promise.all(kept)).map(({ size }) => size)
    }
    await snooze()
    expect(await snoozed()).toEqual([1, 1, 0])
    await end('beside')
    expect(await snoozed()).toEqual([0, 0, 0])
  })

  test('and is so in the list of servers, in the why and in the preview', async () => {
    await snooze()
    const reason = `snoozed until ${UNTIL} by tester: release`
    expect(await server()).toMatchObject({
      snoozedUntil: UNTIL,
      snoozeReason: reason,
      protected: false,
      nextStopAt: '2026-11-22T20:00:00.000Z',
    })
    const { body: why } = await world.ask('GET', `/v1/policies/night/servers/${ID}`)
    expect(why).toMatchObject({
      wouldStop: false,
      code: 'snoozed',
      reason,
      nextStopAt: '2026-11-22T20:00:00.000Z',
    })
    const { body: preview } = await world.ask('POST', '/v1/policies/night/preview')
    expect(preview).toMatchObject({
      summary: { matched: 1, targets: 0, skipped: 1 },
      skipped: [{ serverId: ID, code: 'snoozed', reason }],
    })
    const { body: start } = await world.ask('POST', '/v1/policies/night/preview?action=start')
    expect(start.skipped).not.toContainEqual(expect.objectContaining({ code: 'snoozed' }))
  })

  test('in the overlap of two policies it counts all the same: it will be stopped by both', async () => {
    await world.ask('PUT', '/v1/policies/other', { body: policyBody({ id: 'other' }) })
    await snooze()
    const { body } = await world.ask('POST', '/v1/policies/night/preview')
    expect((body.warnings as unknown as Shown[]).map(({ code }) => code)).toContain('overlap')
  })

  test('once, however often it is said; another end or reason is another version', async () => {
    await snooze()
    expect((await snooze()).body.version).toBe(1)
    expect((await snooze({ reason: 'later' })).body.version).toBe(2)
    expect((await changes()).map(({ what, version }) => `${what} ${version}`)).toEqual([
      'snoozed 2',
      'snoozed 1',
    ])
  })

  test('or not, with a 412, by an edit of an older version', async () => {
    await snooze()
    await snooze({ reason: 'later' })
    expect((await snooze({ reason: 'mine' }, { 'if-match': '"1"' })).status).toBe(412)
  })

  test('by two at this very moment: both count, one after the other', async () => {
    const replies = await Promise.all(['a', 'b', 'c'].map(reason => snooze({ reason })))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await changes()).toHaveLength(3)
  })
})

describe('what is not allowed is refused', () => {
  test.each([
    ['a time that is past', { until: '2026-11-21T11:59:59Z' }, 422, 'until'],
    ['more than thirty days', { until: '2026-12-21T12:00:01Z' }, 422, 'until'],
    ['no instant', { until: 'tomorrow' }, 422, 'until'],
    ['no reason', { reason: '' }, 422, 'reason'],
    ['no connection', { connection: undefined }, 422, 'connection'],
    ['a connection that is not there', { connection: 'nowhere' }, 404, 'id'],
    ['a field that is not known', { forever: true }, 422, 'forever'],
  ])('%s', async (_, more, status, path) => {
    const reply = await snooze(more)
    expect(reply.status).toBe(status)
    expect(reply.body.errors[0]).toMatchObject({ path })
  })

  test('a server that the cloud does not know', async () => {
    const body = { connection: 'prod', until: UNTIL, reason: 'x' }
    expect((await world.ask('POST', '/v1/servers/nobody/snooze', { body })).status).toBe(404)
    expect((await world.ask('DELETE', PATH)).status).toBe(422)
  })

  test('but not where the cloud cannot be asked: what is not known may be there', async () => {
    const keys = world.simulator.keys.splice(0)
    expect((await snooze()).status).toBe(200)
    world.simulator.keys.push(...keys)
  })
})

describe('it ends', () => {
  test('by a DELETE, which may be sent twice, and stays in the changes', async () => {
    await snooze()
    const ended = { snoozedUntil: null, snoozeReason: null, snoozedBy: null, version: null }
    expect((await end()).body).toMatchObject(ended)
    expect((await end()).body).toMatchObject(ended)
    expect(await server()).toMatchObject({ snoozedUntil: null, nextStopAt: '2026-11-21T20:00:00.000Z' })
    const [last, first] = await changes()
    expect(last).toMatchObject({ what: 'snooze-ended', actor: 'tester', version: 1 })
    expect(first).toMatchObject({
      what: 'snoozed',
      fields: [
        { path: 'snoozedUntil', after: UNTIL },
        { path: 'snoozeReason', after: 'release' },
      ],
    })
  })

  test('by itself, and a new one is a new version', async () => {
    await snooze()
    vi.setSystemTime(Date.parse(UNTIL))
    expect(await server()).toMatchObject({ snoozedUntil: null })
    expect((await snooze({ until: '2026-11-23T00:00:00Z' })).body.version).toBe(2)
  })

  test('and leaves nothing that a planning would read, while its changes stay in order', async () => {
    await snooze()
    await end()
    await snooze({ reason: 'again' })
    await end()
    expect(await world.store.serverSnoozes('prod')).toEqual(new Map())
    expect((await changes()).map(({ what }) => what)).toEqual([
      'snooze-ended',
      'snoozed',
      'snooze-ended',
      'snoozed',
    ])
  })
})

test('what is stored and cannot be read is no failure: the server is left, and a DELETE or a POST mends it', async () => {
  await snooze()
  const client = DynamoDBDocumentClient.from(world.dynamo)
  const damage = () =>
    client.send(
      new UpdateCommand({
        TableName: world.table.tableName,
        Key: { pk: 'SNOOZED#prod', sk: `SERVER#${ID}` },
        UpdateExpression: 'SET doc = :v',
        ExpressionAttributeValues: { ':v': { until: 'soon' } },
      }),
    )
  await damage()
  expect(await server()).toMatchObject({
    protected: true,
    nextStopAt: null,
    protectedBecause: expect.stringContaining('cannot be read'),
  })
  const { status, body } = await world.ask('GET', `/v1/policies/night/servers/${ID}`)
  expect({ status, code: body.code }).toEqual({ status: 200, code: 'unreadable' })
  expect((await end()).status).toBe(200)
  expect(await server()).toMatchObject({ protected: false })
  await snooze()
  await damage()
  expect((await snooze()).body).toMatchObject({ snoozedUntil: UNTIL, version: 1 })
  expect(await server()).toMatchObject({ snoozedUntil: UNTIL })
})

describe('a crash', () => {
  const made = { until: UNTIL, reason: 'release', actor: 'ann', at: at(START), version: 1 }
  const of = { connection: 'prod', serverId: ID }
  const change = aChange({ what: 'snoozed', fields: [] })

  /** Saves while the nth write to the table, and each after it, fails. */
  async function dyingAt(nth: number, save: () => Promise<unknown>): Promise<void> {
    let writes = 0
    world.dynamo.middlewareStack.add(
      (next, { commandName }) =>
        async args => {
          if (/Put|Update|Delete/.test(commandName ?? '') && ++writes >= nth) throw new Error('died')
          return next(args)
        },
      { step: 'initialize', name: 'death' },
    )
    await save().catch(() => undefined)
    world.dynamo.middlewareStack.remove('death')
  }

  test.each([1, 2, 3, 4])(
    'at write %i leaves all or nothing, each change once, and a repetition mends it',
    async nth => {
      await dyingAt(nth, () =>
        world.store.saveServerSnooze(of, { snooze: made, replaces: undefined }, change),
      )
      const isMade = (await world.store.serverSnoozes('prod')).has(ID)
      expect(await changes()).toHaveLength(isMade ? 1 : 0)
      await snooze({ reason: 'release' })
      expect((await world.store.serverSnoozes('prod')).get(ID)).toMatchObject({ until: UNTIL })
      expect(await changes()).toHaveLength(1)
      await dyingAt(nth, () =>
        world.store.saveServerSnooze(
          of,
          { snooze: undefined, replaces: { ...made, version: 1 } },
          aChange({ what: 'snooze-ended', at: at(START + 1) }),
        ),
      )
      const isEnded = !(await world.store.serverSnoozes('prod')).has(ID)
      expect(await changes()).toHaveLength(isEnded ? 2 : 1)
      await end()
      expect((await world.store.serverSnoozes('prod')).has(ID)).toBe(false)
      expect(await changes()).toHaveLength(2)
    },
  )
})
