import { afterEach, describe, expect, test } from 'vitest'
import type { Fault, SeedServer, Switches } from '../../infra/simulator/index.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { at, START } from '../makers.ts'
import { ends, ids, sent } from './safety.ts'
import { createWorld, fleet, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const [A, B, C] = ids(3) as [string, string, string]
const MINUTE = 60_000

interface Night {
  switches?: Partial<Switches>
  policy?: Record<string, unknown>
  special?: Record<number, Partial<SeedServer>>
  environment?: Record<string, string>
  /** After the first request. */
  afterwards?: () => void
}

/** A run over three servers, lived through to its end. */
async function night({
  switches = {},
  policy = {},
  special,
  environment = {},
  afterwards,
}: Night): Promise<Run> {
  world = await createWorld({ servers: fleet(3, special), switches, environment })
  await world.connection()
  const runId = await world.manualRun(await world.policy({ nextDueAt: null, ...policy }))
  await world.runner.drain()
  afterwards?.()
  const [run] = await world.ended([runId])
  return run!
}
const outcome = async (run: Run, id: string) => (await world.outcomes(run)).get(id)!
const minutesAfterStart = (instant: string | null): number => (Date.parse(instant!) - START) / MINUTE
const ALL_STOPPED = ['0: stopped stopped', '1: stopped stopped', '2: stopped stopped']
const SOON = { RUN_DEADLINE_MINUTES: '10' }

describe('stopped is what a fresh read shows off, and nothing else', () => {
  test('the job succeeded, and they are off', async () => {
    const run = await night({})
    expect(await ends(world, run)).toEqual(ALL_STOPPED)
    const { requestedAt, endedAt, mode, jobId } = await outcome(run, A)
    expect(requestedAt).toBe(at(START))
    expect(Date.parse(endedAt)).toBeGreaterThan(START)
    expect([mode, jobId]).toEqual(['soft', world.simulator.stops()[0]!.jobId])
    const read = world.simulator.ledger.findLast(({ path }) => path.endsWith('/detail'))
    expect(read!.at).toBeGreaterThan(world.simulator.stops()[0]!.at)
  })

  test('the job succeeded, and they are shown as up for a while: looked at until they are off', async () => {
    const run = await night({ switches: { showsAfterJobSeconds: 1500 } })
    expect(await ends(world, run)).toEqual(ALL_STOPPED)
    expect(minutesAfterStart((await outcome(run, A)).endedAt)).toBeGreaterThan(25)
    expect(sent(world)).toHaveLength(1)
  })

  test('the job succeeded, and one is up for ever: failed, still-running, at the deadline', async () => {
    const back = () => {
      world.simulator.switches.showsAfterJobSeconds = 0
    }
    const run = await night({ switches: { showsAfterJobSeconds: 100_000 }, afterwards: back })
    expect(await ends(world, run)).toEqual([0, 1, 2].map(place => `${place}: failed still-running`))
    expect((await outcome(run, A)).reason).toBe('still ACTIVE (powering-off) 60 minutes after the request')
    expect(minutesAfterStart(run.endedAt!)).toBe(60)
    expect(run).toMatchObject({ status: 'failed', summary: { stopped: 0, started: 0, failed: 3 } })
  })
})

describe('a job that failed', () => {
  test('settles each server by its own part of it', async () => {
    const run = await night({ switches: { partialFail: { [A]: 'Ecs.1002', [B]: 'Ecs.0605' } } })
    expect(await ends(world, run)).toEqual(['0: failed job-failed', '1: failed locked', '2: stopped stopped'])
    expect((await outcome(run, A)).reason).toContain('Ecs.1002')
    expect(run).toMatchObject({ status: 'partial', summary: { stopped: 1, started: 0, failed: 2 } })
  })

  test('of which the parts are not shown settles each by its own state', async () => {
    const run = await night({
      switches: { partialFail: { [A]: 'Ecs.1002' }, subJobMissing: ids(3) },
      environment: SOON,
    })
    expect(await ends(world, run)).toEqual([
      '0: failed still-running',
      '1: stopped stopped',
      '2: stopped stopped',
    ])
  })

  test('for one that was busy is asked again for it', async () => {
    const run = await night({
      switches: { partialFail: { [A]: 'Ecs.0603' } },
      afterwards: () => {
        world.simulator.switches.partialFail = {}
      },
    })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'SOFT 0 200'])
    expect(await ends(world, run)).toEqual(ALL_STOPPED)
  })
})

