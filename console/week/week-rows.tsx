/** Rows of a week, page after page: drawn where there is room, told day by day where there is not. */
import { useEffect, useState } from 'preact/hooks'
import { withQuery } from '../api/client.ts'
import type { WeekAnswer, WeekItem } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Button } from '../parts/button.tsx'
import { Empty } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { noteServerTime } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { Charts, usePlacedGroups } from './charts.tsx'
import { DayList } from './lists/day-list.tsx'
import { MarkTables } from './lists/mark-tables.tsx'

const NARROW = '(max-width: 760px)'
const PAGE_SIZE = 50
const FRESH_MS = 60_000

interface WeekAsked {
  /** The first day; `null`: Monday of the current week, as each zone has it. */
  from: string | null
  /** Empty: each policy's own. */
  zone: string
}

export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches)
  useEffect(() => {
    const media = matchMedia(NARROW)
    const changed = () => setNarrow(media.matches)
    media.addEventListener('change', changed)
    return () => media.removeEventListener('change', changed)
  }, [])
  return isNarrow
}

/** One page, and the next ones once they are wanted. */
export function WeekRows({ asked, cursor = null }: { asked: WeekAsked; cursor?: string | null }) {
  const { from, zone } = asked
  const path = withQuery('/v1/week', { from, timeZone: zone, limit: PAGE_SIZE, cursor })
  // A week that is over, or not yet here, changes only by what people do. Further pages are not asked for again.
  const isFresh = from === null && cursor === null
  const shown = useAnswer<WeekAnswer>(path, () => (isFresh ? FRESH_MS : null))
  const [isMoreWanted, setMoreWanted] = useState(false)
  const { data } = shown
  useEffect(() => {
    if (data) noteServerTime(data.at)
  }, [data])
  return (
    <Loaded shown={shown}>
      {({ items, unreadable = [], nextCursor }) => (
        <>
          {items.length === 0 && cursor === null ? <NoRows /> : <ZoneGroups items={items} />}
          {unreadable.length > 0 && (
            <p class="hint">
              <span class="word bad">Not readable</span> by this version, and left out:{' '}
              {unreadable.join(', ')}.
            </p>
          )}
          {nextCursor !== null &&
            (isMoreWanted ? (
              <WeekRows key={path} asked={asked} cursor={nextCursor} />
            ) : (
              <Button onClick={() => setMoreWanted(true)}>Show more policies</Button>
            ))}
        </>
      )}
    </Loaded>
  )
}

const NoRows = () => (
  <Empty>
    There is no policy yet, so nothing is due. <a href={hrefTo(['new'])}>Write the first policy</a>
  </Empty>
)

function ZoneGroups({ items }: { items: WeekItem[] }) {
  const isNarrow = useNarrow()
  const groups = usePlacedGroups(items)
  if (isNarrow)
    return (
      <>
        {groups.map(group => (
          <DayList key={group.timeZone} {...group} />
        ))}
      </>
    )
  return (
    <>
      <Charts groups={groups} />
      <details class="week-words">
        <summary>The same in words</summary>
        {groups.map(group => (
          <MarkTables key={group.timeZone} {...group} />
        ))}
      </details>
    </>
  )
}
