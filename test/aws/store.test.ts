import { createHash } from 'node:crypto'
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listedAt, pairPk } from '../../lib/aws/keys.ts'
import { createTable } from '../../lib/aws/table.ts'
import { withoutState as withoutFields } from '../../lib/core/documents/documents.ts'
import { Policy, PolicyState, type StoredPolicy } from '../../lib/core/model/model.ts'
import { NO_SERVERS, type Run } from '../../lib/core/model/run.ts'
import { afterTry } from '../../lib/core/notify/tries.ts'
import { consumedBy } from '../flow/consumed.ts'
import { createWorld, type World } from '../flow/world.ts'
import { aChunk, aPolicy, aRun, at, members, START } from '../makers.ts'

let world: World
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const LEASE = { owner: 'me', leaseUntil: at(START + 60_000) }
const planned = {
  chunks: 2,
  summary: { ...NO_SERVERS, matched: 6, targets: 6 },
  codes: {},
  scope: 6,
  fleet: 9,
}
const withoutState = (policy: StoredPolicy) => withoutFields(policy, PolicyState.shape)
const NEVER_DUE = { nextDueAt: null, nextStartDueAt: null }
const atOnce = <T>(count: number, work: (number: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => work(number)))
const delta = {
  skipped: 1,
  stopped: 2,
  started: 0,
  failed: 0,
  unconfirmed: 0,
  codes: { 'stopped/stopped': 2, 'skipped/protected': 1 },
}

describe('a webhook', () => {
  const ended = aRun({ id: 'a.1', status: 'succeeded' })
  const sending = async () => (await world.store.webhook(ended.id))!

  test('that was taken is not put on the to-do list again, by whoever tells the end once more', async () => {
    await world.store.createWebhook(ended.id, at(START))
    const first = await sending()
    await world.store.saveWebhook(afterTry(first, { reason: null }, START), first)
    await world.store.createWebhook(ended.id, at(START))
    expect(await sending()).toMatchObject({ takenAt: at(START) })
    for await (const page of world.store.due('9999')) expect(page).toEqual([])
  })

  test('that two tried at once is noted once', async () => {
    await world.store.createWebhook(ended.id, at(START))
    const first = await sending()
    await world.store.saveWebhook(afterTry(first, { reason: 'it answered 503' }, START), first)
    await world.store.saveWebhook(afterTry(first, { reason: 'it answered 500' }, START + 9), first)
    expect(await sending()).toMatchObject({ tries: 1, reason: 'it answered 503' })
  })

  test('that was taken at one of two tries stays so', async () => {
    await world.store.createWebhook(ended.id, at(START))
    const first = await sending()
    await world.store.saveWebhook(afterTry(first, { reason: null }, START), first)
    await world.store.saveWebhook(afterTry(first, { reason: 'it answered 503' }, START), first)
    const after = await sending()
    expect(after).toMatchObject({ takenAt: at(START), tries: 0 })
    expect(after.nextAt).toBeUndefined()
  })
})

