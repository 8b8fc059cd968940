/** A start and what comes in its way: the stop before it, a cancel, a switch, another's hand, an answer that is lost. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Message } from '../../infra/local/runner/runner.ts'
import type { Fault } from '../../infra/simulator/index.ts'
import { AdHoc } from '../../lib/core/model/model.ts'
import type { Selector } from '../../lib/core/model/policy/selector.ts'
import { manualRun, type Run } from '../../lib/core/model/run.ts'
import { at, START } from '../makers.ts'
import { counts, ids } from './safety.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000
const SLOW = { maxServersPerMinute: { ecs: 2, bms: null } }
const A = ids(1)[0]!

const statesOf = () => world.simulator.servers().map(({ status }) => status)
const codesOf = async (run: Run) => counts((await world.outcomes(run)).values())
const cancel = async (runId: string) =>
  world.store.cancelRun((await world.store.run(runId))!, {
    at: at(Date.now()),
    actor: 'ann',
    reason: 'no need',
  })

async function disableConnection(): Promise<void> {
  const { version, ...connection } = (await world.store.connection('prod'))!
  const disabled = { ...connection, enabled: false, version: version + 1 }
  expect(await world.store.saveConnection(disabled, version)).toBe(true)
}

/** A policy whose run has stopped every server of the fleet. */
async function stopped(servers = 3, connection = {}, environment = {}) {
  world = await createWorld({ servers: fleet(servers), environment })
  await world.connection(connection)
  const policy = await world.policy({ nextDueAt: null })
  const [stop] = await world.ended([await world.manualRun(policy)])
  expect(stop!.summary).toMatchObject({ targets: servers, stopped: servers })
  return policy
}

/** A stop of servers that no policy names. */
async function adHocRun(selector: Selector): Promise<string> {
  const policy = AdHoc.parse({ connection: 'prod', kind: 'ecs', selector })
  const of = {
    id: `manual.${world.services.unique()}`,
    action: 'stop',
    connection: 'prod',
    dryRun: false,
    overrideLimits: false,
  } as const
  const run = manualRun({ ...of, policy }, { actor: 'ann', now: Date.now() })
  await world.store.createRun(run, policy, at(Date.now() + MINUTE))
  await world.services.queue.plan({ runIds: [run.id] })
  return run.id
}

/** A policy whose stop is due at once, and its start a few minutes later; both runs. */
async function stopThenStart(minutes: number, options: WorldOptions = {}, connection = {}) {
  world = await createWorld({ servers: fleet(8), ...options })
  await world.connection(connection)
  await world.policy({
    schedule: { cron: '0 12 * * *', timeZone: 'UTC' },
    start: { cron: `${minutes} 12 * * *` },
    nextDueAt: at(START),
    nextStartDueAt: at(START + minutes * MINUTE),
  })
  await world.runner.tick()
  await world.pass(minutes + 1)
  const { items } = await world.store.runs({ most: 10 })
  expect(items.map(({ action }) => action)).toEqual(['start', 'stop'])
  const [start, stop] = await world.ended(items.map(({ id }) => id))
  return { start: start!, stop: stop! }
}

describe('a stop that is under way when the start of its policy is due', () => {
  test('sends nothing more, and all that it stopped is started', async () => {
    const { start, stop } = await stopThenStart(3, {}, SLOW)
    expect(stop.status).toBe('partial')
    expect(stop.reason).toContain("its policy's next start was due")
    expect(stop.summary).toMatchObject({ stopped: 6, skipped: 2 })
    expect(await codesOf(stop)).toEqual({ 'stopped stopped': 6, 'skipped too-late': 2 })
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 6, started: 6 } })
    expect(statesOf()).toEqual(Array(8).fill('ACTIVE'))
  })

  test('is waited for while it still powers servers off', async () => {
    const { start, stop } = await stopThenStart(1, { switches: { jobSeconds: { first: 400, spread: 20 } } })
    expect(stop).toMatchObject({ status: 'succeeded', summary: { stopped: 8 } })
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 8, started: 8 } })
    const [request] = world.simulator.starts()
    expect(request!.at - Date.parse(stop.endedAt!)).toBeLessThan(3 * MINUTE)
  })

  test('is waited for by a start that leaves off what a person stops by hand meanwhile', async () => {
    world = await createWorld({ servers: fleet(8) })
    await world.connection(SLOW)
    const policy = await world.policy({ nextDueAt: null })
    const stopId = await world.manualRun(policy)
    await world.pass(1)
    const startId = await world.manualRun(policy, { action: 'start' })
    await world.pass(1)
    const later = await adHocRun({ ids: [A] })
    const [, start, stop] = await world.ended([stopId, startId, later])
    expect(await codesOf(stop!)).toEqual({ 'skipped already-stopped': 1 })
    expect(await codesOf(start!)).toEqual({ 'started started': 7, 'skipped held-off': 1 })
    expect((await world.outcomes(start!)).get(A)!.reason).toContain(later)
    expect(statesOf()).toEqual(['SHUTOFF', ...Array(7).fill('ACTIVE')])
  })

  test('is asked after no more often the longer it takes', async () => {
    let waits = 0
    const deliver = (messages: Message[]) => {
      waits += messages.filter(({ step }) => step === 'plan').length
      return messages
    }
    world = await createWorld({ servers: fleet(20), deliver })
    await world.connection(SLOW)
    const policy = await world.policy({ nextDueAt: null })
    const stopId = await world.manualRun(policy)
    await world.pass(1)
    const [stop, start] = await world.ended([stopId, await world.manualRun(policy, { action: 'start' })])
    expect(stop!.summary.stopped).toBe(20)
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 20, started: 20 } })
    expect(waits).toBeLessThan(15)
  })
})

