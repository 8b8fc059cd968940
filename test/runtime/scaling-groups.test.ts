import { describe, expect, test } from 'vitest'
import { createGuardedGroups } from '../../lib/runtime/scaling-groups.ts'
import { aCloudError, aConnection, START } from '../makers.ts'

const MINUTE = 60_000

/** A cloud whose one group has another member at each listing: `s-1`, then `s-2`. */
function aCloud({ failing = 0 } = {}) {
  let [listings, now] = [0, START]
  const scalingGroups = async () => {
    listings++
    if (listings <= failing) throw aCloudError('unavailable')
    return new Map([[`s-${listings}`, 'web']])
  }
  const groups = createGuardedGroups({ cloud: async () => ({ scalingGroups }), now: () => now })
  const ids = async (...asked: Parameters<typeof groups>) => [...(await groups(...asked)).keys()]
  const pass = (ms: number): void => {
    now += ms
  }
  return { ids, pass }
}

describe('scaling groups', () => {
  test('are listed again after two minutes', async () => {
    const { ids, pass } = aCloud()
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-1'])
    pass(2 * MINUTE)
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-1'])
    pass(1)
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-2'])
  })

  test('are listed once for all that ask at the same time', async () => {
    const { ids } = aCloud()
    expect(await Promise.all([ids(aConnection(), 'ecs'), ids(aConnection(), 'ecs')])).toEqual([
      ['s-1'],
      ['s-1'],
    ])
  })

  test('are known for each connection by itself, and forgotten when it is edited', async () => {
    const { ids } = aCloud()
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-1'])
    expect(await ids(aConnection({ id: 'other' }), 'ecs')).toEqual(['s-2'])
    expect(await ids({ ...aConnection(), version: 2 }, 'ecs')).toEqual(['s-3'])
    expect(await ids(aConnection({ id: 'other' }), 'ecs')).toEqual(['s-2'])
  })

  test('of a connection that was deleted are not those of the next one of the same id', async () => {
    const { ids } = aCloud()
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-1'])
    expect(await ids({ ...aConnection(), updatedAt: new Date(START + 1).toISOString() }, 'ecs')).toEqual([
      's-2',
    ])
  })

  test('that could not be listed are asked for again', async () => {
    const { ids } = aCloud({ failing: 1 })
    await expect(ids(aConnection(), 'ecs')).rejects.toThrow('it said unavailable')
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-2'])
  })

  test('are not asked for where they are not guarded', async () => {
    const { ids } = aCloud()
    expect(await ids(aConnection(), 'bms')).toEqual([])
    expect(await ids(aConnection({ scalingGroups: 'ignore' }), 'ecs')).toEqual([])
    expect(await ids(aConnection(), 'ecs')).toEqual(['s-1'])
  })
})
