import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type * as z from 'zod'
import { Coverage } from '../../lib/http/schemas/coverage-schemas.ts'
import { type HttpWorld, openWorld, policyBody } from './world.ts'

const ecs = (name: string, tags: Record<string, string> = {}) => ({ kind: 'ecs', name, tags }) as const

let world: HttpWorld
beforeAll(async () => {
  world = await openWorld({
    servers: [
      ecs('dev-1', { env: 'dev' }),
      ecs('kept', { env: 'dev', 'curfew-protect': '' }),
      { ...ecs('member', { env: 'dev' }), id: 'member' },
      ecs('=web-1', { team: 'web' }),
      ecs('web-2', { team: 'web' }),
      { kind: 'bms', name: 'metal' },
    ],
    scalingGroups: [{ name: 'web', made: ['member'] }],
  })
  await world.connection()
  const selector = { tags: { env: ['dev'] } }
  await world.ask('PUT', '/v1/policies/night', { body: policyBody({ id: 'night', selector }) })
})
afterAll(() => world.close())

const coverage = async (query = {}): Promise<z.infer<typeof Coverage>> =>
  Coverage.parse((await world.ask('GET', '/v1/coverage', { query })).body)

const asCsv = (query = {}) => world.ask('GET', '/v1/coverage', { query, headers: { accept: 'text/csv' } })

test('tells covered, protected and uncovered servers of both kinds apart, and suggests a policy that saves', async () => {
  const { summary, uncovered, byTag, suggestion, unreachable } = await coverage()
  expect(summary).toEqual({ servers: 6, covered: 1, protected: 2, uncovered: 3 })
  expect(uncovered.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
    'bms metal',
    'ecs =web-1',
    'ecs web-2',
  ])
  expect(byTag).toEqual([{ key: 'team', value: 'web', servers: 2 }])
  expect(unreachable).toEqual([])
  expect(suggestion).toMatchObject({ covers: 2, of: 2 })
  const preview = await world.ask('POST', '/v1/preview', { body: suggestion!.policy })
  expect(preview.body.summary).toMatchObject({ matched: 2 })
  const saved = await world.ask('PUT', `/v1/policies/${suggestion!.policy.id}`, { body: suggestion!.policy })
  expect(saved.status).toBe(201)
})

test('as CSV, no name is a formula', async () => {
  const { text, headers } = await asCsv()
  expect(headers['content-type']).toBe('text/csv; charset=utf-8')
  const lines = text.split('\r\n')
  expect(lines[0]).toBe(
    '\uFEFF"serverId","name","connection","kind","flavor","upSinceHours","tags","problem"',
  )
  expect(lines.find(line => line.includes('web-1'))).toMatch(/"'=web-1","prod","ecs".*"team=web",$/)
})

test('a connection that cannot be listed is named once, and counts for nothing', async () => {
  await world.connection({ id: 'none', credentials: { source: 'environment', name: 'NONE_' } })
  const { summary, unreachable } = await coverage()
  expect(summary.servers).toBe(6)
  expect(unreachable).toMatchObject([
    { connection: 'none', kind: null, reason: expect.stringContaining('NONE_HUAWEICLOUD_SDK_AK') },
  ])
  expect((await coverage({ connection: 'prod' })).unreachable).toEqual([])
  const { text } = await asCsv()
  expect(text).toMatch(/\r\n,,"none",,,,,"not counted: .*NONE_HUAWEICLOUD_SDK_AK.*"\r\n$/)
  expect((await world.ask('GET', '/v1/coverage?connection=nowhere')).status).toBe(404)
})

test('asks no cloud once the time for an answer is up, and names who was not looked at', async () => {
  await world.connection({ id: 'late' })
  const before = world.simulator.ledger.length
  vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() - 60_000)
  const { summary, unreachable } = await coverage({ connection: 'late' })
  expect([summary.servers, unreachable]).toEqual([
    0,
    [{ connection: 'late', kind: null, reason: 'its servers were not all listed within 22 s' }],
  ])
  expect(world.simulator.ledger).toHaveLength(before)
})

test('every uncovered server is in the CSV, however many there are', async () => {
  world.simulator.addServers(Array.from({ length: 1001 }, (_, place) => ecs(`more-${place}`)))
  const uncovered = (await coverage({ connection: 'prod' })).uncovered.length
  const { text } = await asCsv({ connection: 'prod' })
  expect([uncovered, text.match(/"more-/g)?.length]).toEqual([1000, 1001])
})
