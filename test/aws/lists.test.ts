import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { expire } from '../../infra/local/emulators/expiry.ts'
import { serversKey } from '../../lib/aws/keys.ts'
import {
  packRepeated,
  packWhole,
  repeatedFacts,
  repeatedMembers,
  wholeFacts,
} from '../../lib/aws/store/lists/repeated-list.ts'
import { createTable } from '../../lib/aws/table.ts'
import { FIRST_OUTCOME, outcomeWithoutRequest } from '../../lib/core/model/outcome.ts'
import type { Run } from '../../lib/core/model/run.ts'
import type { SeenTarget } from '../../lib/core/plan/facts.ts'
import { createWorld, type World } from '../flow/world.ts'
import { aChunk, aRun, at, START } from '../makers.ts'

const uuid = (n: number) => `616fb98f-46ca-475e-917e-${String(n).padStart(12, '0')}`
/** A server by its number; the one of the number that is named is renamed, the next one has another flavor. */
const target = (n: number, changed = -1): SeenTarget => ({
  id: uuid(n),
  name: n === changed ? 'renamed' : `ecs-${n}`,
  facts: { flavor: n === changed + 1 ? 's6.2xlarge.4' : 's6.large.2', tags: { team: [`team-${n % 200}`] } },
})
const targets = (numbers: number[], changed?: number) => [...new Set(numbers)].map(n => target(n, changed))
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n)
const membersOf = (list: SeenTarget[]) => list.map(({ id, name }) => ({ id, name }))

describe('a list that repeats earlier ones', () => {
  const numbers = fc.array(fc.nat({ max: 700 }), { maxLength: 400 })

  test('has its servers in their order, with their facts, whatever the earlier ones hold', () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, fc.nat({ max: 700 }), (first, second, now, changed) => {
        const earlier = [first, second].map(list => packWhole(targets(list)))
        const list = targets(now, changed)
        const packed = packRepeated(list, earlier)
        expect(repeatedMembers(packed, earlier)).toEqual(membersOf(list))
        expect(repeatedFacts(packed, earlier)).toEqual(list.map(({ facts }) => facts))
      }),
      { numRuns: 50 },
    )
  })

  test('names no other servers where an earlier one is another than it was made of', () => {
    const packed = packRepeated(targets(range(0, 50)), [packWhole(targets(range(0, 50)))])
    for (const other of [range(1, 51), range(0, 40), range(0, 50).toReversed()])
      expect(() => repeatedMembers(packed, [packWhole(targets(other))])).toThrow('is damaged')
  })

  test('of a start has the facts of that start alone', () => {
    const changedAt = at(START)
    const list = targets(range(0, 50)).map(one => ({ ...one, facts: { changedAt } }))
    const earlier = [packWhole(targets(range(0, 50)))]
    const packed = packRepeated(list, earlier)
    expect(packed.own.ids.length).toBe(0)
    expect(repeatedFacts(packed, earlier)).toEqual(list.map(() => ({ changedAt })))
  })

  test('keeps of a thousand servers those that are new, renamed or resized', () => {
    const earlier = [packWhole(targets(range(0, 1000)))]
    const same = packRepeated(targets(range(0, 1000)), earlier)
    expect(same.own.ids.length).toBe(0)
    expect(same.steps.length + same.own.names.length).toBeLessThan(40)
    const changed = packRepeated(targets(range(20, 1020), 500), earlier)
    expect(changed.own.ids.length).toBe(22 * 16)
    expect(wholeFacts(changed.own)[0]).toMatchObject({ flavor: 's6.large.2' })
  })
})

