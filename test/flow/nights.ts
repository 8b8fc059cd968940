/** Nights of many policies over a large fleet in a world full of faults: what must hold after each of them, and the figures. */
import { expect, vi } from 'vitest'
import type { Message } from '../../infra/local/runner/runner.ts'
import type { SeedServer } from '../../infra/simulator/index.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { at, START } from '../makers.ts'
import { chance } from './chance.ts'
import { createWorld, fleet, type World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PER_MINUTE = 1000

interface NightsOptions {
  policies: number
  servers: number
  nights: number
  seed: number
}
interface Figures {
  runs: number
  statuses: Record<string, number>
  outcomes: Record<string, number>
  stopRequests: number
  cloudRequests: number
  faults: number
  messagesLost: number
}

const add = (counts: Record<string, number>, key: string, count = 1): void => {
  counts[key] = (counts[key] ?? 0) + count
}

/** Servers of as many teams as there are policies; one in fifty protected, one in forty locked, one in a hundred hangs. */
function teams(servers: number, policies: number): SeedServer[] {
  return fleet(servers).map((server, number) => ({
    ...server,
    locked: number % 40 === 7,
    tags: { team: `t${number % policies}`, ...(number % 50 === 3 ? { 'curfew-protect': '' } : {}) },
  }))
}

/** Loses one message of a hundred and doubles two. */
function unreliable(random: () => number, lost: (count: number) => void): (messages: Message[]) => Message[] {
  return messages =>
    messages.flatMap(message => {
      const fate = random()
      if (fate < 0.01) lost(1)
      return fate < 0.01 ? [] : fate < 0.03 ? [message, message] : [message]
    })
}

export async function liveNights({ policies, servers, nights, seed }: NightsOptions): Promise<Figures> {
  const random = chance(seed)
  const figures: Figures = {
    runs: 0,
    statuses: {},
    outcomes: {},
    stopRequests: 0,
    cloudRequests: 0,
    faults: 0,
    messagesLost: 0,
  }
  const seeds = teams(servers, policies)
  const world = await createWorld({
    servers: seeds,
    switches: {
      jobSeconds: { first: 20, spread: 20 },
      randomFaults: { share: 0.1, seed },
      softHangs: new Set(seeds.filter((_, number) => number % 100 === 11).map(({ id }) => id!)),
    },
    deliver: unreliable(random, count => {
      figures.messagesLost += count
    }),
  })
  try {
    await world.connection({ maxServersPerMinute: { ecs: PER_MINUTE, bms: null } })
    for (let number = 0; number < policies; number++) await makePolicy(world, number)
    for (let night = 0; night < nights; night++) {
      startAll(world, random)
      vi.setSystemTime(START + night * DAY_MS + 8 * HOUR_MS - 60_000)
      await world.pass(5 * 60)
      await checkNight(world, { night, policies, figures })
    }
  } finally {
    await world.close()
  }
  return figures
}

/** Due at 20:00, 20:15, 20:30 or 20:45; every other one escalates. */
async function makePolicy(world: World, number: number): Promise<void> {
  const minute = (number % 4) * 15
  await world.policy({
    id: `p${number}`,
    schedule: { cron: `${minute} 20 * * *`, timeZone: 'UTC' },
    selector: { tags: { team: [`t${number}`] } },
    escalateAfterMinutes: number % 2 === 0 ? 15 : null,
    nextDueAt: at(START + 8 * HOUR_MS + minute * 60_000),
  })
}

/** In the morning people start what they need: nineteen of twenty. */
function startAll({ simulator }: World, random: () => number): void {
  for (const { id, status } of simulator.servers('ecs'))
    if (status !== 'ACTIVE' && random() < 0.95) simulator.change(id, { status: 'ACTIVE' })
}

async function checkNight(
  world: World,
  { night, policies, figures }: { night: number; policies: number; figures: Figures },
): Promise<void> {
  const since = at(START + night * DAY_MS + 8 * HOUR_MS)
  for (let number = 0; number < policies; number++) {
    const { items } = await world.store.runs({ policyId: `p${number}`, since, most: 10 })
    expect(items).toHaveLength(1)
    await checkRun(world, items[0]!, figures)
  }
  const stops = world.simulator.stops()
  const window = (end: number) => stops.filter(({ at }) => at > end - 60_000 && at <= end)
  for (const { at: end } of stops)
    expect(window(end).reduce((sum, { stop }) => sum + stop.ids.length, 0)).toBeLessThanOrEqual(PER_MINUTE)
  figures.stopRequests += stops.length
  figures.cloudRequests += world.simulator.ledger.length
  figures.faults += world.simulator.ledger.filter(({ fault }) => fault !== undefined).length
  world.simulator.ledger.length = 0
}

/** A run that hangs, with the heads of its chunks. */
async function told(world: World, run: Run): Promise<string> {
  const chunks = await world.store.chunkHeads({ runId: run.id, planning: run.planning })
  const heads = chunks.map(({ todo, requests, ...head }) => ({
    ...head,
    todo: todo.map(({ members, ...ask }) => ({ ...ask, members: members.length })),
    requests: requests.map(({ members, ...request }) => ({ ...request, members: members.length })),
  }))
  return JSON.stringify({ now: at(Date.now()), run, heads }, null, 1)
}

async function checkRun(world: World, run: Run, figures: Figures): Promise<void> {
  if (!isEnded(run)) throw new Error(`not ended: ${await told(world, run)}`)
  const outcomes = [...(await world.outcomes(run)).values()]
  const counts: Record<string, number> = {}
  for (const { status } of outcomes) add(counts, status)
  const { matched, targets, skipped, stopped, failed, unconfirmed } = run.summary
  expect({ stopped: 0, skipped: 0, failed: 0, unconfirmed: 0, ...counts }).toEqual({
    stopped,
    skipped,
    failed,
    unconfirmed,
  })
  expect(outcomes).toHaveLength(matched)
  expect(targets).toBe(stopped + failed + unconfirmed)
  for (const { serverId, status } of outcomes) {
    const server = world.simulator.server(serverId)!
    if (status === 'stopped') expect([server.name, server.status]).toEqual([server.name, 'SHUTOFF'])
    if ('curfew-protect' in server.tags) expect(status).toBe('skipped')
  }
  figures.runs++
  add(figures.statuses, run.status)
  for (const { status, code } of outcomes) add(figures.outcomes, `${status} ${code}`)
}