describe('nobody knows what became of the job', () => {
  test.each<[string, Partial<Switches>, Record<string, string>]>([
    ['it is lost with 400', { jobsLost: '400' }, {}],
    ['it is lost with 404', { jobsLost: '404' }, {}],
    ['it runs for ever', { jobStuck: true }, SOON],
    ['its parts are missing', { subJobMissing: ids(3) }, {}],
  ])('%s: the servers decide, and nobody is asked twice', async (_, switches, environment) => {
    const run = await night({ switches, environment })
    expect(await ends(world, run)).toEqual(ALL_STOPPED)
    expect(sent(world)).toHaveLength(1)
  })

  test('it is lost, and one is still up and idle: that one is asked again', async () => {
    const run = await night({
      switches: { jobsLost: '404', partialFail: { [B]: 'Ecs.1002' } },
      afterwards: () => {
        world.simulator.switches.partialFail = {}
      },
    })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'SOFT 1 200'])
    expect(await ends(world, run)).toEqual(ALL_STOPPED)
  })
})

describe('the answer was lost', () => {
  const match = { route: 'stop' as const }
  const lost = (kind: Fault['kind'], times = 1): Night => ({
    switches: { faults: [{ match, times, kind }] },
    environment: { CLOUD_TIMEOUT_MS: '300', ...SOON },
  })

  test.each(['resetAfter', 'hangAfter', 'wrongJson'] as const)(
    'after it was carried out (%s): they are off, and that is what counts',
    async kind => {
      const run = await night(lost(kind))
      expect(await ends(world, run)).toEqual([0, 1, 2].map(place => `${place}: stopped answer-lost`))
      expect(sent(world)).toHaveLength(1)
      expect(await outcome(run, A)).toMatchObject({ jobId: null, requestedAt: at(START) })
    },
  )

  test.each(['resetBefore', 'hangBefore'] as const)(
    'before it was carried out (%s): they are up and idle, and asked again',
    async kind => {
      const run = await night(lost(kind))
      expect(await ends(world, run)).toEqual(ALL_STOPPED)
      expect(sent(world)).toEqual(['SOFT 0,1,2 0', 'SOFT 0,1,2 200'])
    },
  )

  test('three times: no fourth, and nothing is claimed', async () => {
    const run = await night(lost('resetBefore', 99))
    expect(sent(world)).toHaveLength(3)
    expect(await ends(world, run)).toEqual([0, 1, 2].map(place => `${place}: failed still-running`))
  })

  test('for some of them only: those still up are asked again, and no other', async () => {
    const { switches, environment } = lost('resetAfter')
    const run = await night({
      switches: { ...switches, partialFail: { [C]: 'Ecs.1002' } },
      environment: environment!,
      afterwards: () => {
        world.simulator.switches.partialFail = {}
      },
    })
    expect(sent(world)).toEqual(['SOFT 0,1,2 0', 'SOFT 2 200'])
    expect(await ends(world, run)).toEqual([
      '0: stopped answer-lost',
      '1: stopped answer-lost',
      '2: stopped stopped',
    ])
  })
})

