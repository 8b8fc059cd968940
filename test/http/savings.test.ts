import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { newChunk } from '../../lib/core/model/chunk.ts'
import type { Run } from '../../lib/core/model/run.ts'
import {
  ReconciledMonth,
  SavingsLineDocument,
  SavingsSummary,
} from '../../lib/http/schemas/savings-schemas.ts'
import { aPolicy, aRun, aSettled, at, START } from '../makers.ts'
import { type HttpWorld, openWorld } from './world.ts'

const HOUR = 3_600_000
const prices = { currency: 'CNY', perHour: { s6: 0.421 }, charged: [] }
type Facts = { flavor: string; tags: Record<string, string[]> }

let world: HttpWorld

/** A run that stopped these servers an hour after it was due, and was looked at last so many hours later. */
async function stoppedRun(
  overrides: Partial<Run>,
  servers: Record<string, Facts>,
  lookedAt: number | null,
): Promise<void> {
  const { store } = world
  const ids = Object.keys(servers)
  const dueMs = Date.parse(overrides.dueAt!)
  const run = aRun({
    status: 'succeeded',
    endedAt: at(dueMs + HOUR),
    chunks: 1,
    ...overrides,
    summary: {
      matched: 9,
      targets: 9,
      skipped: 0,
      stopped: ids.length,
      started: 0,
      failed: 0,
      unconfirmed: 0,
    },
  })
  await store.createRun(run, aPolicy(), null)
  const chunk = newChunk(run, 0, { size: ids.length, mode: 'soft', readAt: run.dueAt })
  await store.createChunk(
    chunk,
    ids.map(id => ({
      id,
      name: `name of ${id}`,
      facts: { ...servers[id]!, charging: 'payPerUse' as const },
    })),
  )
  const settled = new Map(ids.map((_, place) => [place, aSettled({ endedAt: at(dueMs + HOUR) })]))
  await store.saveChunk({ chunk: { ...chunk, status: 'done' }, servers: [], settled }, null)
  if (lookedAt !== null)
    await store.looked(run, { lookedAt: at(dueMs + lookedAt * HOUR), nextAt: null, prices })
}

const web = { flavor: 's6', tags: { team: ['web'] } }
const data = { flavor: 's6', tags: { team: ['data'] } }
const RANGE = { from: at(START), to: at(START + 48 * HOUR) }

beforeAll(async () => {
  const server = (id: string) => ({ kind: 'ecs' as const, id, name: id })
  world = await openWorld({
    servers: [server('s-1'), server('s-2'), server('other')],
    switches: { onPlan: { 's-2': 'savingsPlan' } },
  })
  await world.connection()
  await stoppedRun({ id: 'a.1', policyId: 'a', dueAt: at(START) }, { 's-1': web, 's-2': data }, 11)
  // Another policy asked the same server at the same time, and saw it off, too.
  await stoppedRun({ id: 'b.1', policyId: 'b', dueAt: at(START + HOUR / 2) }, { 's-2': data, 's-3': web }, 12)
  await stoppedRun(
    { id: 'm.1', policyId: undefined, dueAt: at(START + 20 * HOUR) },
    { 's-9': { ...web, flavor: 'c7' } },
    3,
  )
  await stoppedRun({ id: 'new', policyId: 'a', dueAt: at(START + 40 * HOUR) }, { 's-1': web }, null)
})
afterAll(() => world.close())

type Summary = z.infer<typeof SavingsSummary>
const savings = async (query: Record<string, string> = {}): Promise<Summary> =>
  SavingsSummary.parse((await world.ask('GET', '/v1/savings', { query: { ...RANGE, ...query } })).body)

async function allLines(limit: string) {
  const lines: z.infer<typeof SavingsLineDocument>[] = []
  for (let cursor: string | undefined; ; ) {
    const query = { ...RANGE, limit, ...(cursor && { cursor }) }
    const { body } = await world.ask('GET', '/v1/savings/lines', { query })
    lines.push(...body.items.map((item: unknown) => SavingsLineDocument.parse(item)))
    if (body.nextCursor === null) return lines
    cursor = body.nextCursor
  }
}

test('lines are the same by pages of one and in one page, and no server has two at once', async () => {
  const lines = await allLines('1')
  expect(lines).toEqual(await allLines('1000'))
  expect(lines.map(({ serverId, runId, from, to, amount }) => [serverId, runId, from, to, amount])).toEqual([
    ['s-1', 'a.1', at(START + HOUR), at(START + 11 * HOUR), 4.21],
    ['s-2', 'a.1', at(START + HOUR), at(START + 11 * HOUR), 4.21],
    ['s-2', 'b.1', at(START + 11 * HOUR), at(START + 12.5 * HOUR), 0.6315],
    ['s-3', 'b.1', at(START + 1.5 * HOUR), at(START + 12.5 * HOUR), 4.631],
    ['s-9', 'm.1', at(START + 21 * HOUR), at(START + 23 * HOUR), 0],
  ])
  expect(lines.at(-1)).toMatchObject({ policyId: null, hours: 2, savingHours: 0, zeroBecause: 'no-price' })
})

