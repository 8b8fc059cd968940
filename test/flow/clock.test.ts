import { afterEach, expect, test, vi } from 'vitest'
import { editedPolicy, snoozedPolicy } from '../../lib/core/documents/documents.ts'
import type { StoredPolicy } from '../../lib/core/model/model.ts'
import type { Run } from '../../lib/core/model/run.ts'
import type { DueItem, DueWork } from '../../lib/core/tick/attention.ts'
import { at, START } from '../makers.ts'
import type { Services } from '../services.ts'
import { createWorld, fleet, rigStore, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TONIGHT = '2026-11-21T20:00:00.000Z'

const nightly = { schedule: { cron: '0 20 * * *', timeZone: 'UTC' }, nextDueAt: TONIGHT }

/** The clock stands at another time from now on, and the timer fires. */
async function jump(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms)
  await world.runner.tick()
  await world.runner.drain()
}
/** The time until shortly before an instant goes by without a tick, the rest of it with ticks. */
async function passUntilAfter(instant: string): Promise<void> {
  vi.setSystemTime(Date.parse(instant) - 2 * MINUTE)
  await world.pass(5)
}
const runs = async (): Promise<Run[]> =>
  (await world.store.runs({ policyId: 'nightly-dev', most: 100 })).items
const told = async () =>
  (await runs()).map(({ dueAt, status }) => `${dueAt.slice(5, 16)} ${status}`).toReversed()
const nextDueAt = async () => (await world.store.policy('nightly-dev'))!.nextDueAt

test.each([2, 3])(
  'after a clock that ran %i days ahead was set right, each night is stopped at its time',
  async days => {
    world = await createWorld({ servers: fleet(3) })
    await world.connection()
    await world.policy(nightly)
    await world.pass(1)
    await jump(days * DAY)
    expect((await told()).every(one => one.endsWith('missed'))).toBe(true)

    await jump(-days * DAY)
    expect(await nextDueAt()).toBe(TONIGHT)
    expect((await told()).filter(one => one.endsWith('missed'))).toEqual([])
    await passUntilAfter(TONIGHT)
    const tonight = (await runs()).filter(({ dueAt, status }) => dueAt === TONIGHT && status !== 'cancelled')
    expect(tonight.map(({ id, status }) => [id, status])).toEqual([
      ['nightly-dev.20261121T200000Z.2', 'succeeded'],
    ])
    expect(world.simulator.stops()).toHaveLength(1)
    expect(await nextDueAt()).toBe('2026-11-22T20:00:00.000Z')
    expect(world.troubles).toEqual([])
  },
)

test('after a clock was set back, what waits for hours waits on, and is not asked for every two minutes', async () => {
  world = await createWorld()
  const later = at(START + 20 * HOUR)
  const key = { key: 'run.ended', channel: 'ops' }
  const webhook = { event: 'curfew.run.ended', timestamp: at(START), text: 'x' }
  const message = { on: 'succeeded' as const, title: 'x', facts: [], links: [], webhook }
  await world.store.createDelivery({ ...key, message }, at(START))
  const delivery = (await world.store.delivery(key))!
  await world.store.saveDelivery({ ...delivery, nextAt: later }, delivery, at(START))
  const stamps = { managedBy: null, createdAt: at(START), updatedAt: at(START), version: 1 }
  const state = { fetchedAt: at(START), lastError: null, nextFetchAt: later, failures: 0, events: 0 }
  const calendar = { id: 'days', url: 'https://example.com/days.ics', description: '', ...stamps, ...state }
  await world.store.saveCalendar({ ...calendar, cover: null, spread: 0 }, null)
  const isWaiting = async () => {
    const due: DueItem[] = []
    for await (const page of world.store.due('9999')) due.push(...page)
    return due.map(({ kind, dueAt }) => `${kind} ${dueAt}`).toSorted()
  }
  const [due] = await Array.fromAsync(world.store.due('9999'))
  await world.store.postpone(due!.find(({ kind }) => kind === 'calendar') as DueWork, at(START))
  await world.pass(1)
  expect(await isWaiting()).toEqual([`calendar ${later}`, `delivery ${later}`])
  expect((await world.store.calendar(calendar.id))!.nextFetchAt).toBe(later)
})

test('a night that a clock ran ahead into is stopped again when it comes', async () => {
  world = await createWorld({ servers: fleet(1) })
  await world.connection()
  await world.policy(nightly)
  await world.pass(1)
  await jump(8 * HOUR - 2 * MINUTE)
  await world.pass(10)
  expect(await told()).toEqual(['11-21T20:00 succeeded'])
  for (const { id } of world.simulator.servers()) world.simulator.change(id, { status: 'ACTIVE' })

  await jump(-8 * HOUR)
  await passUntilAfter(TONIGHT)
  expect((await runs()).map(({ id, status }) => [id, status])).toEqual([
    ['nightly-dev.20261121T200000Z.2', 'succeeded'],
    ['nightly-dev.20261121T200000Z', 'succeeded'],
  ])
})

