/** The charts of all zones, with their signs explained. */
import type { WeekItem } from '../api/types.ts'
import { useNow } from '../parts/when.tsx'
import { ZoneChart } from './chart.tsx'
import { Hatches, Legend } from './glyphs.tsx'
import { type Axis, axesOf, groupByZone, type ZoneGroup } from './layout.ts'

interface PlacedGroup extends ZoneGroup {
  axis: Axis
  now: number
}

/** Rows by their zones, with what each is drawn on. */
export function usePlacedGroups(items: WeekItem[]): PlacedGroup[] {
  const now = useNow(30_000)
  const axes = axesOf(items)
  return groupByZone(items.filter(({ days }) => days.length > 0)).map(group => ({
    ...group,
    axis: axes.get(group.timeZone)!,
    now,
  }))
}

export const Charts = ({ groups }: { groups: PlacedGroup[] }) => (
  <>
    <Hatches />
    {groups.map(group => (
      <ZoneChart key={group.timeZone} {...group} />
    ))}
    <Legend />
    <p class="hint">A click, or Enter, opens the run or the policy. The arrow keys move along a row.</p>
  </>
)