describe('in the table', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld()
  })
  afterEach(() => world.close())

  const DAY_MS = 86_400_000
  const run = (day: number): Run => aRun({ id: `nightly.${day}`, chunks: 1 })
  const chunkOf = (day: number, number = 0) => ({ runId: run(day).id, planning: 1, number })
  const serversOf = async (day: number, number = 0) =>
    (await world.store.wholeChunk(chunkOf(day, number)))!.servers
  const earlierRun = (day: number | null) => async () => (day === null ? null : run(day))

  /** Plans a chunk of a night, which may repeat lists of an earlier one; whether it does. */
  async function plan(
    day: number,
    list: SeenTarget[],
    { number = 0, earlier = day > 1 ? day - 1 : null }: { number?: number; earlier?: number | null } = {},
  ): Promise<boolean> {
    vi.setSystemTime(START + day * DAY_MS)
    const chunk = aChunk({ ...chunkOf(day, number), size: list.length, todo: [] })
    await world.store.createChunk(chunk, list, earlierRun(earlier))
    expect(await serversOf(day, number)).toEqual(membersOf(list))
    const table = createTable(world.dynamo, world.table.tableName)
    return (await table.item(serversKey(chunk)))!.repeats !== undefined
  }

  test('a list repeats that of the night before or its neighbours, and is read as any other', async () => {
    expect(await plan(1, targets(range(0, 300)))).toBe(false)
    expect(await plan(1, targets(range(300, 600)), { number: 1 })).toBe(false)
    expect(await plan(2, targets(range(150, 450)))).toBe(true)
    expect(await plan(3, targets(range(152, 452)))).toBe(true)
    const [stopped] = await Array.fromAsync(world.store.stoppedServers(run(3)))
    expect(stopped).toMatchObject({ servers: membersOf(targets(range(152, 452))) })
    expect(stopped!.facts.get(299)).toEqual({ flavor: 's6.large.2', tags: { team: ['team-51'] } })
    const [facts] = await Array.fromAsync(world.store.targetFacts(run(3)))
    expect(facts![0]).toMatchObject({ id: uuid(152), facts: { tags: { team: ['team-152'] } } })
  })

  test('so does the list of those that were left', async () => {
    const settled = outcomeWithoutRequest({ status: 'skipped', code: 'protected', reason: 'r' }, START)
    const left = targets(range(0, 300)).map(member => ({ member, settled }))
    await world.store.createSkipped(chunkOf(1), left)
    await world.store.createSkipped(chunkOf(2), left.slice(3), earlierRun(1))
    const parts = world.store.outcomes(chunkOf(2), { ...FIRST_OUTCOME, part: 'LEFT' })
    const outcomes = (await Array.fromAsync(parts)).flat().map(({ outcome }) => outcome)
    expect(outcomes).toHaveLength(297)
    expect(outcomes[0]).toMatchObject({ serverId: uuid(3), code: 'protected' })
  })

  test('a list of other servers is whole, and so is a small one', async () => {
    await plan(1, targets(range(0, 300)))
    expect(await plan(2, targets(range(200, 500)))).toBe(false)
    await plan(1, targets(range(0, 20)), { number: 1 })
    expect(await plan(2, targets(range(0, 20)), { number: 1 })).toBe(false)
  })

  test('a list is repeated for thirty days, and outlasts every list that repeats it', async () => {
    const list = targets(range(0, 300))
    await plan(1, list)
    expect(await plan(30, list, { earlier: 1 })).toBe(true)
    expect(await plan(32, list, { earlier: 30 })).toBe(false)
    expect(await plan(31, list, { earlier: 1 })).toBe(true)
    // Of what has expired, any may be deleted first, within some days.
    const servers = (day: number) =>
      createTable(world.dynamo, world.table.tableName).item(serversKey(chunkOf(day)))
    const [earlier, later] = [await servers(1), await servers(31)]
    expect(Number(earlier!.expiresAt) - Number(later!.expiresAt)).toBe((3 * DAY_MS) / 1000)
    await expire(world.table, START + 429 * DAY_MS)
    expect(await world.store.wholeChunk({ ...chunkOf(1) })).toBeNull()
    expect(await serversOf(30)).toEqual(membersOf(list))
  })

  test('a list whose earlier one is not there is damaged', async () => {
    const list = targets(range(0, 300))
    await plan(1, list)
    await plan(2, list)
    await createTable(world.dynamo, world.table.tableName).remove(serversKey(chunkOf(1)))
    await expect(serversOf(2)).rejects.toThrow('repeats a list that is not there')
  })
})