test.each(['policy', 'connection', 'server', 'day', 'month', 'tag:team', 'tag:none'])(
  'sums by %s equal their lines to the cent',
  async by => {
    const { items, totals } = await savings({ by })
    const cents = (amounts: { amount: number }[]) =>
      amounts.reduce((sum, { amount }) => sum + Math.round(amount * 1e6), 0)
    const lines = await allLines('1000')
    expect(cents(items)).toBe(cents(lines))
    expect(totals).toEqual([{ currency: 'CNY', amount: cents(lines) / 1e6 }])
    const hours = (all: { hours: number }[]) => all.reduce((sum, one) => sum + one.hours, 0)
    expect(hours(items)).toBeCloseTo(hours(lines), 4)
  },
)

test('a tag groups by its value when the server was stopped; a server counts once', async () => {
  const { items } = await savings({ by: 'tag:team' })
  expect(items.map(({ key, servers, noPriceHours }) => [key, servers, noPriceHours])).toEqual([
    ['web', 3, 2],
    ['data', 1, 0],
  ])
})

test('what is asked for clips lines', async () => {
  const clip = { from: at(START + 2 * HOUR), to: at(START + 3 * HOUR) }
  expect((await savings(clip)).items).toMatchObject([
    { key: 'a', servers: 2, hours: 2, amount: 0.842 },
    { key: 'b', servers: 1, hours: 1, amount: 0.421 },
  ])
})

test('as CSV a page of lines says in a header where the next one begins', async () => {
  const headers = { accept: 'text/csv' }
  const page = await world.ask('GET', '/v1/savings/lines', { query: { ...RANGE, limit: '2' }, headers })
  expect(page.text.split('\r\n')[1]).toMatch(/^"s-1","name of s-1","prod","a","a\.1","s6",/)
  const query = { ...RANGE, limit: '2', cursor: page.headers['next-cursor']! }
  const next = await world.ask('GET', '/v1/savings/lines', { query, headers })
  expect(next.text.split('\r\n')[1]).toMatch(/^"s-2","name of s-2","prod","b","b\.1"/)
  const sums = await world.ask('GET', '/v1/savings', { query: RANGE, headers })
  expect(sums.text.split('\r\n')[1]).toBe('"a",2,20,20,0,8.42,"CNY"')
})

test.each([
  [{ by: 'team' }, 'by', 'expected policy, connection, server, day, month or tag:KEY'],
  [{ from: RANGE.to, to: RANGE.from }, 'from', 'expected an instant before'],
  [{ from: 'yesterday' }, 'from', 'expected an ISO 8601 instant'],
  [{ timeZone: 'CST' }, 'timeZone', 'expected an IANA time zone'],
])('%j is refused, and why is said', async (query, path, message) => {
  const { status, body } = await world.ask('GET', '/v1/savings', { query })
  expect(status).toBe(422)
  expect(body.errors).toMatchObject([{ path, message: expect.stringContaining(message) }])
})

describe('a month beside its bill', () => {
  const query = { month: '2026-11', connection: 'prod' }
  const reconciled = () => world.ask('GET', '/v1/savings/reconcile', { query })
  beforeAll(() => vi.setSystemTime(START + 20 * HOUR))

  test('shows each claim beside what was charged; the claims add up to those of the ledger', async () => {
    const month = ReconciledMonth.parse((await reconciled()).body)
    expect(
      month.items.map(({ serverId, claimed, billed, check }) => [serverId, claimed, billed, check]),
    ).toEqual([
      ['s-2', 4.8415, 0, 'plan'],
      ['s-3', 4.631, null, 'not-billed'],
      ['s-1', 4.21, 8, 'fits'],
    ])
    const { totals } = await savings()
    expect(month.totals.claimed).toBe(totals[0]!.amount)
    expect(month.totals).toMatchObject({ billed: 8, inDoubt: 9.4725, billedElsewhere: 8 })
    expect(month.notes).toEqual(['The month goes on: a bill comes up to a day late.'])
  })

  test('in another currency takes no claim, and says so', async () => {
    world.simulator.switches.currency = 'USD'
    const { items, notes } = ReconciledMonth.parse((await reconciled()).body)
    expect([items, notes.at(-1)]).toEqual([[], 'Claims in CNY are left out: the bill is in USD.'])
    world.simulator.switches.currency = 'CNY'
  })

  test('that the key may not see is refused with the right that it lacks', async () => {
    const refusal = { error_code: 'CBC.0151', error_msg: 'user access denied' }
    const fault = { match: { route: 'records' as const }, times: 1, kind: 'status' as const, status: 403 }
    world.simulator.switches.faults.push({ ...fault, body: refusal })
    const { status, body } = await reconciled()
    expect([status, body.detail]).toEqual([502, expect.stringContaining('billing:billDetail:view')])
  })

  test('is a month, of a connection that is there', async () => {
    const ask = async (changed: object) =>
      (await world.ask('GET', '/v1/savings/reconcile', { query: { ...query, ...changed } })).body.errors
    expect(await ask({ month: '2026-13' })).toEqual([
      { path: 'month', message: 'expected a month such as 2026-11, got "2026-13"' },
    ])
    expect(await ask({ connection: 'none' })).toMatchObject([{ message: expect.stringContaining('"none"') }])
  })
})
