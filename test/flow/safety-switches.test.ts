import { afterEach, describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { connectionBody, openWorld } from '../http/world.ts'
import { aChange, at } from '../makers.ts'
import { counts, ids, reads, rigged, sent } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const MINUTE = 60_000
/** What is not off by then is given up: an hour's looks would tell the same. */
const SOON = { RUN_DEADLINE_MINUTES: '10' }
const SLOW = { maxServersPerMinute: { ecs: 4, bms: null } }
const off = () => world.store.saveSettings({ stopsEnabled: false, startsEnabled: true })
const outcomesOf = async (run: Run) => counts((await world.outcomes(run)).values())

describe('the switch for everything', () => {
  test('PUT /v1/settings: no stop goes out any more within a minute, and the runs say why', async () => {
    const open = await openWorld({ servers: fleet(40) })
    world = open
    await world.connection(SLOW)
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.pass(2)
    expect(sent(world)).toHaveLength(2)
    const { status } = await open.ask('PUT', '/v1/settings', {
      body: { stopsEnabled: false, startsEnabled: true },
    })
    expect(status).toBe(200)
    const switchedAt = Date.now()
    const [run] = await world.ended([runId])
    expect(Math.max(...world.simulator.stops().map(stop => stop.at))).toBeLessThan(switchedAt + MINUTE)
    expect(sent(world)).toHaveLength(2)
    expect(run).toMatchObject({ status: 'partial', summary: { stopped: 8, skipped: 32 } })
    expect(run!.reason).toContain('all stops are switched off')
    expect(await outcomesOf(run!)).toEqual({ 'stopped stopped': 8, 'skipped stops-disabled': 32 })
    const [later] = await world.ended([
      await world.manualRun(await world.policy({ id: 'b', nextDueAt: null })),
    ])
    expect(later).toMatchObject({ status: 'failed', reason: 'all stops are switched off (PUT /v1/settings)' })
    expect(sent(world)).toHaveLength(2)
  })

  test("a connection's enabled: false: the same for all that is its own", async () => {
    const open = await openWorld({ servers: fleet(40) })
    world = open
    const endpoints = { ecs: world.simulator.url, bms: world.simulator.url }
    const put = (id: string, enabled: boolean) =>
      open.ask('PUT', `/v1/connections/${id}`, { body: connectionBody({ endpoints, ...SLOW, enabled }) })
    expect((await put('prod', true)).status).toBe(201)
    await put('other', true)
    const selector = { ids: ids(2) }
    const other = await world.policy({ id: 'other', connection: 'other', selector, nextDueAt: null })
    const runId = await world.manualRun(await world.policy({ nextDueAt: null, exclude: selector }))
    await world.pass(2)
    const before = sent(world).length
    expect((await put('prod', false)).status).toBe(200)
    const [run, otherRun] = await world.ended([runId, await world.manualRun(other)])
    expect(sent(world).slice(before)).toEqual(['SOFT 0,1 200'])
    expect(otherRun!.status).toBe('succeeded')
    expect(run!.reason).toContain('connection prod is disabled')
    expect((await outcomesOf(run!))['skipped connection-disabled']).toBe(40 - 2 - 4 * before)
  })

  const REFUSE: Partial<Switches> = { badMember: 'refuse' }
  test.each([
    ['all stops are off', off, 'stops-disabled'],
    ['the connection is disabled', () => disable(), 'connection-disabled'],
    ['the run is cancelled', () => cancelAll(), 'cancelled'],
  ] as const)(
    'is looked at before each call: %s while a bad server is searched for',
    async (_, act, code) => {
      let calls = 0
      world = await createWorld({
        servers: fleet(8),
        switches: REFUSE,
        rig: rigged({
          async beforeStop() {
            if (calls++ === 0) world.simulator.change(ids(8)[7]!, { locked: true })
            if (calls === 2) await act()
          },
        }),
      })
      await world.connection()
      const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
      expect(sent(world)).toEqual(['SOFT 0,1,2,3,4,5,6,7 400', 'SOFT 0,1,2,3 200'])
      expect(await outcomesOf(run!)).toEqual({ 'stopped stopped': 4, [`skipped ${code}`]: 4 })
    },
  )

  test.each([
    ['all stops are off', off],
    ['the connection is disabled', () => disable()],
    [
      'the connection is deleted',
      () => world.store.removeConnection('prod', { version: 1 }, aChange({ what: 'deleted' })),
    ],
    ['the run is cancelled', () => cancelAll()],
  ])('once %s, nothing escalates: what was asked is followed to its end', async (_, act) => {
    world = await createWorld({ servers: fleet(3), switches: { softHangs: [ids(3)[1]!] }, environment: SOON })
    await world.connection()
    const runId = await world.manualRun(await world.policy({ nextDueAt: null, escalateAfterMinutes: 5 }))
    await world.pass(2)
    await act()
    const [run] = await world.ended([runId], 30)
    expect(sent(world)).toEqual(['SOFT 0,1,2 200'])
    expect((await world.outcomes(run!)).get(ids(3)[1]!)?.status).not.toBe('stopped')
    expect(reads(world)).toBeLessThan(12)
  })

  async function disable(): Promise<void> {
    const connection = (await world.store.connection('prod'))!
    const { version } = connection
    expect(
      await world.store.saveConnection({ ...connection, enabled: false, version: version + 1 }, version),
    ).toBe(true)
  }
  async function cancelAll(): Promise<void> {
    const { items } = await world.store.runs({ most: 10 })
    for (const run of items)
      await world.store.cancelRun(run, { at: at(Date.now()), actor: 'anna', reason: 'stop' })
  }

  test('a cancelled run sends nothing more, follows what it sent, and ends cancelled', async () => {
    world = await createWorld({ servers: fleet(12) })
    await world.connection(SLOW)
    const runId = await world.manualRun(await world.policy({ nextDueAt: null }))
    await world.pass(1)
    await cancelAll()
    const [run] = await world.ended([runId])
    expect(sent(world)).toHaveLength(1)
    expect(run).toMatchObject({ status: 'cancelled', summary: { targets: 4, stopped: 4, skipped: 8 } })
    expect(run!.reason).toBe('cancelled by anna: stop; 4 of 4 targets stopped')
    expect(await outcomesOf(run!)).toEqual({ 'stopped stopped': 4, 'skipped cancelled': 8 })
  })
})

describe('halt', () => {
  const PACE = { maxServersPerMinute: { ecs: 50, bms: null } }
  const failing = (count: number, code = 'Ecs.1002') => Object.fromEntries(ids(count).map(id => [id, code]))

  async function halting(switches: Partial<Switches>, policy: Record<string, unknown> = {}): Promise<Run> {
    world = await createWorld({ servers: fleet(120), switches, environment: SOON })
    await world.connection(PACE)
    const [run] = await world.ended([
      await world.manualRun(await world.policy({ nextDueAt: null, ...policy })),
    ])
    return run!
  }

  test('more than a tenth failed in the cloud: the rest is not sent, and the run says so', async () => {
    const run = await halting({ partialFail: failing(6) })
    expect(world.simulator.stops().map(({ stop }) => stop.ids.length)).toEqual([50])
    expect(await outcomesOf(run)).toEqual({
      'stopped stopped': 44,
      'failed job-failed': 6,
      'skipped halted': 70,
    })
    expect(run).toMatchObject({ status: 'partial', withheld: { code: 'halted' } })
    expect(run.reason).toContain('6 of the first 50 targets failed, more than haltShare 0.1')
  })

  test('though one of the first hangs until its deadline', async () => {
    const run = await halting({ partialFail: failing(6), softHangs: [ids(50)[49]!] })
    expect(world.simulator.stops()).toHaveLength(1)
    expect((await outcomesOf(run))['skipped halted']).toBe(70)
  })

  test.each<[string, Partial<Switches>, Record<string, unknown>]>([
    ['a tenth is not more than a tenth', { partialFail: failing(5) }, {}],
    ['servers that are locked are not our fault', { partialFail: failing(50, 'Ecs.0605') }, {}],
    ['systems that do not go down are not', { softHangs: ids(50) }, {}],
    ['the policy allows it', { partialFail: failing(6) }, { haltShare: 0.2 }],
    ['the policy never halts', { partialFail: failing(50) }, { haltShare: null }],
  ])('not when %s', async (_, switches, policy) => {
    await halting(switches, policy)
    expect(world.simulator.stops().map(({ stop }) => stop.ids.length)).toEqual([50, 50, 20])
  })

  test('refused for good, the first chunk ends the run', async () => {
    const body = { error: { code: 'Ecs.0003', message: 'the account is restricted' } }
    const match = { route: 'stop' as const }
    const run = await halting({ faults: [{ match, times: 99, kind: 'status', status: 403, body }] })
    expect(world.simulator.stops()).toHaveLength(1)
    expect(await outcomesOf(run)).toEqual({ 'failed refused': 50, 'skipped halted': 70 })
    expect(run.status).toBe('failed')
  })
})
