import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RunEnded } from '../../lib/core/notify/events.ts'
import { chance } from '../flow/chance.ts'
import { fleet } from '../flow/world.ts'
import { schedulerEvent } from './events.ts'
import { type Installation, startInstallation } from './installation.ts'

const POLICIES = 12
const KILLS = 30
const SERVERS = fleet(POLICIES * 3).map((server, number) => ({
  ...server,
  tags: { policy: `p-${number % POLICIES}` },
}))
let curfew: Installation
beforeAll(async () => {
  curfew = await startInstallation({ servers: SERVERS, switches: { jobSeconds: { first: 1, spread: 2 } } })
  const { ask } = curfew
  await curfew.connect(60)
  for (let number = 0; number < POLICIES; number++)
    await ask('PUT', `/v1/policies/p-${number}`, {
      connection: 'prod',
      kind: 'ecs',
      schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
      selector: { tags: { policy: [`p-${number}`] } },
    })
})
afterAll(() => curfew.close())

const ends = () => curfew.aws.events.map(({ detail }) => RunEnded.parse(detail))

/** Ticks and messages, until every run was told of: a lease that a death left behind takes two minutes to run out. */
async function liveOn(until: number): Promise<void> {
  const { lambdas, runner } = curfew
  while (new Set(ends().map(({ id }) => id)).size < POLICIES && Date.now() < until) {
    await lambdas.tick.invoke(schedulerEvent(new Date().toISOString())).catch(() => undefined)
    for (let second = 0; second < 5; second++) {
      await runner.drain().catch(() => undefined)
      await sleep(1000)
    }
  }
}

test('archives whose processes are killed again and again stop everything that was due, and tell of each end', async () => {
  const dueAt = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString()
  for (let number = 0; number < POLICIES; number++) await curfew.makeDue(`p-${number}`, dueAt)
  const random = chance(20261121)
  const lambdas = Object.values(curfew.lambdas)
  const killer = (async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(300 + random() * 1200)
      lambdas[Math.floor(random() * lambdas.length)]!.kill()
    }
  })()
  await liveOn(Date.now() + 540_000)
  await killer

  const told = Map.groupBy(ends(), ({ id }) => id)
  expect(told.size).toBe(POLICIES)
  for (const ended of told.values()) {
    expect(new Set(ended.map(end => JSON.stringify(end))).size).toBe(1)
    expect(ended[0]!.run).toMatchObject({
      status: 'succeeded',
      summary: { stopped: 3, started: 0, failed: 0, unconfirmed: 0 },
    })
  }
  const { simulator } = curfew
  expect(new Set(simulator.servers().map(({ status }) => status))).toEqual(new Set(['SHUTOFF']))
  const perServer = Map.groupBy(
    simulator.stops().flatMap(({ stop }) => stop.ids),
    id => id,
  )
  expect(perServer.size).toBe(SERVERS.length)
})