describe('escalation', () => {
  const policy = { escalateAfterMinutes: 15 }

  test('gives a hard stop to exactly those still up, while the soft job still runs', async () => {
    const run = await night({ policy, switches: { softHangs: [B] } })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'HARD 1 200'])
    expect((world.simulator.stops()[1]!.at - START) / MINUTE).toBe(15)
    expect(await ends(world, run)).toEqual([
      '0: stopped stopped',
      '1: stopped escalated',
      '2: stopped stopped',
    ])
    expect(await outcome(run, B)).toMatchObject({ mode: 'hard', jobId: world.simulator.stops()[1]!.jobId })
    expect(await outcome(run, A)).toMatchObject({ mode: 'soft' })
    expect(run.status).toBe('succeeded')
  })

  test('is tried again where the hard stop got lost on its way, and the soft one still hangs', async () => {
    const run = await night({
      policy,
      switches: { softHangs: [B] },
      afterwards: () => {
        world.simulator.switches.faults.push({ match: { route: 'stop' }, times: 1, kind: 'resetBefore' })
      },
    })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'HARD 1 0', 'HARD 1 200'])
    expect((world.simulator.stops()[2]!.at - START) / MINUTE).toBe(30)
    expect(await outcome(run, B)).toMatchObject({ status: 'stopped', code: 'escalated', mode: 'hard' })
  })

  test('gives none where the soft stop never came, and the cloud could not be asked until its time: a soft one once more', async () => {
    world = await createWorld({ servers: fleet(3), environment: SOON })
    const { faults } = world.simulator.switches
    await world.connection()
    const runId = await world.manualRun(
      await world.policy({ nextDueAt: null, ...policy, escalateAfterMinutes: 5 }),
    )
    faults.push({ match: { route: 'stop' }, times: 1, kind: 'resetBefore' })
    await world.runner.drain()
    faults.push({ match: { route: 'list' }, times: 999, kind: 'busy503' })
    await world.pass(6)
    faults.length = 0
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['SOFT 0,1,2 0', 'SOFT 0,1,2 200'])
    expect(await ends(world, run!)).toEqual(ALL_STOPPED)
  })

  test('gives none to a server tagged curfew-no-force, and says so', async () => {
    const special = { 1: { tags: { 'curfew-no-force': '' } } }
    const run = await night({
      policy,
      special,
      switches: { softHangs: [A, B] },
      environment: { RUN_DEADLINE_MINUTES: '20' },
    })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'HARD 0 200'])
    expect(await outcome(run, B)).toMatchObject({ status: 'failed', code: 'still-running', mode: 'soft' })
    expect((await outcome(run, B)).reason).toContain('curfew-no-force')
  })

  test('gives none to a server that went off, and that somebody started again before it was seen', async () => {
    world = await createWorld({ servers: fleet(3), environment: SOON })
    await world.connection()
    const runId = await world.manualRun(
      await world.policy({ nextDueAt: null, ...policy, escalateAfterMinutes: 5 }),
    )
    await world.runner.drain()
    world.simulator.switches.faults.push({ match: { route: 'list' }, times: 999, kind: 'busy503' })
    await world.pass(3)
    world.simulator.change(B, { status: 'ACTIVE', taskState: null })
    world.simulator.switches.faults.length = 0
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['SOFT 0,1,2 200'])
    expect(await outcome(run!, B)).toMatchObject({ status: 'failed', code: 'still-running', mode: 'soft' })
    expect((await outcome(run!, B)).reason).toContain('somebody may have undone that')
  })

  test('does not happen where none is wanted', async () => {
    const run = await night({ switches: { softHangs: [B] }, environment: SOON })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200'])
    expect((await outcome(run, B)).code).toBe('still-running')
  })

  test('follows a soft job that failed', async () => {
    const run = await night({ policy, switches: { softHangs: [B], softHangSeconds: 120 } })
    expect(sent(world)).toEqual(['SOFT 0,1,2 200', 'HARD 1 200'])
    expect((await outcome(run, B)).code).toBe('escalated')
  })

  const BUSY: Partial<Switches> = { softHangs: [B], hardDuringSoft: 'busy' }
  test.each<[string, Partial<Switches>]>([
    ['its part of the job fails', {}],
    ['the whole request is refused', { badMember: 'refuse' }],
    ['the whole request is refused, and the server named', { badMember: 'refuse', refusalNamesId: true }],
  ])('refused while the soft stop is under way is tried again when that is over: %s', async (_, switches) => {
    const run = await night({ policy, switches: { ...BUSY, ...switches, softHangSeconds: 1200 } })
    const hard = world.simulator.stops().filter(({ stop }) => stop.type === 'HARD')
    expect(hard.length).toBeLessThanOrEqual(3)
    expect(hard.at(-1)).toMatchObject({ status: 200, stop: { ids: [B] } })
    expect((await outcome(run, B)).code).toBe('escalated')
  })

  test.each<[string, Partial<Switches>]>([
    ['its part of the job fails', {}],
    ['the whole request is refused', { badMember: 'refuse' }],
  ])('refused for ever ends at the deadline, after few requests: %s', async (_, switches) => {
    const run = await night({
      policy: { escalateAfterMinutes: 2 },
      switches: { ...BUSY, ...switches },
      environment: SOON,
    })
    expect(sent(world).length).toBeLessThanOrEqual(4)
    expect(await outcome(run, B)).toMatchObject({ status: 'failed', code: 'still-running' })
  })

  test('refused for good, for a cause that is nobody’s, ends at the deadline as well', async () => {
    const body = { error: { code: 'Ecs.0003', message: 'the account is restricted' } }
    const refuse = () =>
      void world.simulator.switches.faults.push({
        match: { route: 'stop' },
        times: 99,
        kind: 'status',
        status: 403,
        body,
      })
    const run = await night({
      policy: { escalateAfterMinutes: 2 },
      switches: { softHangs: [B] },
      environment: SOON,
      afterwards: refuse,
    })
    expect(sent(world).length).toBeLessThanOrEqual(4)
    expect(await outcome(run, B)).toMatchObject({ status: 'failed', code: 'still-running', mode: 'soft' })
  })
})

