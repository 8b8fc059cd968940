import { setDefaultCACertificates } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addressProblem } from '../../lib/core/notify/webhook-address.ts'
import { signedHeaders } from '../../lib/runtime/webhook.ts'
import { aCertificate } from '../certificate.ts'
import { type Receiver, startReceiver } from '../receiver.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

const RUN = 'nightly-dev.20261121T120000Z'
const SECRET = 'a secret for webhooks'
const identity = aCertificate(Date.now())
let world: World
let receiver: Receiver
let output: Output
beforeAll(() => setDefaultCACertificates([identity.cert]))
beforeEach(async () => {
  receiver = await startReceiver(identity)
})
afterEach(async () => {
  await world.close()
  await receiver.close()
})

/** A policy that is due now and wants a webhook, in a world where it may be sent to this machine. */
async function aWorld(options: WorldOptions = {}, webhook: object = {}): Promise<World> {
  output = captured()
  world = await createWorld({
    servers: fleet(2),
    addressProblem: () => null,
    environment: { LOG_LEVEL: 'info', METRICS_NAMESPACE: 'Curfew' },
    ...options,
  })
  world.aws.secrets.set('curfew/webhook', SECRET)
  await world.connection()
  await world.policy({
    webhook: { url: `https://localhost:${receiver.port}/h00k`, secretName: 'curfew/webhook', ...webhook },
  })
  return world
}
const tries = () => receiver.received.filter(({ headers }) => headers['webhook-id'] === `${RUN}.ended`)
const state = () => world.store.webhook(RUN)

describe('a webhook', () => {
  test('tells the end of a run within two minutes, signed, and once', async () => {
    await aWorld()
    await world.pass(3)
    expect(await world.store.run(RUN)).toMatchObject({ status: 'succeeded' })
    await world.pass(2)
    expect(receiver.received).toHaveLength(1)
    const { headers, body } = receiver.received[0]!
    const { text, run } = JSON.parse(body)
    expect(text).toBe(
      '✅ Curfew: nightly-dev succeeded: 2 of 2 targets stopped, 0 skipped (due 2026-11-21T12:00:00.000Z)',
    )
    expect(run).toEqual((world.aws.events[0]!.detail as { run: object }).run)
    const sentAt = Number(headers['webhook-timestamp']) * 1000
    const signed = signedHeaders({ url: '', id: `${RUN}.ended`, body, secret: SECRET }, sentAt)
    expect(headers).toMatchObject(signed)
    await world.pass(2 * 60)
    expect(receiver.received).toHaveLength(1)
  })

  test('is sent for every end: also of a run that was missed', async () => {
    await aWorld({}, {})
    await world.policy({
      id: 'late',
      schedule: { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 1 },
      nextDueAt: '2026-11-21T11:00:00.000Z',
      webhook: { url: `https://localhost:${receiver.port}/late` },
    })
    await world.pass(5)
    const late = receiver.received.find(({ path }) => path === '/late')!
    expect(JSON.parse(late.body).run.status).toBe('missed')
    expect(late.headers['webhook-signature']).toBeUndefined()
  })

  test('that is not taken is sent again, later and later, while the event was told at once', async () => {
    await aWorld()
    receiver.answer = { status: 503 }
    await world.pass(40)
    expect(world.aws.events).toHaveLength(1)
    expect(await world.store.run(RUN)).toMatchObject({ announcedAt: expect.any(String) })
    expect(receiver.received).toHaveLength(6)
    const last = output.logged('webhook not taken').at(-1)
    expect(last).toMatchObject({ run: RUN, tries: 6, reason: 'it answered 503' })
    receiver.answer = { status: 200 }
    await world.pass(40)
    expect(receiver.received).toHaveLength(7)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set([`${RUN}.ended`]),
    )
    expect(await state()).toMatchObject({ tries: 6, takenAt: expect.any(String) })
  })

  test('that nobody ever takes is given up within a day, and then costs no tick anything', async () => {
    await aWorld()
    receiver.answer = { status: 404 }
    await world.pass(25 * 60)
    expect(output.logged('webhook given up')).toMatchObject([{ run: RUN, reason: 'it answered 404' }])
    expect(output.figures('WebhooksGivenUp')).toEqual([1])
    expect(await state()).toMatchObject({ givenUpAt: expect.any(String) })
    const due: unknown[] = []
    for await (const page of world.store.due('9999')) due.push(...page)
    expect(due.filter(one => JSON.stringify(one).includes(RUN))).toEqual([])
    const { length } = tries()
    await world.pass(3 * 60)
    expect(tries()).toHaveLength(length)
  })

  test('whose secret is not there is not sent unsigned', async () => {
    await aWorld()
    world.aws.secrets.clear()
    await world.pass(5)
    expect(receiver.received).toEqual([])
    expect((await state())?.reason).toContain(
      'secret "curfew/webhook" of Secrets Manager: ResourceNotFoundException',
    )
    world.aws.secrets.set('curfew/webhook', SECRET)
    await world.pass(5)
    expect(receiver.received).toHaveLength(1)
  })

  test('to this machine is not sent: not even a connection is made', async () => {
    await aWorld({ addressProblem })
    await world.pass(5)
    expect(receiver.connections()).toBe(0)
    expect((await state())?.reason).toMatch(/is no public address/)
  })
})
