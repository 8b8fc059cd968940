/** The week in words, by day: what a narrow screen shows in the place of the chart. */
import type { WeekItem } from '../../api/types.ts'
import { hrefTo } from '../../router.ts'
import { countText } from '../../words/run.ts'
import { zoneName } from '../../words/time.ts'
import { ActionSign } from '../glyphs.tsx'
import { bundleEntries, type Entry, layoutRow, type Moment } from '../layout.ts'
import { momentHref } from '../row-chart.tsx'
import { actText, dayTitle, gapTexts, hoursText, snoozeText, timeOfDay } from '../words.ts'
import { Fate } from './fate.tsx'
import type { ListProps } from './mark-tables.tsx'

/** All rows of one zone, day after day. */
export function DayList({ timeZone, items, axis, now }: ListProps) {
  const rows = items.map(item => ({ item, row: layoutRow(item, axis, now) }))
  const days = items[0]!.days.map((day, place) => ({
    day,
    hours: hoursText(rows[0]!.row.days[place]!.hours),
    entries: rows
      .flatMap(({ item, row }) => row.moments.map(moment => ({ item, moment })))
      .filter(({ moment: { at } }) => isWithin(at, day))
      .sort((one, other) => one.moment.x - other.moment.x),
    skips: items.flatMap(({ policyId, days }) =>
      days[place]?.skippedBecause ? [{ policyId, reason: days[place].skippedBecause }] : [],
    ),
  }))
  return (
    <div class="week-list">
      <h3>{zoneName(timeZone)}</h3>
      {withoutEmptyDays(days).map(({ first, last }) => (
        <section key={first.day.date}>
          <h4>
            {dayTitle(first.day.date)}
            {last !== first && ` – ${dayTitle(last.day.date)}`} <span class="odd-hours">{first.hours}</span>
          </h4>
          <DayEntries timeZone={timeZone} entries={first.entries} skips={first.skips} />
        </section>
      ))}
      <Notes items={items} />
    </div>
  )
}

interface ListedDay {
  day: { date: string; from: string; to: string }
  /** Said where they are not 24. */
  hours: string
  entries: Entry[]
  skips: { policyId: string; reason: string }[]
}

const isEmpty = ({ entries, skips, hours }: ListedDay): boolean =>
  entries.length + skips.length === 0 && hours === ''

/** Days in a row on which nothing is due stand as one. */
function withoutEmptyDays(days: ListedDay[]): { first: ListedDay; last: ListedDay }[] {
  const listed: { first: ListedDay; last: ListedDay }[] = []
  for (const day of days) {
    const before = listed.at(-1)
    if (before && isEmpty(before.last) && isEmpty(day)) before.last = day
    else listed.push({ first: day, last: day })
  }
  return listed
}

const isWithin = (at: string, { from, to }: { from: string; to: string }): boolean =>
  Date.parse(at) >= Date.parse(from) && Date.parse(at) < Date.parse(to)

interface DayEntriesProps extends Pick<ListedDay, 'entries' | 'skips'> {
  timeZone: string
}

function DayEntries({ timeZone, entries, skips }: DayEntriesProps) {
  if (entries.length + skips.length === 0) return <p class="hint">Nothing.</p>
  return (
    <ul class="plain">
      {bundleEntries(entries).map(bundle => (
        <li key={`${bundle[0]!.item.policyId} ${bundle[0]!.moment.key}`}>
          <Bundle timeZone={timeZone} entries={bundle} />
        </li>
      ))}
      {skips.map(({ policyId, reason }) => (
        <li key={policyId} class="soft">
          {policyId}: nothing is due: {reason}
        </li>
      ))}
    </ul>
  )
}

/** Several of one policy: as one line that opens, so that the other policies are still found. */
function Bundle({ timeZone, entries }: { timeZone: string; entries: Entry[] }) {
  const [first] = entries
  if (entries.length === 1) return <DayEntry timeZone={timeZone} entry={first!} />
  const times = [first!, entries.at(-1)!].map(({ moment }) => timeOfDay(moment.at, timeZone))
  return (
    <details>
      <summary>
        {times.join('–')} {first!.item.policyId}:{' '}
        {countText(entries.length, 'stop or start', 'stops and starts')}
      </summary>
      <ul class="plain tight">
        {entries.map(entry => (
          <li key={entry.moment.key}>
            <DayEntry timeZone={timeZone} entry={entry} />
          </li>
        ))}
      </ul>
    </details>
  )
}

const DayEntry = ({ timeZone, entry: { item, moment } }: { timeZone: string; entry: Entry }) => (
  <>
    <ActionSign action={moment.action} isSkipped={moment.skippedBecause !== null} />{' '}
    {timeOfDay(moment.at, timeZone)}{' '}
    <a href={momentHref(moment, item)}>
      {item.policyId} {actText(moment)}
    </a>
    {isOpenDue(moment) || (
      <>
        <br />
        <Fate moment={moment} />
      </>
    )}
  </>
)

/** To come, and to be carried out: nothing more is to be said of it. */
const isOpenDue = ({ runId, skippedBecause }: Moment): boolean => runId === null && skippedBecause === null

/** What holds for more than a day, and what is missing. */
const Notes = ({ items }: { items: WeekItem[] }) => (
  <>
    {items.flatMap(item =>
      [...(item.snooze ? [snoozeText(item.snooze, item.timeZone)] : []), ...gapTexts(item)].map(note => (
        <p key={`${item.policyId} ${note}`} class="hint">
          <a href={hrefTo(['policies', item.policyId])}>{item.policyId}</a>: {note}
        </p>
      )),
    )}
  </>
)
