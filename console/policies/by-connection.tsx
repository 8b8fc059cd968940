/** A preview over several connections: what comes from each, and which could not be read. */
import type { Preview } from '../api/types.ts'
import { hrefTo } from '../router.ts'
import { countText } from '../words/run.ts'
import { Fold } from './fold.tsx'

/** Connections that could not be read are in no sum. */
export function NotReached({ preview: { unreachable = [] } }: { preview: Preview }) {
  if (unreachable.length === 0) return null
  return (
    <div class="problem">
      <p>
        <strong class="bad">Not counted:</strong> {countText(unreachable.length, 'connection')} could not be
        read.
      </p>
      <ul class="plain tight">
        {unreachable.map(({ connection, reason }) => (
          <li key={connection}>
            <a href={hrefTo(['connections', connection])}>{connection}</a> <span class="soft">{reason}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** What of the whole comes from each of several connections. */
export function ByConnection({
  preview: { connections = [] },
  action,
}: {
  preview: Preview
  action: 'stop' | 'start'
}) {
  if (connections.length === 0) return null
  return (
    <Fold title={`By connection: ${connections.length}`}>
      {() => (
        <ul class="plain tight">
          {connections.map(({ connection, targets, matched, blockedBy }) => (
            <li key={connection}>
              <a href={hrefTo(['connections', connection])}>{connection}</a>{' '}
              <span class="soft">
                {`would ${action} ${targets.toLocaleString()} of ${matched.toLocaleString()}`}
                {blockedBy !== null && `; blocked: ${blockedBy}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Fold>
  )
}
