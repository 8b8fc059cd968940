/** The token that the API asks for: kept for this tab, never in an address, never longer. */

import { decodePart } from '../router.ts'

const KEY = 'curfew-token'

/**
 * Takes the token out of `#token=…`, the link that the terminal printed, and leaves no trace of it in the history.
 * Returns whether there was one.
 */
export function takeTokenFromAddress(): boolean {
  const given = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (given === undefined) return false
  keepToken(decodePart(given))
  history.replaceState(null, '', '#/')
  return true
}

export const readToken = (): string | null => sessionStorage.getItem(KEY)

export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token)
