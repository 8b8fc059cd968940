/** Asks again for what is too dear to be asked for each minute. */
import { useEffect, useRef } from 'preact/hooks'

/** Reloads once the sign is another one: at once, or when the tab is seen again. */
export function useFresh(sign: string, reload: () => void): void {
  const before = useRef(sign)
  useEffect(() => {
    if (before.current === sign || document.hidden) return
    before.current = sign
    reload()
  })
}
