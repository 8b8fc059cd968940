/** What was done just now, said once, also to those who cannot see it. */
import { useEffect, useState } from 'preact/hooks'
import { type ApiRequest, fetchData } from '../api/client.ts'
import { reloadAll, toApiError } from '../api/use-answer.ts'

interface Told {
  text: string
  undo?: { label: string; run(): void }
}

const notices = new EventTarget()
const SHOWN_MS = 10_000

export const tellDone = (told: Told): void =>
  void notices.dispatchEvent(new CustomEvent('told', { detail: told }))

/** Takes back what was done, and says so, or how it stands otherwise and why. */
export async function takeBack(request: ApiRequest, done: string, otherwise: string): Promise<void> {
  const text = await fetchData(request).then(
    () => done,
    error => `${otherwise}: ${toApiError(error).message}`,
  )
  tellDone({ text })
  reloadAll()
}

export function Notices() {
  const [told, setTold] = useState<Told | null>(null)
  useEffect(() => {
    const heard = (event: Event) => setTold((event as CustomEvent<Told>).detail)
    notices.addEventListener('told', heard)
    return () => notices.removeEventListener('told', heard)
  }, [])
  useEffect(() => {
    const timer = window.setTimeout(() => setTold(null), SHOWN_MS)
    return () => window.clearTimeout(timer)
  }, [told])
  return (
    <div class="notices" role="status">
      {told && (
        <p>
          {told.text}{' '}
          {told.undo && (
            <button
              type="button"
              class="link"
              onClick={() => {
                told.undo!.run()
                setTold(null)
              }}
            >
              {told.undo.label}
            </button>
          )}
        </p>
      )}
    </div>
  )
}
