/** What a tick rings alarms for: due items that fail, and work that no step takes up. */
import { type Chunk, messageOf } from '../model/chunk.ts'
import type { Run } from '../model/run.ts'
import type { Alarm } from '../notify/alarm.ts'
import type { DueItem } from './attention.ts'

/** Work that a tick had to send again. */
export interface LyingWork {
  step: 'plan' | 'stop' | 'follow'
  about: string
  /** Since when it has been there; absent: since a tick first found it. */
  since?: string
}

/** A due item that could not be dealt with, and why. */
interface ItemFailure {
  due: DueItem
  reason: string
}

function dueItemName(due: DueItem): string {
  switch (due.kind) {
    case 'policy':
    case 'run':
    case 'calendar':
      return `${due.kind} ${due.id}`
    case 'chunk':
      return chunkName(due)
    case 'webhook':
      return `webhook of run ${due.runId}`
    case 'delivery':
      return `message ${due.key} to channel ${due.channel}`
    case 'warning':
      return `warning of policy ${due.policyId}`
  }
}

const chunkName = ({ runId, number }: Pick<Chunk, 'runId' | 'number'>): string =>
  `chunk ${number} of run ${runId}`

/** A run that was never taken up has waited since it was made. */
export const lyingRun = ({
  id,
  planning,
  createdAt,
}: Pick<Run, 'id' | 'planning' | 'createdAt'>): LyingWork => ({
  step: 'plan',
  about: `run ${id}`,
  ...(planning === 0 ? { since: createdAt } : {}),
})

export const lyingChunk = (chunk: Chunk, step: 'stop' | 'follow'): LyingWork => ({
  step,
  about: chunkName(messageOf(chunk)),
})

const byText = (a: string, b: string): number => (a < b ? -1 : 1)

/** Only the first of many, the same each time, and one alarm for each cause. */
export function failedAlarms(failed: ItemFailure[]): Alarm[] {
  const named = failed.map(({ due, reason }) => ({ about: dueItemName(due), reason }))
  const [first, ...others] = named.toSorted((a, b) => byText(a.about, b.about))
  if (!first) return []
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return [{ name: 'DueItemFailed', about: `${first.about}${more}`, reason: first.reason, cause: first.about }]
}

/** At most two for each step: of what waits longest, and of what waits for an unknown time. Neither hides the other. */
export function lyingAlarms(lying: LyingWork[]): Alarm[] {
  const groups = Map.groupBy(lying, ({ step, since }) => `${step} ${since === undefined}`)
  const order = ({ since = '', about }: LyingWork): string => `${since} ${about}`
  return [...groups.values()].map(works => {
    const { step, about, since } = works.toSorted((a, b) => byText(order(a), order(b)))[0]!
    const cause = since === undefined ? about : step
    const more = works.length > 1 ? ` and ${works.length - 1} more` : ''
    return {
      name: 'WorkOverdue' as const,
      about: `${about}${more}`,
      cause,
      reason: `${step} has not taken it up`,
      ...(since === undefined ? {} : { since }),
    }
  })
}
