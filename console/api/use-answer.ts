/** An answer of the API that a screen shows and keeps fresh. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, sendRequest } from './client.ts'
import { signIn } from './session.ts'

interface Answer<T> {
  /** The last good answer; it stays while later requests fail. */
  data: T | null
  /** Why the latest request failed; `null` once one succeeds. */
  error: ApiError | null
  /** When `data` was last known to be current, ms since the epoch. */
  at: number | null
}

export interface Shown<T> extends Answer<T> {
  reload(): void
}

/** ms until the next request, by what is known; `null`: none by itself. */
type Every<T> = (data: T | null) => number | null

const MIN_RETRY_MS = 3000
const MAX_RETRY_MS = 60_000

const changes = new EventTarget()

/** After something was changed: every answer on the screen is asked for again. */
export const reloadAll = (): void => void changes.dispatchEvent(new Event('reload'))

const RELOADS: [EventTarget, string][] = [
  [changes, 'reload'],
  [signIn, 'done'],
]

/** Calls back whenever answers are to be asked for again: after a change, and after signing in. */
export function useReloads(reload: () => void): void {
  useEffect(() => {
    for (const [target, name] of RELOADS) target.addEventListener(name, reload)
    return () => {
      for (const [target, name] of RELOADS) target.removeEventListener(name, reload)
    }
  }, [reload])
}

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError(null, error instanceof Error ? error.message : String(error))

/** What is known of one path. */
interface Known<T> {
  path: string | null
  data: T | null
  etag: string | null
}

interface Watch<T> {
  known: Known<T>
  every: { current: Every<T> }
  show(answer: Partial<Answer<T>>): void
}

/** Asks now and then again while somebody looks; the returned function ends it. */
function watchAnswer<T>(path: string, { known, every, show }: Watch<T>): () => void {
  const ended = new AbortController()
  const { signal } = ended
  let timer: number | undefined
  let failures = 0
  const wait = (ms: number | null) => {
    if (ms !== null && !signal.aborted) timer = window.setTimeout(ask, ms)
  }
  const succeed = () => {
    failures = 0
    show({ data: known.data, error: null, at: Date.now() })
    wait(every.current(known.data))
  }
  const fail = (error: unknown) => {
    show({ error: toApiError(error) })
    if (every.current(known.data) !== null) wait(Math.min(MAX_RETRY_MS, MIN_RETRY_MS * 2 ** failures++))
  }
  async function ask(): Promise<void> {
    window.clearTimeout(timer)
    // Nobody looks: the answer is asked for as soon as somebody does.
    if (document.hidden) return
    try {
      const headers: Record<string, string> = known.etag === null ? {} : { 'if-none-match': known.etag }
      const { data, etag } = await sendRequest<T>({ path, headers, signal })
      Object.assign(known, { data: data ?? known.data, etag })
      if (!signal.aborted) succeed()
    } catch (error) {
      if (!signal.aborted) fail(error)
    }
  }
  document.addEventListener('visibilitychange', ask)
  void ask()
  return () => {
    ended.abort()
    window.clearTimeout(timer)
    document.removeEventListener('visibilitychange', ask)
  }
}

const NOTHING = { data: null, error: null, at: null }

/**
 * The answer to `GET path`, asked again `every` so many ms while the tab is seen, after a change, and with growing waits
 * after a failure. `null` as the path asks nothing.
 */
export function useAnswer<T>(path: string | null, every: Every<T> = () => null): Shown<T> {
  const [shown, setShown] = useState<Answer<T>>(NOTHING)
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound(one => one + 1), [])
  const known = useRef<Known<T>>({ path, data: null, etag: null })
  const wish = useRef(every)
  wish.current = every
  // Another thing is shown from now on: its answer may not be mistaken for the one before.
  const isOther = known.current.path !== path
  if (isOther) known.current = { path, data: null, etag: null }

  useReloads(reload)

  useEffect(() => {
    if (known.current.data === null) setShown(NOTHING)
    if (path === null) return
    const show = (answer: Partial<Answer<T>>) => setShown(before => ({ ...before, ...answer }))
    return watchAnswer(path, { known: known.current, every: wish, show })
  }, [path, round])

  return { ...(isOther ? NOTHING : shown), reload }
}