describe('of many at once, one wins', () => {
  test('ten make the same run: it is made once', async () => {
    const made = await atOnce(10, () => world.store.createRun(aRun(), aPolicy(), at(START)))
    expect(made.filter(Boolean)).toHaveLength(1)
  })

  test('ten take up its planning: one has it', async () => {
    const run = aRun({ status: 'pending', planning: 0, owner: '' })
    await world.store.createRun(run, aPolicy(), at(START))
    const claims = await atOnce(10, number =>
      world.store.claimPlanning(run, { ...LEASE, owner: `planner ${number}` }),
    )
    expect(claims.filter(claim => claim !== null)).toHaveLength(1)
  })

  test('a planner that was overtaken names nothing as planned', async () => {
    const run = aRun({ status: 'pending', planning: 0, owner: '' })
    await world.store.createRun(run, aPolicy(), at(START))
    const slow = (await world.store.claimPlanning(run, { ...LEASE, owner: 'slow' }))!
    const quick = (await world.store.claimPlanning(slow, { ...LEASE, owner: 'quick' }))!
    expect(await world.store.planned(slow, planned, at(START))).toBeNull()
    expect(await world.store.planned(quick, planned, at(START))).toMatchObject({ planning: 2, chunks: 2 })
    expect(await world.store.claimPlanning(quick, LEASE)).toBeNull()
  })

  test('ten take up a chunk: one has it, and what the others save counts for nothing', async () => {
    const chunk = aChunk({ attempt: 0, owner: '' })
    await world.store.createChunk(chunk, members(3))
    const claims = await atOnce(10, number =>
      world.store.claimChunk(chunk, { ...LEASE, owner: `sender ${number}` }),
    )
    const won = claims.filter(claim => claim !== null)
    expect(won).toHaveLength(1)
    const whole = (await world.store.wholeChunk(chunk))!
    const loser = { ...whole, chunk: { ...won[0]!, owner: 'another', status: 'done' as const } }
    expect(await world.store.saveChunk(loser, null)).toBe(false)
    expect((await world.store.wholeChunk(chunk))!.chunk.status).toBe('waiting')
  })

  test('a finished chunk said ten times is counted once', async () => {
    await world.store.createRun(aRun({ chunks: 2, summary: planned.summary }), aPolicy(), at(START))
    const runs = await atOnce(10, () => world.store.chunkDone(aRun().id, { number: 1, delta }))
    const summary = { matched: 6, targets: 5, skipped: 1, stopped: 2, started: 0, failed: 0, unconfirmed: 0 }
    expect(runs.map(run => run!.summary)).toEqual(Array(10).fill(summary))
    expect((await world.store.run(aRun().id))!.doneChunks).toEqual(new Set([1]))
  })

  test('a run ends once, with the first ending', async () => {
    await world.store.createRun(aRun(), aPolicy(), at(START))
    await world.store.endRun(aRun(), { status: 'failed', reason: 'first' }, at(START))
    const run = await world.store.endRun(aRun(), { status: 'succeeded' }, at(START))
    expect(run).toMatchObject({ status: 'failed', reason: 'first' })
  })

  test('a due time moves on once', async () => {
    const policy = await world.policy({ nextDueAt: at(START) })
    const moved = await atOnce(10, number =>
      world.store.advancePolicy(policy, { nextDueAt: at(START + 1000 + number), nextStartDueAt: null }),
    )
    expect(moved.filter(Boolean)).toHaveLength(1)
  })

  test('fifty ask for the pace at once: no more than the limit may go', async () => {
    const of = { projectId: 'p', kind: 'ecs' }
    const answers = await atOnce(50, number =>
      world.store.pace(of, { key: `run ${number}`, count: 30, perMinute: 100 }),
    )
    expect(answers.filter(({ kind }) => kind === 'granted').length).toBeLessThanOrEqual(3)
  })
})

describe('the to-do list', () => {
  test('gives what is due, the longest waiting first, and nothing that is not', async () => {
    await world.policy({ id: 'later', nextDueAt: at(START + 1) })
    await world.policy({ id: 'now', nextDueAt: at(START) })
    await world.policy({ id: 'before', nextDueAt: at(START - 1000) })
    await world.policy({ id: 'disabled', enabled: false, nextDueAt: null })
    const due = await Array.fromAsync(world.store.due(at(START)))
    expect(due.flat()).toEqual([
      { kind: 'policy', id: 'before', dueAt: at(START - 1000) },
      { kind: 'policy', id: 'now', dueAt: at(START) },
    ])
  })

  test('a run whose head is not there yet is no run', async () => {
    expect(await world.store.run('nobody')).toBeNull()
    expect((await world.store.runs({ most: 10 })).items).toEqual([])
  })
})

