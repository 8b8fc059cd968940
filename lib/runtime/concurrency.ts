/** Works on many things at once, no more than so many at a time. */

interface Width {
  /** At most so many at a time. */
  sideBySide: number
}

/** Takes items from a queue until it is empty, which the work may do early. The first failure empties it, and is thrown. */
export async function drainQueue<T>(
  queue: T[],
  { sideBySide }: Width,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  async function worker(): Promise<void> {
    while (queue.length > 0) await work(queue.shift()!)
  }
  try {
    await Promise.all(Array.from({ length: Math.min(sideBySide, queue.length) }, worker))
  } finally {
    queue.length = 0
  }
}

/** Works through all items. Each settles by itself: one that fails does not stop the others. */
export async function settleAll<T>(
  items: T[],
  width: Width,
  work: (item: T) => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>[]> {
  const results: PromiseSettledResult<unknown>[] = new Array(items.length)
  await drainQueue([...items.entries()], width, async ([index, item]) => {
    results[index] = (await Promise.allSettled([work(item)]))[0]!
  })
  return results
}

/** Throws the first failure of what was settled. */
export function throwFirstRejection(results: PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
