/** The week in words, as one table for each policy: the same as the chart shows. */
import type { WeekItem } from '../../api/types.ts'
import { type Column, Table } from '../../parts/table.tsx'
import { hrefTo } from '../../router.ts'
import { dayAndTime, zoneName } from '../../words/time.ts'
import { type Axis, layoutRow, type Moment } from '../layout.ts'
import { momentHref } from '../row-chart.tsx'
import { actText, dayTitle, gapTexts, offText, snoozeText } from '../words.ts'
import { Fate } from './fate.tsx'

export interface ListProps {
  timeZone: string
  items: WeekItem[]
  axis: Axis
  now: number
}

/** Everything that the chart shows of one zone, as tables. */
export function MarkTables({ timeZone, items, axis, now }: ListProps) {
  return (
    <>
      {items.map(item => (
        <section key={item.policyId}>
          <h3>
            <a href={hrefTo(['policies', item.policyId])}>{item.policyId}</a>{' '}
            <span class="zone">{zoneName(timeZone)}</span>
          </h3>
          <MarkTable item={item} axis={axis} now={now} />
        </section>
      ))}
    </>
  )
}

const columnsOf = (item: WeekItem): Column<Moment>[] => [
  {
    title: 'When',
    cell: ({ at, local }) => (
      <time dateTime={at} title={local ?? at}>
        {dayAndTime(at, item.timeZone)}
      </time>
    ),
  },
  { title: 'What', cell: moment => <a href={momentHref(moment, item)}>{actText(moment)}</a> },
  { title: 'How', cell: moment => <Fate moment={moment} /> },
]

function MarkTable({ item, axis, now }: { item: WeekItem; axis: Axis; now: number }) {
  const { moments } = layoutRow(item, axis, now)
  const { policyId, timeZone, off, days, snooze } = item
  const notes = [
    ...off.map(window => offText(window, timeZone)),
    ...days.flatMap(({ date, skippedBecause }) =>
      skippedBecause === null ? [] : [`Nothing is due on ${dayTitle(date)}: ${skippedBecause}`],
    ),
    ...(snooze ? [snoozeText(snooze, timeZone)] : []),
    ...gapTexts(item),
  ]
  return (
    <>
      {moments.length === 0 ? (
        <p class="hint">No stop and no start.</p>
      ) : (
        <Table
          caption={`Stops and starts of ${policyId}`}
          columns={columnsOf(item)}
          rows={moments}
          keyOf={({ key }) => key}
        />
      )}
      {notes.map(note => (
        <p key={note} class="hint">
          {note}
        </p>
      ))}
    </>
  )
}
