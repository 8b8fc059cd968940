/** Runs, newest first: all of them, or those of a policy. */

import type { Action } from '../../core/model/action.ts'
import type { Run } from '../../core/model/run.ts'
import { countsForHistory, HISTORY_RUNS, type PastRun } from '../../core/plan/limits.ts'
import { RUNS, runsOf } from '../keys.ts'
import type { PageStart, Table } from '../table.ts'
import { type ReadPage, readDocumentPage } from './documents/document-list.ts'
import { storedRun } from './runs.ts'

/** Absent for all runs, `null` for those of manual requests without a policy. */
type RunListOwner = string | null | undefined

const listKey = (policyId: RunListOwner): string =>
  policyId === undefined ? RUNS : runsOf(policyId ?? undefined)

export function runList(table: Table) {
  /** `since`: only those due then or later; `until`: only those due then or earlier. */
  async function runs(filter: {
    policyId?: RunListOwner
    since?: string | undefined
    until?: string | undefined
    most: number
    after?: PageStart
  }): Promise<ReadPage<Run>> {
    const { policyId, since, until, most, after } = filter
    const hash: [string, string] = ['listKey', listKey(policyId)]
    const bounds = { ...(since && { from: since }), ...(until && { to: `${until}#~` }) }
    const range = since || until ? { name: 'listAt', ...bounds } : undefined
    const { items, next } = await table.query({ index: 'runs', hash, range, most, after, newestFirst: true })
    const heads = await table.items(items.map(({ pk }) => ({ pk, sk: 'HEAD' })))
    const places = new Map(items.map(place => [place.pk, place]))
    return {
      ...readDocumentPage(heads, { placeOf: ({ pk }) => ({ ...places.get(pk) }), read: storedRun }),
      next,
    }
  }

  return {
    runs,

    /** A policy's latest runs that acted, newest first: what the guard by history compares with. */
    async pastRuns(policyId: string, action: Action): Promise<PastRun[]> {
      const past: Run[] = []
      let after: PageStart | undefined
      do {
        const page = await runs({ policyId, most: 5 * HISTORY_RUNS, after })
        past.push(...page.items.filter(run => countsForHistory(run, action)))
        after = page.next
      } while (after && past.length < HISTORY_RUNS)
      return past.slice(0, HISTORY_RUNS)
    },
  }
}
