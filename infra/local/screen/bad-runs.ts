/** Prints runs that need a person. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isEnded } from '../../../lib/core/model/run.ts'
import { isTrouble } from '../../../lib/core/notify/metrics.ts'
import type { Api, ShownRun } from './api.ts'
import type { Screen } from './screen.ts'
import { clock } from './times.ts'

interface Watch {
  api: Pick<Api, 'runsSince'>
  screen: Screen
  /** Only runs that ended since. */
  since: Date
  /** Ids of runs that were shown in full. */
  shown: Set<string>
  ended: AbortSignal
  /** How long between two looks. */
  lookMs?: number
}

const DAY_MS = 86_400_000

/** Prints a line for each run that ends so that a person should know of it, until `ended`. */
export async function printBadRuns({
  api,
  screen,
  since,
  shown,
  ended,
  lookMs = 5000,
}: Watch): Promise<void> {
  const told = new Set(shown)
  // A run that is missed, or made late, was due before.
  let dueSince = since.getTime() - DAY_MS
  while (!ended.aborted) {
    const runs = await api.runsSince(new Date(dueSince)).catch(() => [])
    const bad = runs.filter(run => isTrouble(run) && Date.parse(run.endedAt ?? '') >= since.getTime())
    for (const run of bad.filter(({ id }) => !told.has(id)).reverse()) {
      told.add(run.id)
      screen.print(badLine(run, screen))
    }
    const open = runs.filter(run => !isEnded(run)).map(({ dueAt }) => Date.parse(dueAt))
    dueSince = Math.max(dueSince, Math.min(...open, Date.now() - DAY_MS))
    await sleep(lookMs, undefined, { signal: ended }).catch(() => undefined)
  }
}

function badLine({ id, status, reason = '', endedAt = '', policy }: ShownRun, screen: Screen): string {
  const zone = policy?.schedule?.timeZone ?? 'UTC'
  const style = status === 'partial' ? 'yellow' : 'red'
  return `${clock(endedAt, zone)}  ${id}: ${screen.styled(style, status)}: ${reason}`
}
