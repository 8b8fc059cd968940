/** Nights and mornings of many policies over a large fleet in a world full of faults: what must hold after each, and the figures. */
import { expect, vi } from 'vitest'
import type { Message } from '../../infra/local/runner/runner.ts'
import type { SeedServer } from '../../infra/simulator/index.ts'
import { ACTIONS, type Action } from '../../lib/core/model/action.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import { isEnded, type Run } from '../../lib/core/model/run.ts'
import { at, START } from '../makers.ts'
import { chance } from './chance.ts'
import { createWorld, fleet, type World } from './world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PER_MINUTE = 1000
/** Since noon, when the tests begin: the nights' stops and the mornings' starts. */
const EVENING_MS = 8 * HOUR_MS
const MORNING_MS = 19 * HOUR_MS
const SOLD_OUT_MS = 20 * 60_000
const WAYS = ['sub-job-0226', 'sub-job-0319', 'request-0319'] as const

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
  requests: Record<Action, number>
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
    requests: { stop: 0, start: 0 },
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
      vi.setSystemTime(START + night * DAY_MS + EVENING_MS - 60_000)
      await world.pass(5 * 60)
      const stops = await checkRuns(world, { action: 'stop', night, policies, figures })
      sellOut(world, seeds, night)
      vi.setSystemTime(START + night * DAY_MS + MORNING_MS - 60_000)
      await world.pass(4 * 60)
      const starts = await checkRuns(world, { action: 'start', night, policies, figures })
      expectUp(stops, starts)
    }
  } finally {
    await world.close()
  }
  return figures
}

/** Stops are due at 20:00, 20:15, 20:30 or 20:45, starts at 7:00 and so on; every other policy escalates. */
async function makePolicy(world: World, number: number): Promise<void> {
  const minute = (number % 4) * 15
  await world.policy({
    id: `p${number}`,
    schedule: { cron: `${minute} 20 * * *`, timeZone: 'UTC' },
    start: { cron: `${minute} 7 * * *`, retryMinutes: 180 },
    selector: { tags: { team: [`t${number}`] } },
    escalateAfterMinutes: number % 2 === 0 ? 15 : null,
    nextDueAt: at(START + EVENING_MS + minute * 60_000),
    nextStartDueAt: at(START + MORNING_MS + minute * 60_000),
  })
}

/** By the evening people start what they need of what did not come up: nineteen of twenty. */
function startAll({ simulator }: World, random: () => number): void {
  for (const { id, status } of simulator.servers('ecs'))
    if (status !== 'ACTIVE' && random() < 0.95) simulator.change(id, { status: 'ACTIVE' })
}

/** For three of a hundred servers there is no room for the first minutes of a morning. */
function sellOut({ simulator }: World, seeds: SeedServer[], night: number): void {
  const refuses = new Set(seeds.filter((_, number) => number % 33 === night % 33).map(({ id }) => id!))
  const untilMs = START + night * DAY_MS + MORNING_MS + SOLD_OUT_MS
  simulator.switches.capacity = { refuses, untilMs, as: WAYS[night % WAYS.length]! }
}

/** Each server that the night stopped is up in the morning, or has its reason. */
function expectUp(stops: Outcome[], starts: Outcome[]): void {
  const ends = new Map(starts.map(one => [one.serverId, one]))
  const stopped = stops.filter(({ status }) => status === 'stopped')
  const missing = stopped.filter(({ serverId }) => !ends.has(serverId))
  expect(missing).toEqual([])
  const isUp = ({ status, code }: Outcome) => status === 'started' || code === 'already-running'
  const down = stopped.filter(({ serverId }) => !isUp(ends.get(serverId)!))
  expect(down.length).toBeLessThanOrEqual(stopped.length / 50)
}

interface Checking {
  action: Action
  night: number
  policies: number
  figures: Figures
}

/** Every policy's run of a night or a morning is right, and the pace was kept; their outcomes. */
async function checkRuns(world: World, { action, night, policies, figures }: Checking): Promise<Outcome[]> {
  const since = at(START + night * DAY_MS + (action === 'stop' ? EVENING_MS : MORNING_MS))
  const outcomes: Outcome[] = []
  for (let number = 0; number < policies; number++) {
    const { items } = await world.store.runs({ policyId: `p${number}`, since, most: 10 })
    expect(items.map(run => run.action)).toEqual([action])
    outcomes.push(...(await checkRun(world, items[0]!, figures)))
  }
  const sent = world.simulator.actions()
  const window = (end: number) => sent.filter(({ at }) => at > end - 60_000 && at <= end)
  for (const { at: end } of sent)
    expect(window(end).reduce((sum, one) => sum + one.sent.ids.length, 0)).toBeLessThanOrEqual(PER_MINUTE)
  figures.requests[action] += sent.length
  figures.cloudRequests += world.simulator.ledger.length
  figures.faults += world.simulator.ledger.filter(({ fault }) => fault !== undefined).length
  world.simulator.ledger.length = 0
  return outcomes
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

async function checkRun(world: World, run: Run, figures: Figures): Promise<Outcome[]> {
  if (!isEnded(run)) throw new Error(`not ended: ${await told(world, run)}`)
  const outcomes = [...(await world.outcomes(run)).values()]
  const counts: Record<string, number> = {}
  for (const { status } of outcomes) add(counts, status)
  const { matched, targets, ...ends } = run.summary
  expect({ stopped: 0, started: 0, skipped: 0, failed: 0, unconfirmed: 0, ...counts }).toEqual(ends)
  expect(outcomes).toHaveLength(matched)
  expect(targets).toBe(matched - ends.skipped)
  const proven = run.action === 'stop' ? 'SHUTOFF' : 'ACTIVE'
  for (const { serverId, status } of outcomes) {
    const server = world.simulator.server(serverId)!
    if (status === ACTIONS[run.action].done)
      expect([server.name, server.status]).toEqual([server.name, proven])
    if ('curfew-protect' in server.tags) expect(status).toBe('skipped')
  }
  figures.runs++
  add(figures.statuses, run.status)
  for (const { status, code } of outcomes) add(figures.outcomes, `${status} ${code}`)
  return outcomes
}
