/** Starts for which the cloud has no room are told of when it happens, and at the end. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import { AdHoc } from '../../lib/core/model/model.ts'
import { manualRun } from '../../lib/core/model/run.ts'
import { NoCapacity, RunEnded } from '../../lib/core/notify/events.ts'
import { at, START } from '../makers.ts'
import { createDeaths } from './deaths.ts'
import { captured, type Output } from './output.ts'
import { createWorld, fleet, type World, type WorldOptions } from './world.ts'

const MINUTE_MS = 60_000
const SERVERS = fleet(5).map(server => ({ ...server, status: 'SHUTOFF' as const }))
const [A, B] = SERVERS.map(({ id }) => id!) as [string, string]
let world: World
let output: Output
afterEach(() => world.close())

/** A start of all five servers, for two of which there is no room for so many minutes. */
async function start(
  as: NonNullable<Switches['capacity']>['as'],
  minutes: number,
  options: WorldOptions = {},
): Promise<string> {
  output = captured()
  world = await createWorld({
    servers: SERVERS,
    switches: { capacity: { refuses: [A, B], as, untilMs: START + minutes * MINUTE_MS } },
    environment: { LOG_LEVEL: 'info', METRICS_NAMESPACE: 'Curfew' },
    ...options,
  })
  await world.connection()
  const policy = AdHoc.parse({ connection: 'prod', kind: 'ecs', selector: { all: true } })
  const asked = { id: 'manual.1', action: 'start', policy, connection: 'prod' } as const
  const run = manualRun({ ...asked, dryRun: false, overrideLimits: false }, { actor: 'tester', now: START })
  await world.store.createRun(run, policy, at(START + MINUTE_MS))
  await world.services.queue.plan({ runIds: [run.id] })
  return run.id
}
const published = () => world.aws.events.flatMap(({ detail }) => NoCapacity.safeParse(detail).data ?? [])
const end = () => world.aws.events.flatMap(({ detail }) => RunEnded.safeParse(detail).data?.run ?? [])
const namesOf = (told: NoCapacity[]) => told.flatMap(({ servers }) => servers.map(({ id }) => id)).toSorted()

describe.each(['sub-job-0226', 'sub-job-0319', 'request-0319'] as const)('no room, said as %s,', as => {
  test('is published at once, again at each request that meets it, and not once there is room', async () => {
    const id = await start(as, 12)
    await world.pass(2)
    const first = published()
    expect(namesOf(first)).toEqual([A, B])
    for (const one of first)
      expect(one).toMatchObject({
        run: { id, action: 'start' },
        attempt: 1,
        retryUntil: at(START + 7_200_000),
      })
    expect(output.logged('no capacity; to be asked again').length).toBe(first.length)
    const [run] = await world.ended([id])
    expect(run).toMatchObject({ status: 'succeeded', summary: { started: 5 } })
    const told = published()
    expect(namesOf(told.filter(({ attempt }) => attempt === 2))).toEqual([A, B])
    expect(told.every(({ attempt }) => attempt <= 2)).toBe(true)
    expect(new Set(told.map(one => one.id)).size).toBe(told.length)
    await world.pass(5)
    expect(end()).toMatchObject([{ id, action: 'start', status: 'succeeded', summary: { started: 5 } }])
    expect(['Started', 'NotStarted', 'StartsFailed'].map(output.figures)).toEqual([[5], [0], []])
    expect(output.figures('VerifiedOnMs')).not.toEqual([])
    expect(['Targets', 'Stopped', 'VerifiedOffMs'].map(output.figures)).toEqual([[], [], []])
  })
})

test('a start that meets no room to its end is counted as one that fell short', async () => {
  const id = await start('sub-job-0319', 600)
  await world.ended([id])
  await world.pass(5)
  expect(end()).toMatchObject([
    { status: 'partial', reason: '3 of 5 targets started, 2 failed (no-capacity 2)' },
  ])
  expect(['Started', 'NotStarted', 'StartsFailed'].map(output.figures)).toEqual([[3], [2], [1]])
  expect(['RunsPartial', 'Failed', 'Unconfirmed'].map(output.figures)).toEqual([[], [], []])
})

test('a crash between the event and its mark publishes the same event again', async () => {
  const id = await start('sub-job-0319', 3, { deaths: createDeaths })
  world.mortality!.arm('no policy', { fate: 'after', effect: 'PutEventsCommand Curfew No Capacity #1' })
  const [run] = await world.ended([id])
  expect(run).toMatchObject({ status: 'succeeded', summary: { started: 5 } })
  const told = published()
  expect(told).toHaveLength(2)
  expect(told[1]).toEqual(told[0])
})
