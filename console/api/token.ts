/** The token that the API asks for: kept for this tab, never in an address, never longer. */

const KEY = 'curfew-token'

/** Takes the token out of `#token=…`, the link that the terminal printed, and leaves no trace of it in the history. */
export function takeTokenFromAddress(): void {
  const given = /^#token=([\x21-\x7e]+)$/.exec(location.hash)?.[1]
  if (given === undefined) return
  keepToken(decodeURIComponent(given))
  history.replaceState(null, '', '#/')
}

export const readToken = (): string | null => sessionStorage.getItem(KEY)

export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token)

export const forgetToken = (): void => sessionStorage.removeItem(KEY)