test('the history of a policy in a connection is whole, and costs as much to read, whatever it does elsewhere', async () => {
  const make = (connection: string, day: number) => {
    const dueAt = at(START + day * 86_400_000)
    const run = aRun({ id: `nightly-dev.${day}.${connection}`, connection, dueAt, summary: planned.summary })
    return world.store.createRun(run, aPolicy(), null)
  }
  const history = async () => {
    let runs = 0
    const of = { policyId: 'nightly-dev', connection: 'own', action: 'stop' } as const
    const consumed = await consumedBy(world, async () => {
      runs = (await world.store.pastRuns(of)).length
    })
    return { runs, ...consumed }
  }
  for (let day = 0; day < 10; day++) await make('own', day)
  const alone = await history()
  expect(alone.runs).toBe(10)
  await atOnce(300, number => make(`other-${number}`, 10))
  expect(await history()).toEqual(alone)
})

test('runs that an earlier version made follow those that are listed by pairs', async () => {
  const make = async (day: number, connection = 'own') => {
    const run = aRun({
      id: `nightly-dev.${day}.${connection}`,
      connection,
      dueAt: at(START + day * 86_400_000),
    })
    await world.store.createRun(run, aPolicy(), null)
    return run
  }
  const listed = async (most: number) => {
    const found: string[] = []
    let after: Record<string, unknown> | undefined
    do {
      const of = { policyId: 'nightly-dev', connection: 'own', since: at(START + 86_400_000) }
      const { items, next } = await world.store.runs({ ...of, most, after })
      found.push(...items.map(({ id }) => id))
      after = next
    } while (after)
    return found
  }
  const table = createTable(world.dynamo, world.table.tableName)
  const earlier = [await make(0), await make(1), await make(2, 'other'), await make(3)]
  for (const run of earlier) await table.remove({ pk: pairPk(run), sk: listedAt(run.dueAt, run.id) })
  for (const most of [1, 2, 9]) expect(await listed(most)).toEqual(['nightly-dev.3.own', 'nightly-dev.1.own'])
  await make(4, 'other')
  await make(4)
  await make(5)
  const all = ['5', '4', '3', '1'].map(day => `nightly-dev.${day}.own`)
  for (const most of [1, 2, 9]) expect(await listed(most)).toEqual(all)
})

test('the history of a new pair costs three queries beside a thousand runs of others', async () => {
  const others = Array.from({ length: 1200 }, (_, i) => i)
  for (const i of others)
    await world.store.createRun(
      aRun({ id: `nightly-dev.1.${i}`, connection: `other-${i}`, dueAt: at(START) }),
      aPolicy(),
      null,
    )
  const { requests } = await consumedBy(world, async () =>
    expect(await world.store.latestRuns({ policyId: 'nightly-dev', connection: 'own' }, 10)).toEqual([]),
  )
  expect(requests).toEqual(['QueryCommand', 'QueryCommand', 'QueryCommand'])
})

test('a run that is asked for twice, a moment apart, is listed once', async () => {
  const make = (ms: number) =>
    world.store.createRun(
      aRun({ id: 'undo.twice', connection: 'own', dueAt: at(START + ms) }),
      aPolicy(),
      null,
    )
  expect([await make(0), await make(5)]).toEqual([true, false])
  const { items } = await world.store.runs({ policyId: 'nightly-dev', connection: 'own', most: 10 })
  expect(items.map(({ id, dueAt }) => [id, dueAt])).toEqual([['undo.twice', at(START)]])
})

/** The first two policies whose rows an embedded index would take for one, were it not for what stands in them. */
function lookAlikes(): string[] {
  const seen = new Map<string, string>()
  for (let number = 0; ; number++) {
    const id = `policy-${number}`
    const hash = createHash('md5').update(`OutliersPOLICY#${id}POLICY`).digest('hex').slice(0, 6)
    const other = seen.get(hash)
    if (other) return [other, id].toSorted()
    seen.set(hash, id)
  }
}

test('no two that are due at one instant take each other’s place on the to-do list', async () => {
  const ids = lookAlikes()
  for (const id of ids) await world.policy({ id, nextDueAt: at(START) })
  const listed = async (until: number) => {
    const pages = await Array.fromAsync(world.store.due(at(until)))
    return pages.flat().map(due => (due.kind === 'policy' ? [due.id, due.dueAt] : due))
  }
  expect(await listed(START)).toEqual(ids.map(id => [id, at(START)]))
  expect(await listed(START - 1)).toEqual([])

  await world.store.advancePolicy((await world.store.policy(ids[1]!))!, NEVER_DUE)
  expect(await listed(START)).toEqual([[ids[0], at(START)]])
})

