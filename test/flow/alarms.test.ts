/** What needs a person rings: once for what has one cause, at least once whatever crashes. */
import { afterEach, describe, expect, test } from 'vitest'
import { AlarmEvent } from '../../lib/core/notify/events.ts'
import { notify } from '../../lib/steps/notify/notify.ts'
import { at, START } from '../makers.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

const MINUTE_MS = 60_000
let world: World
afterEach(() => world.close())

async function aWorld(options: WorldOptions = {}): Promise<World> {
  world = await createWorld({ servers: fleet(5), ...options })
  await world.connection()
  return world
}
const rung = () => world.aws.events.flatMap(({ detail }) => AlarmEvent.safeParse(detail).data ?? [])
const rungOf = (name: string) => rung().filter(({ alarm }) => alarm === name)

describe('rings once:', () => {
  test('a key that is refused to five policies at once, and their runs, which failed for it', async () => {
    await aWorld()
    world.simulator.keys.length = 0
    for (const id of ['a', 'b', 'c', 'd', 'e']) await world.policy({ id })
    await world.pass(5)
    expect(rungOf('CredentialsRefused')).toMatchObject([{ about: 'connection prod' }])
    expect(rungOf('RunFailed')).toMatchObject([{ about: expect.stringMatching(/^run [a-e]\./) }])
    expect(rungOf('RunFailed')[0]!.reason).toMatch(/key/)
    expect(rung()).toHaveLength(2)
  })

  test('a run that is partial, one that is blocked, one that was missed', async () => {
    await aWorld({ switches: { partialFail: { [fleet(1)[0]!.id!]: 'Ecs.0605' } } })
    await world.policy({ id: 'partial' })
    await world.policy({ id: 'blocked', limits: { maxServers: 4 } })
    const late = { cron: '0 20 * * *', timeZone: 'UTC', catchUpMinutes: 1 }
    await world.policy({ id: 'missed', schedule: late, nextDueAt: at(START - 60 * MINUTE_MS) })
    await world.pass(5)
    expect(
      rung()
        .map(({ alarm }) => alarm)
        .toSorted(),
    ).toEqual(['RunBlocked', 'RunMissed', 'RunPartial'])
  })

  test('a policy that matched nothing five times running', async () => {
    await aWorld()
    const schedule = { cron: '*/10 * * * *', timeZone: 'UTC' }
    await world.policy({ selector: { tags: { env: ['gone'] } }, schedule, nextDueAt: at(START) })
    await world.pass(39)
    expect(rung()).toEqual([])
    await world.pass(15)
    expect(rung()).toMatchObject([
      { alarm: 'NothingMatched', about: 'policy nightly-dev in connection prod' },
    ])
  })

  test('a due item that ticks cannot deal with, once they have failed twice', async () => {
    const rig: WorldOptions['rig'] = services => {
      const policy = (id: string) =>
        id === 'broken' ? Promise.reject(new Error('this cannot be read')) : services.store.policy(id)
      return { ...services, store: { ...services.store, policy } }
    }
    await aWorld({ rig })
    await world.policy({ id: 'broken' })
    await world.pass(1)
    expect(rung()).toEqual([])
    await world.pass(30)
    expect(rung()).toMatchObject([
      { alarm: 'DueItemFailed', about: 'policy broken', reason: 'this cannot be read' },
    ])
  })
})

describe('work that a step does not take up rings after a quarter of an hour:', () => {
  const without = (step: string): WorldOptions => ({
    deliver: messages => messages.filter(message => message.step !== step),
  })

  test.each([
    ['plan', 'run nightly-dev.20261121T120000Z'],
    ['stop', 'chunk 0 of run nightly-dev.20261121T120000Z'],
    ['follow', 'chunk 0 of run nightly-dev.20261121T120000Z'],
  ])('of %s', async (step, about) => {
    await aWorld(without(step))
    await world.policy({ nextDueAt: at(START) })
    await world.pass(14)
    expect(rungOf('WorkOverdue')).toEqual([])
    await world.pass(16)
    expect(rungOf('WorkOverdue')).toMatchObject([{ about, reason: `${step} has not taken it up` }])
  })
})

test('a start that waits for the stop before it is not overdue', async () => {
  await aWorld({ switches: { jobSeconds: { first: 2400, spread: 1 } } })
  await world.connection({ maxServersPerMinute: { ecs: 1, bms: null } })
  const policy = await world.policy({ nextDueAt: null })
  const stop = await world.manualRun(policy)
  const start = await world.manualRun(policy, { action: 'start', undoes: stop })
  await world.pass(25)
  expect(rungOf('WorkOverdue')).toEqual([])
  expect(await world.store.run(start)).toMatchObject({ action: 'start' })
})

describe('whoever rings and dies', () => {
  const alarm = { name: 'NothingMatched', about: 'policy nightly-dev', reason: 'run x' } as const
  const told = (rig: Partial<World['services']> = {}) => notify({ alarm }, { ...world.services, ...rig })

  test('before the event: the message comes again, and rings', async () => {
    await aWorld()
    const publish = () => Promise.reject(new Error('died'))
    await expect(told({ publish })).rejects.toThrow('died')
    await told()
    expect(rung()).toHaveLength(1)
    await told()
    expect(rung()).toHaveLength(1)
  })

  test('right after the event: the message comes again, and rings as the same event', async () => {
    await aWorld()
    const alarmTold = () => Promise.reject(new Error('died'))
    await expect(told({ store: { ...world.store, alarmTold } })).rejects.toThrow('died')
    await told()
    expect(rung()).toHaveLength(2)
    expect(new Set(rung().map(({ id }) => id)).size).toBe(1)
    await told()
    expect(rung()).toHaveLength(2)
  })
})

test('of many that see one cause at once, one rings', async () => {
  await aWorld()
  const seen = Array.from({ length: 20 }, (_, number) => ({
    name: 'RunFailed' as const,
    about: `run ${number}`,
    reason: 'no',
    cause: 'connection prod',
  }))
  await Promise.all(seen.map(alarm => notify({ alarm }, world.services)))
  expect(rung()).toHaveLength(1)
})

test('nothing rings, and nothing is remembered, without an event bus', async () => {
  await aWorld({ environment: { EVENT_BUS_NAME: '' } })
  world.simulator.keys.length = 0
  await world.policy()
  await world.pass(5)
  expect(rung()).toEqual([])
  expect(
    await world.store.noteAlarm({ name: 'CredentialsRefused', about: 'connection prod', reason: '' }),
  ).toBe(at(Date.now()))
})
