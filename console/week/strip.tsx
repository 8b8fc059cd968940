/** Last night and the days ahead, as a part of another screen: asked for once, and again after something began or ended. */
import { withQuery } from '../api/client.ts'
import type { WeekAnswer } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useFresh } from '../api/use-fresh.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { serverNow } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { ownZone } from '../words/time.ts'
import { wallDate } from '../words/wall-time.ts'
import { Charts, usePlacedGroups } from './charts.tsx'
import { useNarrow } from './week-rows.tsx'

const MAX_ROWS = 8

/** `freshBy` names the runs that it shows: others, and it is asked for anew. */
export function WeekStrip({ freshBy }: { freshBy: string }) {
  const isNarrow = useNarrow()
  const from = wallDate(serverNow(), ownZone(), -1)
  const shown = useAnswer<WeekAnswer>(isNarrow ? null : withQuery('/v1/week', { from, limit: MAX_ROWS }))
  useFresh(freshBy, shown.reload)
  if (isNarrow) return null
  return (
    <Card title="Since yesterday, and ahead" aside={<a href={hrefTo(['week'])}>The week</a>}>
      <Loaded shown={shown}>
        {({ items, nextCursor }) => (
          <>
            <StripCharts items={items} />
            {nextCursor !== null && (
              <p class="hint">
                The first {MAX_ROWS} policies. <a href={hrefTo(['week'])}>All are in the week</a>
              </p>
            )}
          </>
        )}
      </Loaded>
    </Card>
  )
}

const StripCharts = ({ items }: Pick<WeekAnswer, 'items'>) => <Charts groups={usePlacedGroups(items)} />
