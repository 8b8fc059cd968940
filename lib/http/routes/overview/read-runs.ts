/** Reads the runs of an overview. */
import { isEnded, type Run } from '../../../core/model/run.ts'
import { BAD_END_MS, type UnreadableDocument } from '../../../core/overview/attention.ts'
import { areRunsEnough, oldestDueMs } from '../../../core/overview/runs-seen.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'

const RUNS_AT_ONCE = 100
const MAX_PAGES = 3
const MAX_BAD_ENDS = 100
/** Of the to-do list, beside the newest. */
const MAX_DUE_RUNS = 100

type RunRow = Awaited<ReturnType<HttpServices['store']['runs']>>['rows'][number]

interface RunsRead {
  runs: Run[]
  unreadable: UnreadableDocument[]
}

/** The newest, until there are as many as are shown. */
async function newestRows({ store, now }: HttpServices): Promise<RunRow[]> {
  const since = isoInstant(oldestDueMs(now()))
  const rows: RunRow[] = []
  let after: Awaited<ReturnType<typeof store.runs>>['next']
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await store.runs({ since, most: RUNS_AT_ONCE, ...(after && { after }) })
    rows.push(...page.rows)
    after = page.next
    if (!after || areRunsEnough(runsOfRows(rows), now())) break
  }
  return rows
}

const runsOfRows = (rows: RunRow[]): Run[] => rows.flatMap(row => ('item' in row ? [row.item] : []))

/** The newest runs, those that wait or are held, and the latest ones of policies that ended badly: each once. */
export async function readRuns(dueIds: string[], services: HttpServices): Promise<RunsRead> {
  const { store, now } = services
  const since = isoInstant(now() - BAD_END_MS)
  const [newest, badIds] = await Promise.all([
    newestRows(services),
    store.badEnds({ since, most: MAX_BAD_ENDS }),
  ])
  const known = new Set(newest.map(row => ('item' in row ? row.item.id : row.unreadable)))
  const isUnknown = (id: string): boolean => !known.has(id)
  const others = new Set([...dueIds.filter(isUnknown).slice(0, MAX_DUE_RUNS), ...badIds.filter(isUnknown)])
  // An older one that ended may not be the latest of its policy.
  const isOfUse = (row: RunRow): boolean =>
    !('item' in row) || !isEnded(row.item) || badIds.includes(row.item.id)
  const rows = [...newest, ...(await store.runsByIds([...others])).filter(isOfUse)]
  const unreadable = rows.flatMap(row =>
    'item' in row ? [] : [{ kind: 'run' as const, id: row.unreadable }],
  )
  return { runs: runsOfRows(rows), unreadable }
}
