import { describe, expect, test } from 'vitest'
import { fewestRequests, keptBytes, perServer, tickCounts } from '../../bench/counted/counts.ts'
import { begin, type Line, type Night, night, startLine } from '../../bench/counted/night.ts'
import { countLearntPolls, countPolls } from '../../bench/counted/polls.ts'
import { FEW, listsFor } from '../../bench/counted/selected.ts'
import { ASSUMED } from '../../infra/aws/bill.ts'
import type { Outcome } from '../../lib/core/model/outcome.ts'
import { FIRST_OUTCOME } from '../../lib/core/model/outcome.ts'
import { isEnded } from '../../lib/core/model/run.ts'

describe('a run over 4,500 servers that no pace holds up', () => {
  const SERVERS = 4_500
  let found: Night
  test('is planned and stopped with the fewest requests that there can be', async () => {
    found = await night({ cloud: { servers: SERVERS } })
    const { planningLists, stops } = perServer(found)
    expect(found.run.summary.stopped).toBe(found.seen.fleets.ecs!.activeAtStart)
    expect(planningLists).toBe(fewestRequests(SERVERS))
    expect(stops).toBe(fewestRequests(found.run.summary.targets))
  })

  test('asks twice for scaling groups where there are none: for those that are granted alone, too', () => {
    expect(perServer(found).groupLists).toBe(2)
  })

  test('is verified by one more listing, where its jobs end together', () => {
    expect(perServer(found).otherLists).toBe(fewestRequests(SERVERS))
  })

  test('has its jobs polled together, twice for the usual half a minute', () => {
    expect(perServer(found).pollsAJob).toBe(2)
  })

  test('writes at most 0.038 units a server, and keeps 21 bytes, 16 of them its id, and its name', () => {
    expect(perServer(found).writeUnits).toBeLessThanOrEqual(0.038)
    expect(keptBytes(found)).toBeLessThanOrEqual(ASSUMED.bytesPerListedServer)
  })

  test('the next night stops others, too, writes half as much, and keeps two to three bytes a server', async () => {
    const next = await night({ cloud: { servers: SERVERS }, nightsBefore: 1 })
    expect(next.run.summary.stopped).toBe(next.seen.fleets.ecs!.activeAtStart)
    expect(next.run.summary.stopped).not.toBe(found.run.summary.stopped)
    expect(perServer(next).writeUnits).toBeLessThanOrEqual(0.019)
    expect(keptBytes(next)).toBeLessThanOrEqual(3)
  })

  test('reads, sends and calls a small part of once a server', () => {
    const { readUnits, messages, tableCalls } = perServer(found)
    expect(readUnits).toBeLessThanOrEqual(0.034)
    expect(messages).toBeLessThanOrEqual(0.004)
    expect(tableCalls).toBeLessThanOrEqual(0.027)
  })
})

test('a listing whose last page is full asks once more: a count alone is not believed', async () => {
  expect(perServer(await night({ cloud: { servers: 2_000 } })).planningLists).toBe(3)
})

describe('policies that select 50 servers each of 12,500, and are due together, are planned', () => {
  const SERVERS = 12_500
  test.each([
    ['one by ids', 1, FEW.ids(SERVERS)],
    ['one by ids with maxPercent, which has the fleet counted', 2, FEW.idsOfPercent(SERVERS)],
    ['ten by a tag each', 11, FEW.tags()],
  ])('%s by %i lists', async (_, lists, policies) => {
    expect(await listsFor(SERVERS, policies)).toBe(lists)
  })

  test('by the list where that takes fewer', async () => {
    expect(await listsFor(5_500, FEW.tags())).toBe(6)
  })
})

describe('the polls of a job', () => {
  test.each([
    [10, 15, { polls: 1, lateness: 0.5 }],
    [41, 15, { polls: 2, lateness: 4 / 41 }],
    [120, 15, { polls: 4, lateness: 45 / 120 }],
    [120, 126, { polls: 1, lateness: 6 / 120 }],
  ])('of %i s, first after %i s', async (jobSeconds, firstSeconds, expected) => {
    expect(await countPolls(jobSeconds, firstSeconds)).toEqual(expected)
  })

  test.each([
    [20, 1 / 20],
    [300, 15 / 300],
  ])('of %i s is one, right after its end, once some such jobs have ended', async (jobSeconds, lateness) => {
    expect(await countLearntPolls(jobSeconds)).toEqual({ polls: 1, lateness })
  })
})

describe('a tick', () => {
  test('that finds nothing due is one query and the noted time: one and a half read units', async () => {
    expect(await tickCounts({ policies: 3 })).toMatchObject({
      calls: { GetItemCommand: 1, QueryCommand: 1 },
      readUnits: 1.5,
      writeUnits: 0,
      indexWriteUnits: 0,
      messages: 0,
    })
  })

  test('that finds five due takes the same among ten policies and among two hundred', async () => {
    const few = await tickCounts({ policies: 5, due: 5 })
    expect(few.writeUnits).toBeGreaterThan(5)
    expect(await tickCounts({ policies: 195, due: 5 })).toEqual(few)
  })
})

describe('the outcomes of a run agree with the cloud, server by server', () => {
  async function outcomes({ store }: Line): Promise<Outcome[]> {
    const [run] = (await store.runs({ most: 1 })).items
    const parts = store.outcomes({ runId: run!.id, planning: run!.planning }, FIRST_OUTCOME)
    return (await Array.fromAsync(parts)).flat().map(({ outcome }) => outcome)
  }
  async function up({ cloudUrl }: Line): Promise<string[]> {
    const page = await fetch(`${cloudUrl}/v1/p0/cloudservers/detail?limit=1000&status=ACTIVE`)
    return ((await page.json()) as { servers: { id: string }[] }).servers.map(({ id }) => id)
  }
  const idsOf = (all: Outcome[], ...statuses: string[]): string[] =>
    all.flatMap(({ serverId, status }) => (statuses.includes(status) ? [serverId] : [])).toSorted()

  test('where all goes well, and where some jobs fail', async () => {
    const line = await startLine({ cloud: { servers: 1_000, failEvery: 50 } })
    await begin(line)
    const { summary } = await line.run(isEnded)
    const all = await outcomes(line)
    const [left, seen] = [await up(line), line.cloudSeen()]
    await line.close()
    expect(all).toHaveLength(1_000)
    expect(idsOf(all, 'failed')).toEqual(left.toSorted())
    expect(left.length).toBeGreaterThan(5)
    expect(summary.stopped).toBe(seen.fleets.ecs!.stopped)
    expect(seen).toMatchObject({ askedAgain: 0, askedWhileOff: 0, unknownIds: 0, refusedStops: 0 })
  })
})

test.each([
  ['three units: it notes its time', 100, 3],
  ['six where it takes long: it is held before', 7100, 6],
])('a look at a run that left its servers as it found them writes %s', async (_words, servers, units) => {
  const line = await startLine({ cloud: { servers } })
  await begin(line)
  await line.run(isEnded)
  line.meter.take()
  await line.run(run => run.lookedAt !== undefined)
  const { byItem } = line.meter.take()
  await line.close()
  const { CLOCK: _, ...others } = byItem
  expect(others).toEqual({ HEAD: units })
})
