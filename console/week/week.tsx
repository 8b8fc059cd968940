import { useId } from 'preact/hooks'
import { useNow } from '../parts/when.tsx'
import { goTo, hrefTo, type Place } from '../router.ts'
import { ownZone } from '../words/time.ts'
import { wallDate } from '../words/wall-time.ts'
import { addDays, mondayOf, readDate } from './dates.ts'
import { WeekRows } from './week-rows.tsx'
import { weekTitle } from './words.ts'
import { ZoneChoice } from './zones.tsx'

const hrefOf = ({ from, zone }: { from: string | null; zone: string }): string =>
  hrefTo(['week'], { ...(from === null ? {} : { from }), ...(zone === '' ? {} : { zone }) })

export function Week({ place: { query } }: { place: Place }) {
  const from = readDate(query.get('from'))
  const zone = query.get('zone') ?? ''
  const titleId = useId()
  const now = useNow(60_000)
  const current = mondayOf(wallDate(now, zone === '' ? ownZone() : knownZone(zone)))
  const first = from ?? current
  return (
    <>
      <div class="screen-head">
        <h1>Week</h1>
        <nav class="row" aria-label="Weeks">
          <a class="button" href={hrefOf({ from: addDays(first, -7), zone })}>
            Previous
          </a>
          <a class="button" href={hrefOf({ from: null, zone })} aria-current={from === null || undefined}>
            This week
          </a>
          <a class="button" href={hrefOf({ from: addDays(first, 7), zone })}>
            Next
          </a>
        </nav>
      </div>
      <section class="card" aria-labelledby={titleId}>
        <div class="card-head">
          <h2 id={titleId}>{weekTitle(first, addDays(first, 6))}</h2>
          <ZoneChoice zone={zone} onChoose={chosen => goTo(hrefOf({ from, zone: chosen }))} />
        </div>
        <WeekRows key={`${from} ${zone}`} asked={{ from, zone }} />
      </section>
    </>
  )
}

/** An address may name a zone that there is not: the API's answer says so. */
function knownZone(zone: string): string {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: zone })
    return zone
  } catch {
    return ownZone()
  }
}
