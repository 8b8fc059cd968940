/** Whom a policy would stop or start, as things stand: asked for once, for it costs the cloud a listing. */
import { useCallback, useEffect, useState } from 'preact/hooks'
import { type ApiError, fetchData, withQuery } from '../api/client.ts'
import type { NextAction, Preview } from '../api/types.ts'

export interface Counted {
  /** The last good answer; `null` until there is one. */
  preview: Preview | null
  error: ApiError | null
  recount(): void
}

type DueAct = Pick<NextAction, 'policyId' | 'action' | 'at'>

export function usePreview({ policyId, action, at }: DueAct): Counted {
  const key = `${policyId} ${action} ${at}`
  const [known, setKnown] = useState<{ key: string; preview: Preview | null; error: ApiError | null }>()
  const [round, setRound] = useState(0)
  const recount = useCallback(() => setRound(one => one + 1), [])
  useEffect(() => {
    const ended = new AbortController()
    const path = withQuery(`/v1/policies/${policyId}/preview`, { action })
    fetchData<Preview>({ method: 'POST', path, signal: ended.signal }).then(
      preview => setKnown({ key, preview, error: null }),
      error => {
        if (!ended.signal.aborted) setKnown({ key, preview: null, error })
      },
    )
    return () => ended.abort()
  }, [key, round])
  const isCurrent = known?.key === key
  return { preview: isCurrent ? known.preview : null, error: isCurrent ? known.error : null, recount }
}
