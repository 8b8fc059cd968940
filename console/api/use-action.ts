/** Something a person does: one request, what it answered or why it failed. */
import { useState } from 'preact/hooks'
import { type ApiError, type ApiRequest, fetchData } from './client.ts'
import { reloadAll } from './use-answer.ts'

interface Action {
  /** Whether its request is under way: its button waits. */
  isBusy: boolean
  error: ApiError | null
  /**
   * Sends the request, then has every answer on the screen asked for again. `null`: it failed, and `error` says why. An
   * answer without a body is an empty object.
   */
  send<T>(request: ApiRequest): Promise<T | null>
  /** Forgets the error. */
  clear(): void
}

export function useAction(): Action {
  const [state, setState] = useState<{ isBusy: boolean; error: ApiError | null }>({
    isBusy: false,
    error: null,
  })
  return {
    ...state,
    clear: () => setState({ isBusy: false, error: null }),
    send: async <T>(request: ApiRequest) => {
      setState({ isBusy: true, error: null })
      try {
        const data = await fetchData<T>(request)
        setState({ isBusy: false, error: null })
        reloadAll()
        return data ?? ({} as T)
      } catch (error) {
        setState({ isBusy: false, error: error as ApiError })
        return null
      }
    },
  }
}
