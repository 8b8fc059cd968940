/** The end of a list that goes on. */
import { useEffect, useRef } from 'preact/hooks'
import type { Pages } from '../api/use-pages.ts'
import { Button } from './button.tsx'
import { ProblemBox } from './problem.tsx'

interface ShowMoreProps {
  pages: Pages<unknown>
  /** Whether the next page is asked for as soon as the end of the list comes near. */
  when: 'seen' | 'pressed'
  children?: string
}

/** How near the end of a list may come before the next page is asked for. */
const NEAR = '800px'

export function ShowMore({ pages, when, children = 'Show more' }: ShowMoreProps) {
  const end = useRef<HTMLDivElement>(null)
  const load = useRef(pages.loadMore)
  load.current = pages.loadMore
  const { hasMore, isBusy, error } = pages
  const count = pages.items.length
  useEffect(() => {
    if (when !== 'seen' || !hasMore || isBusy || error !== null) return
    const seen = (entries: IntersectionObserverEntry[]) => {
      if (entries.some(entry => entry.isIntersecting)) load.current()
    }
    const observer = new IntersectionObserver(seen, { rootMargin: NEAR })
    observer.observe(end.current!)
    return () => observer.disconnect()
  }, [when, hasMore, isBusy, error, count])
  if (error !== null) return <ProblemBox error={error} retry={pages.loadMore} />
  if (!hasMore) return null
  return (
    <div ref={end} class="row">
      <Button isBusy={isBusy} onClick={pages.loadMore}>
        {children}
      </Button>
    </div>
  )
}
