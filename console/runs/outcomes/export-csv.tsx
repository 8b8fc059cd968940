import { useEffect, useRef, useState } from 'preact/hooks'
import { type ApiError, fetchData, withQuery } from '../../api/client.ts'
import type { Outcome, Page, Run } from '../../api/types.ts'
import { Button } from '../../parts/button.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { countText } from '../../words/run.ts'
import { countOutcomes } from '../outcome-words.ts'
import { csvName, outcomesCsv } from './csv.ts'

const PAGE_SIZE = 1000

interface Export {
  /** Read so far; `null`: none is under way. */
  count: number | null
  error: ApiError | null
}

/** All outcomes of a run as a file that the browser makes. */
export function ExportCsv({ run }: { run: Run }) {
  const [{ count, error }, setExport] = useState<Export>({ count: null, error: null })
  const ended = useRef(new AbortController())
  useEffect(() => () => ended.current.abort(), [])
  const total = countOutcomes(run)
  const make = async () => {
    const told = (sofar: number) => setExport({ count: sofar, error: null })
    try {
      const outcomes = await readAllOutcomes(run.id, { signal: ended.current.signal, told })
      saveFile(csvName(run.id), outcomesCsv(outcomes))
      setExport({ count: null, error: null })
    } catch (failure) {
      if (!ended.current.signal.aborted) setExport({ count: null, error: failure as ApiError })
    }
  }
  if (total === 0) return null
  return (
    <span class="export">
      <Button isBusy={count !== null} onClick={make} label="Save all servers of the run as CSV">
        CSV
      </Button>
      <span role="status" class="soft">
        {count !== null && ` ${count.toLocaleString()} of ${countText(total, 'server')} read`}
      </span>
      {error && <ProblemBox error={error} retry={make} />}
    </span>
  )
}

interface Reading {
  signal: AbortSignal
  told(count: number): void
}

async function readAllOutcomes(runId: string, { signal, told }: Reading): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let cursor: string | null = null
  do {
    told(outcomes.length)
    const path = withQuery(`/v1/runs/${encodeURIComponent(runId)}/servers`, { limit: PAGE_SIZE, cursor })
    const page: Page<Outcome> = await fetchData({ path, signal })
    outcomes.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return outcomes
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