test('a run that goes on when the clock is set right sends nothing more, and is none for the future', async () => {
  world = await createWorld({ servers: fleet(1) })
  await world.connection()
  await world.policy(nightly)
  vi.setSystemTime(START + 8 * HOUR)
  await world.runner.tick()
  await jump(-8 * HOUR)
  await world.pass(3)
  expect(await told()).toEqual(['11-21T20:00 cancelled'])
  expect(world.simulator.stops()).toEqual([])
})

test('a clock that fell behind, and was set right, makes no night missed that had its run', async () => {
  world = await createWorld({ servers: fleet(1) })
  await world.connection()
  await world.policy({ ...nightly, nextDueAt: at(START), schedule: { cron: '0 12 * * *', timeZone: 'UTC' } })
  await world.pass(5)
  for (const day of [1, 2]) await passUntilAfter(at(START + day * DAY))
  const before = await told()
  expect(before).toEqual(['11-21T12:00 succeeded', '11-22T12:00 succeeded', '11-23T12:00 succeeded'])
  await jump(-2 * DAY + HOUR)
  expect(await nextDueAt()).toBe('2026-11-22T12:00:00.000Z')
  await jump(2 * DAY - HOUR)
  expect(await told()).toEqual(before)
  expect(await nextDueAt()).toBe('2026-11-24T12:00:00.000Z')
})

test('a clock that is not set makes no run and moves nothing', async () => {
  world = await createWorld()
  await world.connection()
  await world.policy(nightly)
  await world.pass(1)
  await jump(-Date.now() + HOUR)
  expect(await nextDueAt()).toBe(TONIGHT)
  expect(await runs()).toEqual([])
})

test('a tick that dies while it moves due times back is made good by the next', async () => {
  let isBroken = true
  world = await createWorld({
    servers: fleet(1),
    rig: rigStore(services => ({
      advancePolicy: async (policy, due) => {
        if (isBroken) throw new Error('died')
        return services.store.advancePolicy(policy, due)
      },
    })),
  })
  await world.connection()
  await world.policy({ ...nightly, nextDueAt: at(START + 3 * DAY) })
  await world.store.noteTime(at(START + 2 * DAY))
  await world.pass(1)
  expect(await nextDueAt()).toBe(at(START + 3 * DAY))
  isBroken = false
  await world.pass(1)
  expect(await nextDueAt()).toBe(TONIGHT)
})

/** A world in which something is done right before the due time of a policy is moved on. */
async function meanwhile(
  edit: (services: Services, policy: StoredPolicy, tries: number) => Promise<unknown>,
) {
  let tries = 0
  world = await createWorld({
    servers: fleet(1),
    rig: rigStore(services => ({
      async advancePolicy(policy, due) {
        await edit(services, policy, tries++)
        return services.store.advancePolicy(policy, due)
      },
    })),
  })
  await world.connection()
  await world.policy({ schedule: { cron: '* * * * *', timeZone: 'UTC' }, nextDueAt: at(START + MINUTE) })
}
const edit = { actor: 'ann', now: START }

test('a due time that is edited around moves on in the same tick', async () => {
  await meanwhile(async ({ store, now }, policy, tries) => {
    if (tries > 2) return
    const before = (await store.policy(policy.id))!
    await store.savePolicy(editedPolicy(before, before, { ...edit, now: now() }), before)
  })
  await world.pass(1)
  expect(await nextDueAt()).toBe(at(START + 2 * MINUTE))
  expect(await told()).toEqual(['11-21T12:01 pending'].map(one => one.replace('pending', 'running')))
})

test('a snooze that is saved while the run is made is heard: nothing is stopped', async () => {
  await meanwhile(async ({ store }, policy, tries) => {
    const snooze = { until: at(START + HOUR), reason: 'release' }
    if (tries === 0) await store.savePolicy(snoozedPolicy(policy, snooze, edit), policy)
  })
  await world.pass(1)
  expect((await runs()).map(({ status, reason }) => [status, reason])).toEqual([
    ['cancelled', `snoozed until ${at(START + HOUR)}: release`],
  ])
  await world.pass(3)
  expect(world.simulator.stops()).toEqual([])
})

test('a deletion while the run is made is heard: nothing is stopped', async () => {
  await meanwhile(async ({ store }, policy) => {
    const change = { ...edit, at: at(START), what: 'deleted' as const, version: policy.version, fields: [] }
    await store.removePolicy(policy.id, policy.version, change)
  })
  await world.pass(3)
  expect(await told()).toEqual(['11-21T12:01 cancelled'])
  expect(world.simulator.stops()).toEqual([])
})
