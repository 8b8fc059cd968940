/** What the API would not do, or that it did not answer, where it happened. */
import type { ApiError } from '../api/client.ts'
import type { Shown } from '../api/use-answer.ts'
import { problemTitle } from '../words/problem.ts'
import { clockTime, ownZone } from '../words/time.ts'

/** An error in full, with what is wrong with each field. */
export function ProblemBox({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  return (
    <div class="problem" role="alert">
      <p>
        <strong class="bad">{problemTitle(error)}</strong> {error.message}
      </p>
      {error.fields.length > 1 && (
        <ul>
          {error.fields.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

/** Says that what is shown is older than it should be. */
export function StaleNote({ shown }: { shown: Shown<unknown> }) {
  if (shown.error === null || shown.at === null) return null
  return (
    <p class="stale" role="status">
      As of {clockTime(shown.at, ownZone())}: {shown.error.message}{' '}
      <button type="button" class="link" onClick={shown.reload}>
        Try again
      </button>
    </p>
  )
}

/** Shows an answer once it is there; until then that it is on its way, or why it is not. */
export function Loaded<T>({
  shown,
  children,
}: {
  shown: Shown<T>
  children: (data: T) => preact.ComponentChildren
}) {
  if (shown.data === null)
    return shown.error ? (
      <ProblemBox error={shown.error} retry={shown.reload} />
    ) : (
      <p class="loading" role="status">
        Loading …
      </p>
    )
  return (
    <>
      <StaleNote shown={shown} />
      {children(shown.data)}
    </>
  )
}
