/** What a policy would do now: asked by POST, for its body may be a policy that is not saved. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { type ApiError, type ApiRequest, fetchData } from '../api/client.ts'
import type { Preview } from '../api/types.ts'
import { toApiError, useReloads } from '../api/use-answer.ts'

type PreviewRequest = Pick<ApiRequest, 'path' | 'body'>

interface PreviewAnswer {
  /** The last good one; it stays while a later one is on its way, or failed. */
  data: Preview | null
  /** Which request `data` answers. */
  key: string | null
  error: ApiError | null
  isBusy: boolean
}

export interface PreviewShown extends PreviewAnswer {
  /** `data` answers an earlier request than the one asked now. */
  isOld: boolean
  reload(): void
}

const NOT_ASKED: PreviewAnswer = { data: null, key: null, error: null, isBusy: false }

/** Asks at once for the first time, and `waitMs` after the latest change from then on; `null` asks nothing. */
export function usePreviewOf(request: PreviewRequest | null, waitMs = 0): PreviewShown {
  const [shown, setShown] = useState(NOT_ASKED)
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound(one => one + 1), [])
  const isFirst = useRef(true)
  const key = request === null ? null : JSON.stringify([request.path, request.body])
  useReloads(reload)
  useEffect(() => {
    if (request === null) {
      setShown(before => ({ ...before, error: null, isBusy: false }))
      return
    }
    const ended = new AbortController()
    const { signal } = ended
    const ask = async () => {
      const answer = await fetchData<Preview>({ ...request, method: 'POST', signal }).then(
        data => ({ data, key, error: null }),
        error => ({ error: toApiError(error) }),
      )
      if (!signal.aborted) setShown(before => ({ ...before, ...answer, isBusy: false }))
    }
    setShown(before => ({ ...before, isBusy: true }))
    const timer = window.setTimeout(ask, isFirst.current ? 0 : waitMs)
    isFirst.current = false
    return () => {
      ended.abort()
      window.clearTimeout(timer)
    }
  }, [key, round])
  return { ...shown, isOld: shown.data !== null && shown.key !== key, reload }
}
