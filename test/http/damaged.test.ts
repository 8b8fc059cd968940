import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Key } from '../../lib/aws/table.ts'
import { Now, Week } from '../../lib/http/schemas/overview-schemas.ts'
import { fleet } from '../flow/world.ts'
import { aChange, aChunk, aPolicy, aRun, at, members, START } from '../makers.ts'
import { connectionBody, type HttpWorld, openWorld, policyBody, restorer, type Shown } from './world.ts'

const MINUTE = 60_000
const POLICIES = ['night', 'other', 'third']
const CONNECTIONS = ['prod', 'spare']

let world: HttpWorld
let restore: () => Promise<void>
let keys: Key[]

const client = () => DynamoDBDocumentClient.from(world.dynamo)
type Stored = Key & Record<string, unknown>

async function items(): Promise<Stored[]> {
  const { Items = [] } = await client().send(new ScanCommand({ TableName: world.table.tableName }))
  return Items as Stored[]
}

/** Connections, policies that are due in a minute and select nobody, a run of each that has ended, a change of each. */
beforeAll(async () => {
  world = await openWorld({ servers: fleet(3) })
  for (const id of CONNECTIONS) await world.connection({ id })
  for (const id of POLICIES) {
    const state = { nextDueAt: at(START + MINUTE), selector: { ids: ['nobody'] } }
    const policy = aPolicy({ id, ...state })
    await world.store.savePolicy(policy, null, aChange({ what: 'created' }))
    await world.store.savePolicy({ ...policy, version: 2 }, policy, aChange({ version: 2 }))
    const run = aRun({ id: `${id}.before`, policyId: id, status: 'succeeded', announcedAt: at(START) })
    await world.store.createRun(run, policy, null)
    await world.store.noteEnd(run, at(START - MINUTE), 'bad')
  }
  const asleep = await world.policy({
    id: 'asleep',
    selector: { ids: ['nobody'] },
    start: { cron: '0 7 * * *' },
    snoozedUntil: at(START + 60 * MINUTE),
    snoozeReason: 'release',
  })
  const going = aRun({ id: 'asleep.going', policyId: 'asleep', dueAt: at(START - MINUTE), chunks: 1 })
  await world.store.createRun(going, asleep, null)
  await world.store.createChunk(aChunk({ runId: going.id }), members(3))
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: false } })
  await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })
  await world.store.saveKeyHealth('prod', {
    version: 1,
    refusedAt: at(START - 10 * MINUTE),
    reason: 'refused',
  })
  restore = await restorer(world)
  keys = (await items())
    .map(({ pk, sk }) => ({ pk, sk }))
    .toSorted((a, b) => (a.pk + a.sk < b.pk + b.sk ? -1 : 1))
})
afterAll(() => world.close())

// --- the damage ---------------------------------------------------------------------------------------------

const INDEXED = ['dueKey', 'dueAt', 'listKey', 'listAt']
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, 1.5, true, '', 'x', [], {}, ['x'], { newer: 1 }),
  fc.string({ minLength: 1 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
    maxKeys: 3,
  }),
)

function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || value instanceof Set) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...path, name]))]
}

function replacedAt(value: unknown, [name, ...rest]: string[], by: unknown): unknown {
  if (name === undefined) return by
  const inner = (value as Record<string, unknown>)[name]
  if (Array.isArray(value))
    return by === undefined && rest.length === 0
      ? value.toSpliced(Number(name), 1)
      : value.with(Number(name), replacedAt(inner, rest, by))
  const { [name]: _, ...others } = value as Record<string, unknown>
  return by === undefined && rest.length === 0 ? others : { ...others, [name]: replacedAt(inner, rest, by) }
}

interface Damage {
  item: number
  place: number
  /** `undefined`: the field is gone. */
  by: unknown
}
const damages = fc.record<Damage>({
  item: fc.nat(1000),
  place: fc.nat(1000),
  by: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 9, arbitrary: junk }),
})

/** The key of the item that was damaged. */
async function damaged({ item, place, by }: Damage): Promise<Key> {
  const { pk, sk } = keys[item % keys.length]!
  const stored = (await items()).find(one => one.pk === pk && one.sk === sk)!
  const { pk: _, sk: __, ...rest } = stored
  const places = placesIn(rest).filter(path => path.length > 0)
  const path = places[place % places.length]!
  const value = INDEXED.includes(path[0]!) && by !== undefined ? `${JSON.stringify(by)}.` : by
  const Item = { pk, sk, ...(replacedAt(rest, path, value) as object) }
  await client().send(new PutCommand({ TableName: world.table.tableName, Item }))
  return { pk, sk }
}

// --- what must go on ----------------------------------------------------------------------------------------

