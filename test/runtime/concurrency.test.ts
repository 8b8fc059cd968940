import { expect, test } from 'vitest'
import { drainQueue, settleAll } from '../../lib/runtime/concurrency.ts'

/** Work that a test ends item by item; `begun` in the order in which it began. */
function work() {
  const begun: number[] = []
  const open = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
  const start = (item: number): Promise<void> => {
    begun.push(item)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    open.set(item, { resolve, reject })
    return promise
  }
  return { begun, start, end: (item: number) => open.get(item)!, turn: () => new Promise(setImmediate) }
}

test('items begin in their order, and never more at a time than may', async () => {
  const { begun, start, end, turn } = work()
  const done = drainQueue([1, 2, 3, 4], { sideBySide: 2 }, start)
  expect(begun).toEqual([1, 2])
  end(2).resolve()
  await turn()
  expect(begun).toEqual([1, 2, 3])
  end(1).resolve()
  end(3).resolve()
  await turn()
  end(4).resolve()
  await done
  expect(begun).toEqual([1, 2, 3, 4])
})

test('nothing begins after a failure, which is thrown', async () => {
  const { begun, start, end, turn } = work()
  const done = drainQueue([1, 2, 3, 4], { sideBySide: 2 }, start)
  end(1).reject(new Error('refused'))
  await expect(done).rejects.toThrow('refused')
  end(2).resolve()
  await turn()
  expect(begun).toEqual([1, 2])
})

test('work that takes the rest from the queue ends it', async () => {
  const queue = [1, 2, 3, 4]
  const rest: number[] = []
  await drainQueue(queue, { sideBySide: 1 }, async item => {
    if (item === 2) rest.push(...queue.splice(0))
  })
  expect(rest).toEqual([3, 4])
})

test('where each item settles by itself, a failure stops no other', async () => {
  const results = await settleAll([1, 2, 3], { sideBySide: 1 }, async item => {
    if (item === 2) throw new Error('refused')
    return item * 10
  })
  expect(results.map(one => (one.status === 'fulfilled' ? one.value : one.reason.message))).toEqual([
    10,
    'refused',
    30,
  ])
})
