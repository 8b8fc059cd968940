import { useState } from 'preact/hooks'
import { withQuery } from '../../api/client.ts'
import type { Change, Page } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Empty } from '../../parts/card.tsx'
import { Loaded } from '../../parts/problem.tsx'
import { When } from '../../parts/when.tsx'
import { Fold } from '../fold.tsx'

/** How many are shown at first, and after each wish for more. */
const LIMITS = [20, 200, 1000]

const WORDS: Record<Change['what'], string> = {
  created: 'created',
  edited: 'edited',
  deleted: 'deleted',
  snoozed: 'snoozed',
  'snooze-ended': 'ended the snooze',
  delayed: 'delayed a stop',
}

interface HistoryProps {
  /** The path of a thing that is changed, such as `/v1/policies/nightly-dev`. */
  of: string
  /** What else its changes are asked by. */
  query?: Record<string, string>
}

export function ChangeHistory(props: HistoryProps) {
  return (
    <section class="card" aria-label="History of changes">
      <Fold title="History of changes">{() => <Changes {...props} />}</Fold>
    </section>
  )
}

function Changes({ of, query = {} }: HistoryProps) {
  const [step, setStep] = useState(0)
  const shown = useAnswer<Page<Change>>(withQuery(`${of}/changes`, { ...query, limit: LIMITS[step] }))
  return (
    <Loaded shown={shown}>
      {({ items, nextCursor }) => (
        <>
          {items.length === 0 && <Empty>Nobody has changed it yet.</Empty>}
          <ol class="plain">
            {items.map(change => (
              <ChangeLine key={change.at} change={change} />
            ))}
          </ol>
          {nextCursor !== null && step < LIMITS.length - 1 && (
            <button type="button" onClick={() => setStep(step + 1)}>
              Show more
            </button>
          )}
        </>
      )}
    </Loaded>
  )
}

function ChangeLine({ change: { at, actor, what, fields } }: { change: Change }) {
  return (
    <li>
      <When at={at} /> <strong>{actor}</strong> {WORDS[what]}
      {what !== 'created' && what !== 'deleted' && (
        <ul class="fields">
          {fields.map(({ path, before, after }) => (
            <li key={path}>
              <code>{path}</code> <span class="soft">was</span> <ShownValue value={before} />{' '}
              <span class="soft">is</span> <ShownValue value={after} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** A value of a document as its JSON; one that is not there says so. */
export const ShownValue = ({ value }: { value: unknown }) =>
  value === undefined ? <span class="soft">nothing</span> : <code>{JSON.stringify(value)}</code>
