/** Works through items side by side, a bounded number at a time. Each settles by itself: one that fails does not stop the others. */
export async function settleAll<T>(
  items: T[],
  { sideBySide }: { sideBySide: number },
  work: (item: T) => Promise<unknown>,
): Promise<PromiseSettledResult<unknown>[]> {
  const results: PromiseSettledResult<unknown>[] = new Array(items.length)
  let next = 0
  async function worker(): Promise<void> {
    while (next < items.length) {
      const index = next++
      results[index] = (await Promise.allSettled([work(items[index]!)]))[0]!
    }
  }
  await Promise.all(Array.from({ length: Math.min(sideBySide, items.length) }, worker))
  return results
}

/** Throws the first failure of what was settled. */
export function throwFirstRejection(results: PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
