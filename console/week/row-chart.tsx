/** One policy's week, drawn: everything at its instant. */
import type { TargetedKeyboardEvent, TargetedMouseEvent } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { WeekItem } from '../api/types.ts'
import { goTo, hrefTo } from '../router.ts'
import { countText } from '../words/run.ts'
import { ActionGlyph, EndingGlyph } from './glyphs.tsx'
import {
  type Axis,
  instantAt,
  isOnAxis,
  layoutRow,
  type Moment,
  placeOfInstant,
  type RowLayout,
} from './layout.ts'
import { endingOf, momentText, offText, snoozeText } from './words.ts'

export const percent = (share: number): string => `${share * 100}%`

const HEIGHT = 50
const BAR = { y: 9, height: 15 }
const MARK_Y = 16
const ENDING_Y = 38

/** Where the last day ends: before the right edge, if another zone's week is longer. */
export function Edge({ axis, height }: { axis: Axis; height: number }) {
  const end = percent(placeOfInstant(axis, axis.toMs))
  return <line class="day-edge" x1={end} x2={end} y1="0" y2={height} />
}

interface RowProps {
  item: WeekItem
  axis: Axis
  now: number
}

/** One policy's week. Its signs are links: one of them is reached by Tab, the others by the arrows. */
export function RowChart({ item, axis, now }: RowProps) {
  const { policyId, timeZone } = item
  const row = layoutRow(item, axis, now)
  const { moments } = row
  const chart = useRef<SVGSVGElement>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const next = moments.findIndex(({ at }) => Date.parse(at) >= now)
  const known = moments.findIndex(({ key }) => key === chosen)
  const active = known >= 0 ? known : Math.max(0, next)
  const focusAt = (place: number) => {
    const moment = moments[Math.min(moments.length - 1, Math.max(0, place))]
    if (!moment) return
    setChosen(moment.key)
    chart.current?.querySelectorAll<SVGAElement>('a.moment')[moments.indexOf(moment)]?.focus()
  }
  const openInstant = (event: TargetedMouseEvent<SVGSVGElement>) => {
    if ((event.target as Element).closest('a')) return
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const at = new Date(instantAt(axis, (event.clientX - left) / width)).toISOString()
    goTo(hrefTo(['policies', policyId], { at }))
  }
  const move = (event: TargetedKeyboardEvent<SVGSVGElement>) => {
    const place = placeAfterKey(event.key, active, moments.length)
    if (place === null) return
    event.preventDefault()
    focusAt(place)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset belongs to a form
    <svg
      ref={chart}
      class="week-chart"
      height={HEIGHT}
      role="group"
      aria-label={`${policyId}: ${countText(moments.length, 'stop or start', 'stops and starts')}`}
      onClick={openInstant}
      onKeyDown={move}
    >
      <Ground row={row} timeZone={timeZone} />
      <Edge axis={axis} height={HEIGHT} />
      {isOnAxis(axis, now) && (
        <line
          class="now-line"
          x1={percent(placeOfInstant(axis, now))}
          x2={percent(placeOfInstant(axis, now))}
          y1="0"
          y2={HEIGHT}
        />
      )}
      {moments.map((moment, place) => (
        <MomentLink
          key={moment.key}
          moment={moment}
          item={item}
          isReached={place === active}
          onFocus={() => setChosen(moment.key)}
        />
      ))}
    </svg>
  )
}

/** Which sign a key leads to; `null`: the key means nothing here. */
function placeAfterKey(key: string, place: number, count: number): number | null {
  const places: Record<string, number> = {
    ArrowLeft: place - 1,
    ArrowRight: place + 1,
    Home: 0,
    End: count - 1,
  }
  return places[key] ?? null
}

/** What lies behind the signs: days, what is skipped or snoozed, and when servers are off. */
function Ground({ row, timeZone }: { row: RowLayout; timeZone: string }) {
  const { days, skipped, snooze, off } = row
  return (
    <>
      {days.map(({ date, x }) => (
        <line key={date} class="day-edge" x1={percent(x)} x2={percent(x)} y1="0" y2={HEIGHT} />
      ))}
      {skipped.map(({ x, width, reason }) => (
        <rect key={x} class="skipped" x={percent(x)} width={percent(width)} height={HEIGHT}>
          <title>{`Nothing is due: ${reason}`}</title>
        </rect>
      ))}
      {snooze && (
        <rect class="snoozed" x={percent(snooze.x)} width={percent(snooze.width)} height={HEIGHT}>
          <title>{snoozeText(snooze, timeZone)}</title>
        </rect>
      )}
      {off.map(({ x, width, isPast, from, to }) => (
        <rect
          key={`${from} ${isPast}`}
          class={isPast ? 'off-past' : 'off-future'}
          x={percent(x)}
          width={percent(width)}
          {...BAR}
        >
          <title>{offText({ from, to }, timeZone)}</title>
        </rect>
      ))}
    </>
  )
}

interface MomentLinkProps {
  moment: Moment
  item: WeekItem
  isReached: boolean
  onFocus(): void
}

/** The run that it led to, or the policy at that time. */
export const momentHref = ({ runId, at }: Moment, { policyId }: Pick<WeekItem, 'policyId'>): string =>
  runId === null ? hrefTo(['policies', policyId], { at }) : hrefTo(['runs', runId])

function MomentLink({ moment, item, isReached, onFocus }: MomentLinkProps) {
  const { x, at, action, run, isDue, skippedBecause } = moment
  const text = momentText(moment, item.timeZone)
  return (
    <a
      class="moment"
      href={momentHref(moment, item)}
      aria-label={`${item.policyId}: ${text}`}
      tabindex={isReached ? 0 : -1}
      data-at={at}
      data-action={action}
      onFocus={onFocus}
    >
      <title>{text}</title>
      <svg x={percent(x)} overflow="visible" width="1" height={HEIGHT} aria-hidden="true">
        <rect class="reach" x="-11" width="22" height={HEIGHT} />
        {isDue && (
          <g transform={`translate(0 ${MARK_Y})`}>
            <ActionGlyph action={action} isSkipped={skippedBecause !== null} />
          </g>
        )}
        {run && (
          <g transform={`translate(0 ${ENDING_Y})`}>
            <EndingGlyph tone={endingOf(run).tone} />
          </g>
        )}
      </svg>
    </a>
  )
}
