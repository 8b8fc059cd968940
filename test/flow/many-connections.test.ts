/** One policy, many connections: each due time makes a run for each that matches then, and each goes its own way. */
import { afterEach, expect, test } from 'vitest'
import { editedPolicy } from '../../lib/core/documents/documents.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { tick } from '../../lib/steps/tick/tick.ts'
import { at, START } from '../makers.ts'
import { consumedBy } from './consumed.ts'
import { shortAfter } from './short-time.ts'
import { sixtyProjects } from './sixty-projects.ts'
import { createWorld, fleet, rigStore, type World } from './world.ts'

let world: World
afterEach(() => world.close())

const HOUR = 3_600_000

async function runsOf(policyId = 'nightly-dev'): Promise<Run[]> {
  const { items } = await world.store.runs({ policyId, most: 1000 })
  return items.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}
const told = (runs: Run[]): string[] => runs.map(({ id, status }) => `${id} ${status}`)

test('of 60 projects in three regions, some by a key and some by an agency, five without the right, 55 runs succeed and five name what is missing', async () => {
  world = await sixtyProjects(n => n % 24 < 12)
}, 600_000)

test('each pair of policy and connection has its own ends, ledger and history; a new connection is in from its next due time on', async () => {
  world = await createWorld({ servers: fleet(3) })
  await world.connection({ id: 'a' })
  await world.connection({ id: 'off', enabled: false })
  await world.policy({
    connections: ['a', 'o*', 'late-*'],
    schedule: { cron: '0 12 * * *', timeZone: 'UTC' },
    start: { cron: '0 14 * * *' },
    nextStartDueAt: at(START + 2 * HOUR),
  })
  await world.pass(5)
  const [own, off] = await runsOf()
  expect(own).toMatchObject({ connection: 'a', status: 'succeeded', summary: { stopped: 3 } })
  expect(off).toMatchObject({ connection: 'off', status: 'failed', reason: 'connection off is disabled' })
  expect(await world.store.badEnds({ since: at(START), most: 10 })).toEqual([off!.id])
  expect(await world.store.runPolicy(own!)).toMatchObject({ connections: ['a', 'o*', 'late-*'] })
  // The other one sees the same servers: what runs in `a` stopped is not its to start.
  await world.connection({ id: 'late-b' })
  await world.pass(2 * 60)
  await world.pass(5)
  const starts = (await runsOf()).filter(({ action }) => action === 'start')
  expect(told(starts)).toEqual([
    'nightly-dev.20261121T140000Z.start.a succeeded',
    'nightly-dev.20261121T140000Z.start.late-b succeeded',
    'nightly-dev.20261121T140000Z.start.off failed',
  ])
  expect(starts.map(({ summary }) => summary.started)).toEqual([3, 0, 0])
  const past = (connection: string) =>
    world.store.pastRuns({ policyId: 'nightly-dev', connection, action: 'stop' })
  expect([(await past('a')).length, (await past('late-b')).length]).toEqual([1, 0])
})

test('a due time at which no connection matches leaves a failed run that says so', async () => {
  world = await createWorld()
  await world.connection({ id: 'lab' })
  await world.policy({ connections: ['prod-*', 'test-?'] })
  await world.pass(2)
  const [run, ...more] = await runsOf()
  expect(more).toEqual([])
  expect(run).toMatchObject({
    id: 'nightly-dev.20261121T120000Z',
    connection: 'prod-*, test-?',
    status: 'failed',
    reason: "no connection matches the policy's connections: nothing could be carried out",
  })
  expect(run!.announcedAt).toBeDefined()
})

test('the connections are listed once a tick, and only where a policy that is due has globs', async () => {
  const listed: number[] = []
  const rig = rigStore(services => ({
    connectionIds: () => {
      listed.push(Date.now())
      return services.store.connectionIds()
    },
  }))
  world = await createWorld({ servers: fleet(1), rig })
  await world.connection({ id: 'a' })
  await world.policy({ id: 'one', connection: 'a' })
  await world.policy({ id: 'named', connections: ['a'] })
  for (let n = 0; n < 3; n++)
    await world.policy({ id: `glob-${n}`, connections: ['a*'], nextDueAt: at(START + HOUR) })
  await world.pass(2)
  expect(listed).toEqual([])
  await world.pass(1 * 60)
  await world.pass(2)
  expect(listed).toHaveLength(1)
})

test('an edit right after runs were made that takes a connection away withdraws what was not begun there', async () => {
  let isEdited = false
  const rig = rigStore(services => ({
    async advancePolicy(policy, due) {
      if (!isEdited) {
        const after = editedPolicy({ ...policy, connections: ['b', 'c'] }, policy, {
          actor: 'ann',
          now: services.now(),
        })
        await services.store.savePolicy(after, policy)
      }
      isEdited = true
      return services.store.advancePolicy(policy, due)
    },
  }))
  world = await createWorld({ servers: fleet(1), rig })
  for (const id of ['a', 'b', 'c']) await world.connection({ id })
  await world.policy({ connections: ['a', 'b'] })
  await world.pass(3)
  const runs = await runsOf()
  expect(told(runs)).toEqual([
    'nightly-dev.20261121T120000Z.a cancelled',
    'nightly-dev.20261121T120000Z.b succeeded',
    'nightly-dev.20261121T120000Z.c succeeded',
  ])
  expect(runs[0]!.reason).toContain('not about this connection any more')
  expect(runs.every(isEnded)).toBe(true)
})

test('a due time in more connections than a tick has time for is gone on with by the next: three writes a run, no read for one that is there', async () => {
  world = await createWorld()
  const CONNECTIONS = 110
  for (let n = 0; n < CONNECTIONS; n++) await world.connection({ id: `c-${n}` })
  const channels = [{ channel: 'ops', on: ['warning'] }]
  await world.policy({
    connections: ['c-*'],
    warn: { minutesBefore: 30, maxSnoozeHours: 12 },
    notify: channels,
  })
  const counts = [0]
  const isDue = async () => (await world.store.policy('nightly-dev'))!.nextDueAt === at(START)
  while (await isDue()) {
    const { requests } = await consumedBy(world, () => tick(world.services, shortAfter(40)))
    const count = (name: string) => requests.filter(one => one === name).length
    const made = (await runsOf()).length - counts.at(-1)!
    counts.push(counts.at(-1)! + made)
    const [puts, gets, batches] = [
      count('PutItemCommand'),
      count('GetItemCommand'),
      count('BatchGetItemCommand'),
    ]
    // A tick notes its time twice at most.
    expect(puts - 3 * made).toBeLessThanOrEqual(2)
    // The clock, the policy, its warning and the message of one channel.
    expect(gets).toBeLessThanOrEqual(4)
    // The connections, and the runs that are there.
    expect(batches).toBeLessThanOrEqual(4)
  }
  expect(counts.length).toBeGreaterThan(3)
  expect(counts.at(-1)).toBe(CONNECTIONS)
  const planned = world.queues.inspect('plan').visible.flatMap(body => JSON.parse(body).runIds)
  expect(planned.toSorted()).toEqual((await runsOf()).map(({ id }) => id))
})
