/** What would be done, asked of the API before anybody is asked to do it. */
import { useEffect, useState } from 'preact/hooks'
import { type ApiError, type ApiRequest, fetchData } from '../../api/client.ts'
import type { Run } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { hasEnded } from '../../words/run.ts'

interface Posted<T> {
  data: T | null
  error: ApiError | null
  retry(): void
}

interface Settled<T> {
  key: string
  data: T | null
  error: ApiError | null
}

/** The answer to a request that changes nothing, sent once and again when it becomes another one. */
export function usePosted<T>(request: Pick<ApiRequest, 'path' | 'body'>): Posted<T> {
  const [round, setRound] = useState(0)
  const key = `${round} ${JSON.stringify(request)}`
  const [settled, setSettled] = useState<Settled<T>>({ key, data: null, error: null })
  useEffect(() => {
    const ended = new AbortController()
    fetchData<T>({ method: 'POST', ...request, signal: ended.signal }).then(
      data => setSettled({ key, data, error: null }),
      error => !ended.signal.aborted && setSettled({ key, data: null, error }),
    )
    return () => ended.abort()
  }, [key])
  const { data, error } = settled.key === key ? settled : { data: null, error: null }
  return { data, error, retry: () => setRound(one => one + 1) }
}

const LOOK_MS = 1000

/** A dry run, once it has ended: its outcomes tell of each server whether it would be asked. */
export function useDryRun(request: Pick<ApiRequest, 'path' | 'body'>): Posted<Run> {
  const made = usePosted<Run>(request)
  const path = made.data === null ? null : `/v1/runs/${encodeURIComponent(made.data.id)}`
  const shown = useAnswer<Run>(path, run => (run !== null && hasEnded(run) ? null : LOOK_MS))
  const run = shown.data !== null && hasEnded(shown.data) ? shown.data : null
  const error = made.error ?? (shown.data === null ? shown.error : null)
  return { data: run, error, retry: made.error === null ? shown.reload : made.retry }
}

/** A request that is sent twice under one key is one request. */
export function newRequestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `console-${[...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
}
