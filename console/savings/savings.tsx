/** What stops saved, and which servers nobody stops. */
import { useState } from 'preact/hooks'
import type { SavingsSum } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card, Empty } from '../parts/card.tsx'
import { Loaded } from '../parts/problem.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { countText } from '../words/run.ts'
import { Uncovered } from './uncovered.tsx'
import { amountText, hoursOffText, totalText } from './words.ts'

const BY = ['policy', 'connection']

export function Savings() {
  const [by, setBy] = useState(BY[0]!)
  const shown = useAnswer<SavingsSum>(`/v1/savings?by=${by}`)
  const choice = (
    <select aria-label="Summed up by" value={by} onChange={event => setBy(event.currentTarget.value)}>
      {BY.map(one => (
        <option key={one} value={one}>
          by {one}
        </option>
      ))}
    </select>
  )
  return (
    <>
      <h1>Savings</h1>
      <Card title="Saved in the last 30 days" aside={choice}>
        <Loaded shown={shown}>{sum => <Sum sum={sum} />}</Loaded>
      </Card>
      <Uncovered />
    </>
  )
}

const savingsColumns = (by: string): Column<SavingsSum['items'][number]>[] => [
  { title: `By ${by}`, cell: ({ key }) => key || 'none' },
  { title: 'Servers', isNumber: true, cell: ({ servers }) => servers.toLocaleString() },
  { title: 'Off, proved', isNumber: true, cell: ({ hours }) => hoursOffText(hours) },
  { title: 'Without a price', isNumber: true, cell: ({ noPriceHours }) => hoursOffText(noPriceHours) },
  { title: 'Saved', isNumber: true, cell: amountText },
]

function Sum({ sum }: { sum: SavingsSum }) {
  const { items, by, moreKeys, nextCursor } = sum
  if (items.length === 0)
    return (
      <Empty>
        No time off is proved yet. What a run stopped is looked at an hour after its end, then every four
        hours.
      </Empty>
    )
  return (
    <>
      <p class="lead">{totalText(sum)}</p>
      <Table
        caption="Savings"
        columns={savingsColumns(by)}
        rows={items}
        keyOf={({ key, currency }) => `${key} ${currency}`}
      />
      {moreKeys > 0 && <p class="soft">{`And ${countText(moreKeys, 'more line')}; the total is of all.`}</p>}
      {nextCursor !== null && (
        <p class="bad">There was no time for all runs: the sums are of the first of them.</p>
      )}
    </>
  )
}