describe('a policy that starts', () => {
  const start = { cron: '0 7 * * *' }
  const [soon, later] = [at(START + 1), at(START + 2)]
  const listed = async () => (await Array.fromAsync(world.store.due('9999'))).flat()
  /** What an item holds, as any version reads it. */
  const stored = async (pk: string): Promise<Record<string, unknown>> => {
    const client = DynamoDBDocumentClient.from(world.dynamo)
    const get = new GetCommand({ TableName: world.table.tableName, Key: { pk, sk: 'POLICY' } })
    return (await client.send(get)).Item!.doc
  }

  test.each([
    [soon, later, soon],
    [later, soon, soon],
    [null, later, later],
    [later, null, later],
  ])('due to stop at %s and to start at %s waits for %s', async (nextDueAt, nextStartDueAt, expected) => {
    const due = { nextDueAt, nextStartDueAt }
    const policy = await world.policy({ start, ...due })
    expect(await listed()).toMatchObject([{ id: policy.id, dueAt: expected }])
    const other = await world.policy({ id: 'moved', start, nextDueAt: at(START) })
    expect(await world.store.advancePolicy(other, due)).toBe(true)
    expect(await world.store.policy('moved')).toMatchObject(due)
    expect(await listed()).toMatchObject([
      { id: 'moved', dueAt: expected },
      { id: policy.id, dueAt: expected },
    ])
    expect(await world.store.advancePolicy(other, due)).toBe(false)
    expect(await world.store.advancePolicy(policy, NEVER_DUE)).toBe(true)
    expect(await listed()).toHaveLength(1)
  })

  test('has fields that earlier versions do not know, one that starts nothing has none of them', async () => {
    const NEW = ['start', 'nextStartDueAt', 'snoozedAt']
    const state = { nextStartDueAt: later, snoozedUntil: later, snoozedAt: soon }
    const starting = await world.policy({ start, ...state })
    expect(Object.keys(await stored('POLICY#nightly-dev'))).toEqual(expect.arrayContaining(NEW))
    await world.store.savePolicy(
      { ...starting, start: null, nextStartDueAt: null, snoozedAt: null },
      starting,
    )
    expect(Object.keys(await stored('POLICY#nightly-dev'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(start|nextStartDueAt|snoozedAt)$/)]),
    )
    const stopping = (await world.store.policy('nightly-dev'))!
    expect(stopping).toMatchObject({ start: null, nextStartDueAt: null, snoozedAt: null })
    expect(await world.store.advancePolicy(stopping, { nextDueAt: soon, nextStartDueAt: null })).toBe(true)
    expect(await stored('POLICY#nightly-dev')).not.toHaveProperty('nextStartDueAt')
  })

  test('has runs that earlier versions cannot take for stops, its stops and those of others they can read', async () => {
    const made = async (run: Partial<Run>, policy = aPolicy({ start: null })) => {
      await world.store.createRun(aRun(run), policy, at(START))
      expect(await world.store.runPolicy(aRun(run))).toEqual(Policy.parse(withoutState(policy)))
      return stored(`RUN#${run.id}`)
    }
    expect(await made({ id: 'a.1' })).not.toHaveProperty('start')
    expect(await made({ id: 'a.1.start', action: 'start' })).toMatchObject({ action: 'start' })
    expect(await made({ id: 'a.2.start', action: 'start' }, aPolicy({ start }))).toMatchObject({
      action: 'start',
      start,
    })
  })

  test('is not edited over a start that moved meanwhile', async () => {
    const policy = await world.policy({ start, nextDueAt: later, nextStartDueAt: soon })
    await world.store.advancePolicy(policy, { nextDueAt: later, nextStartDueAt: later })
    expect(await world.store.savePolicy({ ...policy, version: 2 }, policy)).toBe(false)
  })
})
