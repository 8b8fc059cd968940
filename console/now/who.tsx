/** Exactly whom the next stop or start is about, and whom not. */
import { useEffect } from 'preact/hooks'
import type { NextAction, Preview } from '../api/types.ts'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { hrefTo } from '../router.ts'
import { countText } from '../words/run.ts'
import type { Counted } from './use-preview.ts'
import { codeWords } from './words.ts'

interface WhoProps {
  next: NextAction
  counted: Counted
  onClose(): void
}

export function Who({ next, counted: { preview, error, recount }, onClose }: WhoProps) {
  // The fleet may have changed since it was counted.
  useEffect(recount, [recount])
  const verb = next.action === 'stop' ? 'stop' : 'start'
  return (
    <Dialog title={`Whom ${next.policyId} would ${verb}, as of now`} onClose={onClose}>
      {error && <ProblemBox error={error} retry={recount} />}
      {preview ? (
        <Lists next={next} preview={preview} />
      ) : (
        !error && (
          <p class="loading" role="status">
            Asking the cloud …
          </p>
        )
      )}
    </Dialog>
  )
}

/** Says of a list that it is cut short. */
const Cut = ({ shown, all }: { shown: number; all: number }) =>
  shown < all ? (
    <p class="hint">
      The first {countText(shown, 'server')} of {all.toLocaleString()}.
    </p>
  ) : null

type LeftServer = Preview['skipped'][number]

const ServerLink = ({ next, server }: { next: NextAction; server: Preview['targets'][number] }) => (
  <a href={hrefTo(['servers', next.connection, server.serverId])}>{server.name}</a>
)

const leftColumns = (next: NextAction): Column<LeftServer>[] => [
  { title: 'Server', cell: server => <ServerLink next={next} server={server} /> },
  { title: 'Why', cell: ({ code, reason }) => reason || codeWords(code) },
]

function Lists({ next, preview }: { next: NextAction; preview: Preview }) {
  const { targets, skipped, summary, warnings, blockedBy } = preview
  const verb = next.action === 'stop' ? 'stopped' : 'started'
  return (
    <>
      {blockedBy !== null && (
        <p>
          <strong class="bad">It would do nothing:</strong> {blockedBy}
        </p>
      )}
      {warnings.map(({ code, message }) => (
        <p key={`${code} ${message}`}>
          <strong class="part">Warning:</strong> {message}
        </p>
      ))}
      <h3>
        {summary.targets.toLocaleString()} would be {verb}
      </h3>
      <ul class="names">
        {targets.map(server => (
          <li key={server.serverId}>
            <ServerLink next={next} server={server} />
          </li>
        ))}
      </ul>
      <Cut shown={targets.length} all={summary.targets} />
      {summary.skipped > 0 && (
        <>
          <h3>{summary.skipped.toLocaleString()} would be left alone</h3>
          <Table
            caption="Servers that would be left alone"
            columns={leftColumns(next)}
            rows={skipped}
            keyOf={({ serverId }) => serverId}
          />
          <Cut shown={skipped.length} all={summary.skipped} />
        </>
      )}
    </>
  )
}
