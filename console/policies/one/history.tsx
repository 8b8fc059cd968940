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
}

/** Of a document at a path, such as `/v1/policies/nightly-dev`. */
export function ChangeHistory({ of }: { of: string }) {
  return (
    <section class="card" aria-label="History of changes">
      <Fold title="History of changes">{() => <Changes of={of} />}</Fold>
    </section>
  )
}

function Changes({ of }: { of: string }) {
  const [step, setStep] = useState(0)
  const shown = useAnswer<Page<Change>>(withQuery(`${of}/changes`, { limit: LIMITS[step] }))
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
