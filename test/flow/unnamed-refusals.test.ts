/** Refusals of a whole stop that name no server: one bad server does not sink the others, and a bad request costs no search. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

type Unnamed = NonNullable<Switches['unnamed']>
const KINDS = ['ecs0219', 'ecs1000', 'ecs0005', 'conflict'] as const
const CODES = {
  ecs0219: 'Ecs.0219',
  ecs1000: 'Ecs.1000/badRequest',
  ecs0005: 'Ecs.0005',
  conflict: 'Ecs.9999',
}

const id = (place: number): string => fleet(place + 1)[place]!.id!

async function stopAll(size: number, switches: Partial<Switches>, connection = {}): Promise<Run> {
  world = await createWorld({
    servers: fleet(size),
    switches: { jobSeconds: { first: 2, spread: 0 }, ...switches },
  })
  await world.connection(connection)
  const [run] = await world.ended([await world.manualRun(await world.policy({ nextDueAt: null }))])
  return run!
}
const stops = () => world.simulator.stops().filter(({ path }) => path.endsWith('/cloudservers/action'))
const refusing = (servers: Unnamed['servers'], as: Unnamed['as']): Partial<Switches> => ({
  unnamed: { servers, as },
})

describe.each(KINDS)('a refusal that names nobody (%s)', kind => {
  test.each([0, 99, 199])('of 200 servers with one bad one at place %i leaves 199 stopped', async place => {
    const run = await stopAll(200, refusing([id(place)], kind))
    expect(run).toMatchObject({
      status: 'partial',
      summary: { targets: 200, stopped: 199, started: 0, failed: 1 },
    })
    expect(run.codes).toEqual({ 'stopped/stopped': 199, 'failed/refused': 1 })
    expect(stops().length).toBeLessThanOrEqual(13)
    const taken = stops().filter(({ status }) => status === 200)
    expect(taken.flatMap(({ stop }) => stop.ids)).toHaveLength(199)
  })

  test('of every request costs two more: a half and a single server are refused alike', async () => {
    const run = await stopAll(
      200,
      refusing(() => true, kind),
    )
    expect(run).toMatchObject({ status: 'failed', codes: { 'failed/refused': 200 } })
    expect(stops().map(({ stop }) => stop.ids.length)).toEqual([200, 100, 1])
    const { reason } = (await world.outcomes(run)).get(id(7))!
    expect(reason).toContain(CODES[kind])
    expect(reason).toContain('it is not down to a server')
    expect(reason).not.toContain('without those')
  })
})

test('two bad ones in different halves leave the other 198 stopped', async () => {
  const run = await stopAll(200, refusing([id(3), id(150)], 'ecs0219'))
  expect(run.codes).toEqual({ 'stopped/stopped': 198, 'failed/refused': 2 })
})

test.each([
  [403, 'Ecs.0003'],
  [403, 'Ecs.0066'],
  [403, 'Ecs.0071'],
  [400, 'Ecs.0023'],
])('an account or project that is refused (%i %s) is never parted', async (status, code) => {
  const body = { error: { code, message: 'no' } }
  const match = { route: 'stop' as const }
  const run = await stopAll(4, { faults: [{ match, times: 9, kind: 'status', status, body }] })
  expect(stops().map(({ stop }) => stop.ids.length)).toEqual([4])
  expect(run.codes).toEqual({ 'failed/refused': 4 })
})

test.each([1, 3])('a lock that only the refusal shows is `locked`, in a batch of %i', async size => {
  const body = { error: { code: 'Ecs.0605', message: `The server ${id(0)} is locked` } }
  const match = { route: 'stop' as const }
  const run = await stopAll(size, { faults: [{ match, times: 1, kind: 'status', status: 400, body }] })
  const outcome = (await world.outcomes(run)).get(id(0))
  expect(outcome).toMatchObject({ status: 'failed', code: 'locked' })
  expect(outcome?.reason).toMatch(/^Ecs\.0605: .*"The server .* is locked"/)
  expect(outcome?.reason).not.toMatch(/without those/)
})

describe('on a plain OpenStack', () => {
  const OPENSTACK = { api: 'openstack' }
  const natives = () => world.simulator.stops().filter(({ path }) => path.startsWith('/v2.1/'))

  test('eight bad ones at the head of the list sink none of the others', async () => {
    const bad = Array.from({ length: 8 }, (_, place) => id(place))
    const run = await stopAll(40, refusing(bad, 'ecs0219'), OPENSTACK)
    expect(run.codes).toEqual({ 'stopped/stopped': 32, 'failed/refused': 8 })
    expect(natives()).toHaveLength(40)
  })

  test('eight of all over the list refused alike are the end, though none is named', async () => {
    const run = await stopAll(
      40,
      refusing(() => true, 'ecs0219'),
      OPENSTACK,
    )
    expect(run.codes).toEqual({ 'failed/refused': 40 })
    expect(natives().length).toBeLessThanOrEqual(15)
    expect((await world.outcomes(run)).get(id(39))?.reason).toMatch(
      /^Each of the first \d+ servers was refused alike/,
    )
  })
})
