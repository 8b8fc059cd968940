/** Who would be stopped or started now, who not and why, when it is due, and what gives pause. */
import type { Policy, Preview } from '../api/types.ts'
import { When } from '../parts/when.tsx'
import { hrefTo } from '../router.ts'
import { countText } from '../words/run.ts'
import { ByConnection, NotReached } from './by-connection.tsx'
import { Fold } from './fold.tsx'

type PreviewAction = Preview['dueTimes'][number]['action']
type Named = Preview['targets'][number]

/** A server of several connections says of which. */
function ServerLink({ server, connection }: { server: Named; connection: string | undefined }) {
  const { serverId, name, connection: own } = server
  const there = own ?? connection
  const text = name || serverId
  return (
    <>
      {there === undefined ? text : <a href={hrefTo(['servers', there, serverId])}>{text}</a>}
      {own !== undefined && <span class="soft"> {own}</span>}
    </>
  )
}

/** Names in a box that scrolls, each with the way to its own screen. */
export function ServerNames({
  servers,
  connection,
  total,
}: {
  servers: Named[]
  /** Of all of them, where each does not say its own. */
  connection?: string | undefined
  total: number
}) {
  const more = total - servers.length
  return (
    <div class="server-box">
      <ul>
        {servers.map(server => (
          <li key={`${server.connection} ${server.serverId}`}>
            <ServerLink server={server} connection={connection} />
          </li>
        ))}
        {more > 0 && <li class="soft">and {more.toLocaleString()} more</li>}
      </ul>
    </div>
  )
}

export function PreviewSummary({ preview, action }: { preview: Preview; action: PreviewAction }) {
  const { targets, matched, skipped } = preview.summary
  return (
    <>
      <p class="lead">
        {`Now it would ${action} `}
        <strong>{countText(targets, 'server')}</strong>
        {matched === targets
          ? '.'
          : ` of the ${matched.toLocaleString()} it matches; ${skipped.toLocaleString()} ${skipped === 1 ? 'is' : 'are'} left as they are.`}
      </p>
      {preview.blockedBy !== null && (
        <p class="problem">
          <strong class="bad">Blocked:</strong> {preview.blockedBy}
        </p>
      )}
      <NotReached preview={preview} />
    </>
  )
}

interface PreviewIn {
  preview: Preview
  connection: string | undefined
}

function SkippedByCode({ preview, connection }: PreviewIn) {
  const groups = Map.groupBy(preview.skipped, ({ code }) => code)
  const isCut = preview.skipped.length < preview.summary.skipped
  return (
    <ul class="plain">
      {isCut && <li class="soft">The first {preview.skipped.length.toLocaleString()} of them:</li>}
      {[...groups].map(([code, servers]) => (
        <li key={code}>
          <Fold title={`${code}: ${countText(servers.length, 'server')}`}>
            {() => (
              <div class="server-box">
                <ul>
                  {servers.map(server => (
                    <li key={`${server.connection} ${server.serverId}`}>
                      <ServerLink server={server} connection={connection} />{' '}
                      <span class="soft">{server.reason}</span>
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </Fold>
        </li>
      ))}
    </ul>
  )
}

function WarningList({ preview, connection }: PreviewIn) {
  const { warnings, warningCount } = preview
  if (warnings.length === 0) return null
  return (
    <>
      <h3>{countText(warningCount, 'warning')}</h3>
      <ul class="plain warnings">
        {warnings.map(({ code, message, servers }) => (
          <li key={`${code} ${message}`}>
            <span class="word part">{code}</span> {message}
            {servers && servers.length > 0 && (
              <Fold title={`${servers.length} of them by name`}>
                {() => <ServerNames servers={servers} connection={connection} total={servers.length} />}
              </Fold>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

interface PreviewProps {
  preview: Preview
  action: PreviewAction
  policy: Pick<Policy, 'connection'>
  /** The list is what one came for. */
  isWhoOpen?: boolean
}

export function PreviewBody({ preview, action, policy: { connection }, isWhoOpen = false }: PreviewProps) {
  const { summary, targets } = preview
  return (
    <>
      <PreviewSummary preview={preview} action={action} />
      {summary.targets > 0 && (
        <Fold title={`Who: ${countText(summary.targets, 'server')}`} isOpen={isWhoOpen}>
          {() => <ServerNames servers={targets} connection={connection} total={summary.targets} />}
        </Fold>
      )}
      <ByConnection preview={preview} action={action} />
      {summary.skipped > 0 && (
        <Fold title={`Who not, and why: ${countText(summary.skipped, 'server')}`}>
          {() => <SkippedByCode preview={preview} connection={connection} />}
        </Fold>
      )}
      <WarningList preview={preview} connection={connection} />
    </>
  )
}

interface NextTimesProps {
  preview: Preview
  timeZone: string
  /** The due time that one came for, if it is one of them. */
  at?: string | null
}

/** The next ten due times; those that will pass without a run say why. */
export function NextTimes({ preview, timeZone, at: chosen = null }: NextTimesProps) {
  if (preview.dueTimes.length === 0) return <p class="empty">It is never due.</p>
  return (
    <ol class="times">
      {preview.dueTimes.map(({ at, action, skippedBecause }) => (
        <li key={`${at} ${action}`} aria-current={at === chosen ? 'time' : undefined}>
          <span class="word">{action === 'stop' ? 'stop' : 'start'}</span>{' '}
          <When at={at} timeZone={timeZone} />
          {skippedBecause !== null && <span class="soft"> will be skipped: {skippedBecause}</span>}
        </li>
      ))}
    </ol>
  )
}

/** Chooses which of both is looked at. */
export function ActionChoice({
  action,
  onChoose,
}: {
  action: PreviewAction
  onChoose(action: PreviewAction): void
}) {
  return (
    <fieldset class="row choice">
      <legend class="unseen">What to look at</legend>
      {(['stop', 'start'] as const).map(one => (
        <button key={one} type="button" aria-pressed={one === action} onClick={() => onChoose(one)}>
          {one === 'stop' ? 'If it stopped now' : 'If it started now'}
        </button>
      ))}
    </fieldset>
  )
}
