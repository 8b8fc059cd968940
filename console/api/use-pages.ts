/** A list of the API that is longer than a page: the first page is kept fresh, the others come when they are wanted. */
import { useRef, useState } from 'preact/hooks'
import { type ApiError, fetchData } from './client.ts'
import { mergePages } from './merge-pages.ts'
import type { Page } from './types.ts'
import { type Shown, useAnswer } from './use-answer.ts'

export interface Pages<T> {
  first: Shown<Page<T>>
  /** What is known so far; while another list is on its way, the one before. */
  items: T[]
  hasMore: boolean
  isBusy: boolean
  /** Why the latest further page did not come. */
  error: ApiError | null
  loadMore(): void
}

interface PagesOptions<T> {
  keyOf(item: T): string
  /** Whether an item of an earlier answer still stands after the last of the new first page. */
  isAfter?(item: T, last: T): boolean
  /** ms until the first page is asked for again; `null`: not by itself. */
  every?(page: Page<T> | null): number | null
}

interface Older<T> {
  path: string
  items: T[]
  /** `undefined`: the first page says where the list goes on. */
  cursor: string | null | undefined
  isBusy: boolean
  error: ApiError | null
}

const noneOf = (path: string) => ({ path, items: [], cursor: undefined, isBusy: false, error: null })

/** The pages of `path`, whose query names a limit. */
export function usePages<T>(path: string, options: PagesOptions<T>): Pages<T> {
  const first = useAnswer<Page<T>>(path, options.every)
  const [kept, setOlder] = useState<Older<T>>(noneOf(path))
  const older = kept.path === path ? kept : noneOf(path)
  const cursor = older.cursor === undefined ? (first.data?.nextCursor ?? null) : older.cursor
  const asked = useRef<string | null>(null)
  const shown = useRef<T[]>([])
  if (first.data !== null) shown.current = mergePages(first.data, older.items, options)

  const loadMore = async () => {
    if (cursor === null || asked.current === cursor) return
    asked.current = cursor
    setOlder({ ...older, isBusy: true, error: null })
    const settle = (change: (before: Older<T>) => Partial<Older<T>>) => {
      asked.current = null
      setOlder(before => (before.path === path ? { ...before, isBusy: false, ...change(before) } : before))
    }
    try {
      const page = await fetchData<Page<T>>({ path: `${path}&cursor=${encodeURIComponent(cursor)}` })
      settle(({ items }) => ({ items: [...items, ...page.items], cursor: page.nextCursor }))
    } catch (error) {
      settle(() => ({ error: error as ApiError }))
    }
  }

  return {
    first,
    items: first.error !== null && first.data === null ? [] : shown.current,
    hasMore: cursor !== null,
    isBusy: older.isBusy || (first.data === null && first.error === null),
    error: older.error,
    loadMore,
  }
}