test('a start that is caught up leaves off what a person stopped by hand since it was due', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection()
  const policy = await world.policy({
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    start: { cron: '10 12 * * *' },
    nextDueAt: null,
    nextStartDueAt: at(START + 10 * MINUTE),
  })
  await world.ended([await world.manualRun(policy)])
  const { tick } = world.runner
  world.runner.tick = async () => {}
  await world.until(() => Date.now() > START + 12 * MINUTE, 20)
  const byHand = await adHocRun({ ids: [A] })
  await world.ended([byHand])
  world.runner.tick = tick
  await world.pass(5)
  const { items } = await world.store.runs({ policyId: policy.id, most: 1 })
  const [start] = await world.ended(items.map(({ id }) => id))
  expect(await codesOf(start!)).toEqual({ 'started started': 2, 'skipped held-off': 1 })
  expect((await world.outcomes(start!)).get(A)!.reason).toContain(byHand)
  expect(statesOf()).toEqual(['SHUTOFF', 'ACTIVE', 'ACTIVE'])
})

describe('a start that is cancelled', () => {
  test('while it waits for the stop starts nothing', async () => {
    world = await createWorld({ servers: fleet(3), switches: { jobSeconds: { first: 300, spread: 0 } } })
    await world.connection()
    const policy = await world.policy({ nextDueAt: null })
    const stopId = await world.manualRun(policy)
    await world.pass(1)
    const startId = await world.manualRun(policy, { action: 'start' })
    await world.pass(1)
    await cancel(startId)
    const [start] = await world.ended([startId, stopId])
    expect(start).toMatchObject({ status: 'cancelled', summary: { started: 0 } })
    expect(world.simulator.starts()).toEqual([])
  })

  test('while the cloud has no room ends with what it knows, within minutes', async () => {
    const policy = await stopped()
    world.simulator.switches.capacity = { refuses: [A], as: 'sub-job-0226' }
    const runId = await world.manualRun(policy, { action: 'start' })
    await world.pass(18)
    await cancel(runId)
    const cancelledAt = Date.now()
    const [run] = await world.ended([runId])
    expect(run).toMatchObject({ status: 'cancelled', summary: { started: 2, failed: 1 } })
    expect(await codesOf(run!)).toEqual({ 'started started': 2, 'failed no-capacity': 1 })
    expect(Date.parse(run!.endedAt!) - cancelledAt).toBeLessThan(6 * MINUTE)
  })
})

describe('starts that are switched off midway', () => {
  const SWITCHES = [
    ['starts-disabled', () => world.store.saveSettings({ stopsEnabled: true, startsEnabled: false })],
    ['connection-disabled', disableConnection],
  ] as const

  test.each(SWITCHES)('leave what was not sent: %s', async (code, switchOff) => {
    const policy = await stopped(6, SLOW)
    const runId = await world.manualRun(policy, { action: 'start' })
    await world.pass(1)
    await switchOff()
    const [run] = await world.ended([runId])
    const { started } = run!.summary
    expect(run).toMatchObject({ status: 'partial', summary: { started, skipped: 6 - started } })
    expect(started).toBeGreaterThan(0)
    expect(started).toBeLessThan(6)
    expect(await codesOf(run!)).toEqual({ 'started started': started, [`skipped ${code}`]: 6 - started })
  })
})

test('a start that waits for room goes on after the time in which the first request was to be sent', async () => {
  const policy = await stopped(3, {}, { SEND_DEADLINE_MINUTES: '10' })
  const untilMs = Date.now() + 12 * MINUTE
  world.simulator.switches.capacity = { refuses: [A], untilMs, as: 'request-0319' }
  const [run] = await world.ended([await world.manualRun(policy, { action: 'start' })])
  expect(run).toMatchObject({ status: 'succeeded', summary: { started: 3 } })
})

describe('what is started', () => {
  test('by a policy is nothing that an ad hoc run stopped', async () => {
    const policy = await stopped()
    await world.ended([await world.manualRun(policy, { action: 'start' })])
    const [own] = await world.ended([await adHocRun({ ids: [A] })])
    expect(own).toMatchObject({ status: 'succeeded', summary: { stopped: 1 } })
    const [start] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 0 } })
    expect(statesOf()).toEqual(['SHUTOFF', 'ACTIVE', 'ACTIVE'])
  })

  test('is not what a person has started since', async () => {
    const policy = await stopped()
    expect(world.simulator.byHand('start', A)).toBe(true)
    await world.pass(2)
    const [start] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(start).toMatchObject({ status: 'succeeded', summary: { matched: 3, started: 2, skipped: 1 } })
    expect(await codesOf(start!)).toEqual({ 'started started': 2, 'skipped already-running': 1 })
    expect(world.simulator.starts().flatMap(({ start }) => start.ids)).toEqual(ids(3).slice(1))
  })

  test.each<[Fault['kind'], Partial<Fault>]>([
    ['resetBefore', {}],
    ['resetAfter', {}],
    ['wrongJson', {}],
    ['html502', { executed: true }],
  ])('comes up though the answer was %s, and is not asked without need', async (kind, fault) => {
    const policy = await stopped()
    world.simulator.switches.faults = [{ match: { route: 'start' }, times: 1, kind, ...fault }]
    const [run] = await world.ended([await world.manualRun(policy, { action: 'start' })])
    expect(run).toMatchObject({ status: 'succeeded', summary: { targets: 3, started: 3 } })
    expect(statesOf()).toEqual(Array(3).fill('ACTIVE'))
    const isCarriedOut = kind !== 'resetBefore'
    expect(world.simulator.starts()).toHaveLength(isCarriedOut ? 1 : 2)
  })
})
