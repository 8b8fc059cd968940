import type { Page } from './types.ts'

interface Merging<T> {
  keyOf(item: T): string
  isAfter?(item: T, last: T): boolean
}

/**
 * A first page, then what was read of later pages before. An item stands once, as the latest answer has it; one that the
 * first page would hold by now, and does not, is gone.
 */
export function mergePages<T>(first: Page<T>, older: T[], { keyOf, isAfter }: Merging<T>): T[] {
  const last = first.items.at(-1)
  if (first.nextCursor === null || last === undefined) return first.items
  const seen = new Set(first.items.map(keyOf))
  const rest = older.filter(item => {
    const key = keyOf(item)
    if (seen.has(key) || isAfter?.(item, last) === false) return false
    seen.add(key)
    return true
  })
  return [...first.items, ...rest]
}
