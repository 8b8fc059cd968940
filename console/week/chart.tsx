/** The rows of one zone, drawn: days as wide as they are long, and everything at its instant. */
import type { WeekItem } from '../api/types.ts'
import { hrefTo } from '../router.ts'
import { zoneName } from '../words/time.ts'
import { type Axis, type DayColumn, dayColumns, isOnAxis, placeOfInstant } from './layout.ts'
import { Edge, percent, RowChart } from './row-chart.tsx'
import { dayHead, gapTexts, hoursText } from './words.ts'

interface ZoneChartProps {
  timeZone: string
  items: WeekItem[]
  axis: Axis
  now: number
}

export function ZoneChart({ timeZone, items, axis, now }: ZoneChartProps) {
  const columns = dayColumns(items[0]!.days, axis)
  return (
    <div class="week-zone">
      <div class="week-row head">
        <h3>{zoneName(timeZone)}</h3>
        <DayHeads columns={columns} axis={axis} now={now} />
      </div>
      {items.map(item => (
        <div class="week-row" key={item.policyId}>
          <div class="week-name">
            <a href={hrefTo(['policies', item.policyId])}>{item.policyId}</a>
            <span class="hint" title={item.description}>
              {item.enabled ? item.description : 'disabled'}
            </span>
            {gapTexts(item).map(gap => (
              <span key={gap} class="hint" title={gap}>
                {gap}
              </span>
            ))}
          </div>
          <RowChart item={item} axis={axis} now={now} />
        </div>
      ))}
    </div>
  )
}

function DayHeads({ columns, axis, now }: { columns: DayColumn[]; axis: Axis; now: number }) {
  const today = isOnAxis(axis, now) ? placeOfInstant(axis, now) : null
  const isToday = ({ x, width }: DayColumn) => today !== null && today >= x && today < x + width
  return (
    <svg class="week-days" height="26" aria-hidden="true">
      {columns.map(column => (
        <g key={column.date}>
          <line class="day-edge" x1={percent(column.x)} x2={percent(column.x)} y1="0" y2="26" />
          <text class={isToday(column) ? 'today' : undefined} x={percent(column.x)} dx="6" y="18">
            {dayHead(column.date)}
            <tspan class="odd-hours" dx="4">
              {hoursText(column.hours)}
            </tspan>
          </text>
        </g>
      ))}
      <Edge axis={axis} height={26} />
    </svg>
  )
}