interface Whole {
  policies: string[]
  connections: string[]
  runs: string[]
}

/** What has nothing to do with the item. */
function othersThan({ pk }: Key): Whole {
  const isOther = (kind: string) => (id: string) => pk !== `${kind}#${id}`
  return {
    policies: POLICIES.filter(isOther('POLICY')),
    connections: CONNECTIONS.filter(isOther('CONNECTION')),
    runs: POLICIES.map(id => `${id}.before`).filter(isOther('RUN')),
  }
}

const listedIds = async (list: string): Promise<string[]> =>
  (await world.all(`/v1/${list}`, { limit: '1' })).map(({ id }: Shown) => id)

async function expectLists(whole: Whole): Promise<void> {
  for (const list of ['policies', 'connections', 'runs'] as const)
    expect(await listedIds(list)).toEqual(expect.arrayContaining(whole[list]))
}

async function expectReads({ policies, connections, runs }: Whole): Promise<void> {
  const documents = [
    ...policies.map(id => `/v1/policies/${id}`),
    ...connections.map(id => `/v1/connections/${id}`),
  ]
  const paths = [
    ...documents.flatMap(path => [path, `${path}/changes`]),
    ...runs.flatMap(id => [`/v1/runs/${id}`, `/v1/runs/${id}/servers`]),
    '/v1/health',
  ]
  for (const path of paths) expect([path, (await world.ask('GET', path)).status]).toEqual([path, 200])
}

async function expectOverviews({ policies }: Whole): Promise<void> {
  const now = await world.ask('GET', '/v1/now')
  expect([now.status, now.body.detail]).toEqual([200, undefined])
  expect(Now.parse(now.body)).toEqual(now.body)
  const week = await world.ask('GET', '/v1/week')
  expect([week.status, week.body.detail]).toEqual([200, undefined])
  expect(Week.parse(week.body)).toEqual(week.body)
  expect(week.body.items.map(({ policyId }) => policyId)).toEqual(expect.arrayContaining(policies))
}

async function expectPreviewsAndEdits({ policies, connections }: Whole, isSettings: boolean): Promise<void> {
  for (const id of connections.includes('prod') ? policies : []) {
    const preview = await world.ask('POST', `/v1/policies/${id}/preview`)
    if (!isSettings) expect(preview.status).toBe(200)
    const body = policyBody({ id, description: 'changed' })
    expect((await world.ask('PUT', `/v1/policies/${id}`, { body })).status).toBe(200)
  }
  if (connections.includes('spare'))
    expect((await world.ask('DELETE', '/v1/connections/spare')).status).toBe(204)
}

/** At their due time. */
async function expectRuns({ policies, connections }: Whole): Promise<void> {
  vi.setSystemTime(START)
  await world.pass(2)
  if (!connections.includes('prod')) return
  for (const id of policies) {
    const { items: runs } = await world.store.runs({ policyId: id, most: 5 })
    expect(runs.map(({ status, trigger }) => [status, trigger])).toContainEqual(['succeeded', 'schedule'])
  }
}

/** What was damaged can be written again, and deleted. */
async function expectRepair({ pk, sk }: Key): Promise<void> {
  const [kind, id] = pk.split('#')
  if (pk === 'SETTINGS')
    expect((await world.ask('PUT', '/v1/settings', { body: { stopsEnabled: true } })).status).toBe(200)
  if (sk !== 'POLICY' && sk !== 'CONNECTION') return
  if (kind === 'RUN') return
  const path = kind === 'POLICY' ? `/v1/policies/${id}` : `/v1/connections/${id}`
  const body = kind === 'POLICY' ? policyBody({ id }) : connectionBody({ id })
  expect([200, 201]).toContain((await world.ask('PUT', path, { body })).status)
  expect((await world.ask('GET', path)).status).toBe(200)
  if (path !== '/v1/connections/prod') expect((await world.ask('DELETE', path)).status).toBe(204)
}

describe('whatever one item of the table is damaged, and however', () => {
  test(
    'lists, reads, overviews, previews, edits and due runs of all others go on, and it can be replaced',
    async () => {
      const property = fc.asyncProperty(damages, async damage => {
        await restore()
        const key = await damaged(damage)
        const whole = othersThan(key)
        await expectLists(whole)
        await expectReads(whole)
        await expectOverviews(whole)
        if (key.pk !== 'SETTINGS') await expectRuns(whole)
        await expectPreviewsAndEdits(whole, key.pk === 'SETTINGS')
        await restore()
        await damaged(damage)
        await expectRepair(key)
      })
      await fc.assert(property, { numRuns: Number(process.env.DAMAGES ?? 10), endOnFailure: true })
    },
    Number(process.env.DAMAGES_MS ?? 180_000),
  )
})