describe('bare metal', () => {
  const metal = {
    0: { kind: 'bms' },
    1: { kind: 'bms', status: 'SHUTOFF' },
    2: { kind: 'bms', locked: true },
  } as const
  const policy = { kind: 'bms', mode: 'hard', acceptPowerCut: true }

  test.each(['stopped', 'shutoff'] as const)('is stopped hard, and seen off (%s)', async bmsVmState => {
    const run = await night({ special: metal, policy, switches: { bmsVmState } })
    expect(world.simulator.stops().map(({ path }) => path)).toEqual([
      expect.stringContaining('/baremetalservers/action'),
    ])
    expect(sent(world)).toEqual(['HARD 0 200'])
    expect(await ends(world, run)).toEqual([
      '0: stopped stopped',
      '1: skipped already-stopped',
      '2: skipped locked',
    ])
    expect(await outcome(run, A)).toMatchObject({ mode: 'hard' })
  })

  test('that was off before we asked is not claimed', async () => {
    const special = { 0: { kind: 'bms' }, 1: { kind: 'bms' } } as const
    world = await createWorld({ servers: fleet(2, special) })
    await world.connection({ maxServersPerMinute: { ecs: null, bms: 1 } })
    const runId = await world.manualRun(await world.policy({ nextDueAt: null, ...policy }))
    await world.runner.drain()
    world.simulator.change(B, { status: 'SHUTOFF' })
    const [run] = await world.ended([runId])
    expect(sent(world)).toEqual(['HARD 0 200'])
    expect(await ends(world, run!)).toEqual(['0: stopped stopped', '1: skipped already-stopped'])
  })

  test('fails as its own part of the job failed', async () => {
    const special = { 0: { kind: 'bms' }, 1: { kind: 'bms' }, 2: { kind: 'bms' } } as const
    const run = await night({
      special,
      policy,
      switches: { partialFail: { [A]: 'BMS.1007', [B]: 'BMS.0605' } },
    })
    expect(await ends(world, run)).toEqual(['0: failed job-failed', '1: failed locked', '2: stopped stopped'])
  })
})
