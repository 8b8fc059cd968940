/** Exactly who will be stopped or started, before it is asked for. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { withQuery } from '../../api/client.ts'
import type { Outcome, Preview, Run } from '../../api/types.ts'
import { usePages } from '../../api/use-pages.ts'
import { ProblemBox } from '../../parts/problem.tsx'
import { ShowMore } from '../../parts/show-more.tsx'
import { hrefTo } from '../../router.ts'
import { countText } from '../../words/run.ts'

const PAGE_SIZE = 500

interface NameListProps {
  label: string
  servers: { serverId: string; name: string }[]
  children?: ComponentChildren
}

function NameList({ label, servers, children }: NameListProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section class="server-box" aria-label={label} tabIndex={0}>
      <ul>
        {servers.map(({ serverId, name }) => (
          <li key={serverId}>{name === '' ? serverId : name}</li>
        ))}
      </ul>
      {children}
    </section>
  )
}

/** The servers of a run with an outcome of that status and code, all of them as one scrolls. */
export function HitsOfRun({ runId, filter }: { runId: string; filter: { status: string; code?: string } }) {
  const path = `/v1/runs/${encodeURIComponent(runId)}/servers`
  const pages = usePages<Outcome>(withQuery(path, { ...filter, limit: PAGE_SIZE }), {
    keyOf: ({ serverId }) => serverId,
  })
  const { data, error, reload } = pages.first
  if (data === null && error !== null) return <ProblemBox error={error} retry={reload} />
  return (
    <NameList label="Which servers" servers={pages.items}>
      <ShowMore pages={pages} when="seen" />
    </NameList>
  )
}

export function HitsOfPreview({ preview: { summary, targets } }: { preview: Preview }) {
  const more = summary.targets - targets.length
  return (
    <>
      <NameList label="Which servers" servers={targets} />
      {more > 0 && (
        <p class="hint">{`And ${countText(more, 'more server')}: a dry run lists all of them.`}</p>
      )}
    </>
  )
}

/** How many are left, by the code that says why. */
export function LeftText({ codes }: { codes: Run['codes'] }) {
  const left = Object.entries(codes).filter(([key, count]) => count > 0 && key !== 'skipped/dry-run')
  if (left.length === 0) return null
  const words = left.map(([key, count]) => `${count.toLocaleString()} ${key.split('/')[1]}`)
  return <p class="soft">{`Left as they are: ${words.join(', ')}.`}</p>
}

/** A run that was made just now; the focus goes on at its link. */
export function MadeRun({ run: { id } }: { run: Run }) {
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => link.current?.focus(), [])
  return (
    <p role="status">
      It goes on by itself.{' '}
      <a ref={link} href={hrefTo(['runs', id])}>
        See the new run {id}
      </a>
    </p>
  )
}
