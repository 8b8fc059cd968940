/**
 * Outcomes, a row each. The browser lays out and paints only the blocks of rows that are in sight; all of them can be
 * found in the page and read aloud.
 */
import { useMemo } from 'preact/hooks'
import type { Outcome, Run } from '../../api/types.ts'
import { ToneWord } from '../../parts/status-word.tsx'
import { hrefTo } from '../../router.ts'
import { formatDate, ownZone, zoneName } from '../../words/time.ts'
import { outcomeTone, outcomeWord } from '../outcome-words.ts'

const BLOCK_ROWS = 50

interface OutcomeTableProps {
  run: Pick<Run, 'connection'>
  outcomes: Outcome[]
  /** How many there are; `null`: that is not known yet. */
  total: number | null
}

export function OutcomeTable({ run, outcomes, total }: OutcomeTableProps) {
  const blocks = Array.from({ length: Math.ceil(outcomes.length / BLOCK_ROWS) }, (_, number) =>
    outcomes.slice(number * BLOCK_ROWS, (number + 1) * BLOCK_ROWS),
  )
  return (
    <table class="stacks outcomes" aria-rowcount={total === null ? -1 : total + 1}>
      <caption class="unseen">What became of each server</caption>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col">Server</th>
          <th scope="col">Outcome</th>
          <th scope="col">Why</th>
          <th scope="col">Mode</th>
          <th scope="col">{`Times (${zoneName(ownZone())})`}</th>
        </tr>
      </thead>
      {blocks.map((rows, number) => (
        <OutcomeBlock
          key={rows[0]!.serverId}
          rows={rows}
          before={number * BLOCK_ROWS}
          connection={run.connection}
        />
      ))}
    </table>
  )
}

interface OutcomeBlockProps {
  rows: Outcome[]
  /** How many rows stand before it. */
  before: number
  connection: string
}

/** Made once for its rows: a page that comes later, or a number that moves, touches none of it. */
function OutcomeBlock({ rows, before, connection }: OutcomeBlockProps) {
  return useMemo(
    () => (
      <tbody>
        {rows.map((outcome, place) => (
          // The row of titles is the first.
          <tr key={outcome.serverId} aria-rowindex={before + place + 2}>
            <OutcomeCells outcome={outcome} connection={connection} />
          </tr>
        ))}
      </tbody>
    ),
    [rows[0], rows.at(-1), rows.length, before, connection],
  )
}

function OutcomeCells({ outcome, connection }: { outcome: Outcome; connection: string }) {
  const { serverId, name, status, code, reason, mode } = outcome
  return (
    <>
      <td data-title="Server">
        <a href={hrefTo(['servers', connection, serverId])}>{name === '' ? serverId : name}</a>
      </td>
      <td data-title="Outcome">
        <ToneWord tone={outcomeTone(status)}>{outcomeWord(status)}</ToneWord>{' '}
        {code !== status && <span class="code">{code}</span>}
      </td>
      <td data-title="Why">
        {reason}
        <RequestIds outcome={outcome} />
      </td>
      <td data-title="Mode">{mode ?? '–'}</td>
      <td data-title="Times">
        <OutcomeTimes outcome={outcome} />
      </td>
    </>
  )
}

function RequestIds({ outcome: { jobId, requestId } }: { outcome: Outcome }) {
  if (jobId === null && requestId === null) return null
  return (
    <span class="ids">
      {jobId !== null && (
        <span>
          job <code>{jobId}</code>
        </span>
      )}
      {requestId !== null && (
        <span>
          request <code>{requestId}</code>
        </span>
      )}
    </span>
  )
}

const withSeconds = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
const Clock = ({ at }: { at: string }) => (
  <time dateTime={at} title={at}>
    {formatDate(at, { ...withSeconds, timeZone: ownZone() })}
  </time>
)

/** Who was up again when it was looked at once more says so: a stop that did not last. */
function OutcomeTimes({ outcome }: { outcome: Outcome }) {
  const { status, requestedAt, endedAt, restartedAt } = outcome
  return (
    <>
      {requestedAt !== null && (
        <span class="moment">
          requested <Clock at={requestedAt} />
        </span>
      )}
      <span class="moment">
        {outcomeWord(status)} <Clock at={endedAt} />
      </span>
      {restartedAt !== undefined && (
        <span class="moment part">
          up again by <Clock at={restartedAt} />
        </span>
      )}
    </>
  )
}
