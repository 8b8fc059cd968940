/** A morning on which the cloud has no room for some of many servers for a while, however it says so. */
import { expect } from 'vitest'
import type { Switches } from '../../infra/simulator/index.ts'
import { createWorld, fleet, type World } from './world.ts'

const MINUTE_MS = 60_000
/** How long there is no room. */
const SOLD_OUT_MINUTES = 20

export interface SoldOut {
  servers: number
  /** The share of them for which there is no room. */
  share: number
  api: 'huaweicloud' | 'openstack'
  as: NonNullable<Switches['capacity']>['as']
}

export interface Morning {
  world: World
  /** How often the cloud was asked while the run went on: for starts, and for what became of them. */
  requests: { starts: number; reads: number }
  /** When the last server that there was room for was seen up, and the last of all; minutes after the request for the start. */
  upAfterMinutes: { others: number; all: number }
}

/** Starts what a run has stopped, and checks every outcome against the cloud. */
export async function startSoldOut({ servers, share, api, as }: SoldOut): Promise<Morning> {
  const seeds = fleet(servers).map(server => ({ ...server, status: 'ACTIVE' }))
  const every = Math.round(1 / share)
  const refuses = seeds.filter((_, number) => number % every === every - 1).map(({ id }) => id!)
  const world = await createWorld({ servers: seeds })
  await world.connection({ api })
  const policy = await world.policy({ nextDueAt: null })
  const [stop] = await world.ended([await world.manualRun(policy)])
  expect(stop!.summary).toMatchObject({ targets: servers, stopped: servers })

  const begun = Date.now()
  world.simulator.ledger.length = 0
  const untilMs = begun + SOLD_OUT_MINUTES * MINUTE_MS
  world.simulator.switches.capacity = { refuses, untilMs, as, nativeEnds: 'off' }
  const [run] = await world.ended([await world.manualRun(policy, { action: 'start' })])
  const outcomes = await world.outcomes(run!)
  expect(run).toMatchObject({
    status: 'succeeded',
    summary: { matched: servers, targets: servers, started: servers, failed: 0, skipped: 0, unconfirmed: 0 },
  })
  expect(new Set(world.simulator.servers().map(({ status }) => status))).toEqual(new Set(['ACTIVE']))
  const last = (ids: string[]) =>
    Math.max(...ids.map(id => (Date.parse(outcomes.get(id)!.endedAt) - begun) / MINUTE_MS))
  const lacking = new Set(refuses)
  const others = last(seeds.flatMap(({ id }) => (lacking.has(id!) ? [] : [id!])))
  for (const id of refuses) expect(Date.parse(outcomes.get(id)!.endedAt)).toBeGreaterThanOrEqual(untilMs)
  const starts = world.simulator.starts().length
  const requests = { starts, reads: world.simulator.ledger.length - starts }
  return { world, requests, upAfterMinutes: { others, all: last(refuses) } }
}
